import { assert } from "@std/assert";
import fc from "fast-check";
import { socket } from "../mod.ts";
import { type Net, testEach } from "./transports.ts";

// Wrong calls, in any order and with any arguments, raise an OSError, a
// TypeError or a RangeError, and no error of Deno or Node.

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SO_ERROR, SO_KEEPALIVE } = socket;

/** Methods of a socket, but for those with a program's own effects. */
const methods = [
  ..."accept bind close connect connect_ex detach dup fileno getblocking".split(
    " ",
  ),
  ..."getpeername getsockname getsockopt gettimeout listen recv recv_into"
    .split(
      " ",
    ),
  ..."send sendall setblocking setsockopt settimeout shutdown toString".split(
    " ",
  ),
] as (keyof socket.Socket & string)[];

const functions = [
  ..."close create_connection create_server dup fromfd socket".split(" "),
  ..."getdefaulttimeout has_dualstack_ipv6 setdefaulttimeout".split(" "),
] as (keyof typeof socket)[];

const host = fc.constantFrom<unknown>(
  ...["127.0.0.1", "::1", "localhost", "", "127.0.0.1 ", "..", "%", null, 7],
);

const port = fc.constantFrom<unknown>(0, 1, "1", -1, 65536, 0.5, null, "open");

const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[undefined, null, true, false, NaN, Infinity, -Infinity, -1, 0, 1, 2, 3],
    ...[6, 41, 1.5, 2 ** 31 + 0.5, 2 ** 40, -(2 ** 53), "", "words", 5n],
    ...[Symbol("s"), () => 1, {}, [], Object.create(null), new Date(0)],
    ...[MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SO_ERROR, SO_KEEPALIVE],
  ),
  fc.nat(20).map((length) => new Uint8Array(length)),
  fc.constantFrom(2, 8).map((length) => new DataView(new ArrayBuffer(length))),
  fc.nat(9).map((length) => new Uint8Array(new SharedArrayBuffer(length))),
  fc.constant(0).map(() => {
    const buffer = new ArrayBuffer(8);
    const gone = new Uint8Array(buffer);
    buffer.transfer();
    return gone;
  }),
  fc.array(fc.oneof(host, port), { maxLength: 4 }),
  fc.tuple(host, port),
  fc.tuple(host, port),
);

const step = fc.record({
  target: fc.nat(5),
  method: fc.constantFrom(...methods),
  function: fc.option(fc.constantFrom(...functions), { freq: 4 }),
  args: fc.array(value, { maxLength: 4 }),
});

/** The outcomes of a number of calls. */
class Outcome {
  readonly sockets: socket.Socket[] = [];
  /** Descriptors without a socket. */
  readonly bare: number[] = [];
  /** Calls that have not ended yet. */
  readonly pending = new Map<Promise<void>, string>();
  /** Errors that no call may raise. */
  readonly wrong: unknown[] = [];

  call(name: string, act: () => unknown): void {
    try {
      const result = act();
      if (!(result instanceof Promise)) return this.#keep(name, result);
      const ended = result.then(
        (value) => this.#keep(name, value),
        (error) => this.#judge(error),
      ).finally(() => this.pending.delete(ended));
      this.pending.set(ended, name);
    } catch (error) {
      this.#judge(error);
    }
  }

  #keep(name: string, result: unknown): void {
    const made = Array.isArray(result) ? result[0] : result;
    if (made instanceof socket.Socket) this.sockets.push(made);
    else if (name === "detach" || name === "dup") {
      if (typeof made === "number" && made !== -1) this.bare.push(made);
    }
  }

  #judge(error: unknown): void {
    if (error instanceof socket.OSError) return;
    if (error instanceof TypeError || error instanceof RangeError) return;
    this.wrong.push(error);
  }

  async close(net: Net): Promise<void> {
    for (const s of this.sockets) s.close();
    for (const fd of this.bare) socket.close(fd);
    const ends = await net.ends(Promise.all(this.pending.keys()));
    assert(ends, `still waiting: ${[...this.pending.values()]}`);
    // The pending calls may have made more sockets.
    for (const s of this.sockets) s.close();
  }
}

testEach(
  "misuse raises OSError, TypeError or RangeError and nothing else",
  async (net) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const outcome = new Outcome();
        const { sockets } = outcome;
        const server = net.listener();
        sockets.push(net.socket(), net.socket(), server, ...await net.pair());
        const [, open] = server.getsockname();
        for (const { target, method, function: name, args } of steps) {
          const given = args.map((arg) =>
            Array.isArray(arg) ? arg.map((x) => x === "open" ? open : x) : arg
          );
          if (name === null) {
            const s = sockets[target % sockets.length]!;
            const act = s[method] as (...args: unknown[]) => unknown;
            outcome.call(method, () => act.apply(s, given));
          } else {
            // The number of a descriptor may be another test's.
            if (typeof given[0] === "number" && name !== "socket") {
              given[0] = -1;
            }
            if (given.length > 3) given[3] = -1;
            const act = socket[name] as (...args: unknown[]) => unknown;
            outcome.call(name, () => act(...given));
            socket.setdefaulttimeout(null);
          }
        }
        await net.tick();
        await outcome.close(net);
        assert(outcome.wrong.length === 0, Deno.inspect(outcome.wrong));
      }),
      { numRuns: 300, endOnFailure: true },
    );
  },
);
