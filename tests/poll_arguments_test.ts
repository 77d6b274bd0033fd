import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { Fake } from "./fake.ts";
import { hasPython, python } from "./oracle.ts";
import { throws } from "./raises.ts";
import { events } from "./which.ts";

const {
  EPOLL_CLOEXEC,
  EPOLLET,
  EPOLLIN,
  EPOLLONESHOT,
  POLLOUT,
} = select;

testIf(
  hasPython,
  "poll objects take what Python's take",
  async () => {
    // The name of a call and its arguments: "s" is a socket that is registered,
    // "t" is one that isn't.
    const calls: [string, ...unknown[]][] = [
      ["register", "s"],
      ["register", "s", 0],
      ["register", "s", 65535],
      ["register", "s", 65536],
      ["register", "s", -1],
      ["register", "s", "1"],
      ["register", "s", 1.5],
      ["register", "s", null],
      ["register", "s", true],
      ["register", "other"],
      ["register", null],
      ["register", {}],
      ["register", 1.5],
      ["modify", "s", 4],
      ["modify", "s", 65536],
      ["modify", "s", -1],
      ["modify", "s", "1"],
      ["modify", "s", null],
      ["modify", "t", 1],
      ["modify", "other", 1],
      ["modify", null, 1],
      ["unregister", "t"],
      ["unregister", "other"],
      ["unregister", null],
      ["unregister", "s"],
      ["unregister", "s"],
      ["poll", 0],
      ["poll", 0.5],
      ["poll", "1"],
      ["poll", {}],
      ["poll", [1]],
      ["poll", "NaN"],
    ];
    const theirs = await python<string[]>(
      `
import json, select, socket, sys
p = select.poll()
s, t = socket.socket(), socket.socket()
p.register(s)
def argument(a, call):
    if call == "poll": return float("nan") if a == "NaN" else a
    return {"s": s, "t": t}.get(a, a) if isinstance(a, str) else a
def result(call, *args):
    try: getattr(p, call)(*[argument(a, call) for a in args])
    except KeyError: return "RangeError"
    except OSError as e: return e.errno
    except TypeError: return "TypeError"
    except (ValueError, OverflowError): return "RangeError"
print(json.dumps([result(*c) for c in json.load(sys.stdin)]))
`,
      calls,
    );
    using s = socket.socket();
    using t = socket.socket();
    // deno-lint-ignore no-explicit-any
    const p: any = select.poll();
    p.register(s);
    const argument = (a: unknown, call: string) =>
      call === "poll"
        ? a === "NaN" ? NaN : a
        : a === "s"
        ? s
        : a === "t"
        ? t
        : a;
    for (const [i, [call, ...args]] of calls.entries()) {
      let ours: unknown = null;
      try {
        await p[call](...args.map((a) => argument(a, call)));
      } catch (error) {
        ours = error instanceof socket.OSError
          ? error.errno
          : (error as Error).name;
      }
      assertEquals([calls[i], ours], [calls[i], theirs[i]]);
    }
  },
);

test("refused registrations change nothing", async () => {
  const fake = new Fake(POLLOUT);
  const p = select.poll();
  p.register(fake, POLLOUT);
  assertThrows(() => p.register(fake, -1), RangeError);
  assertThrows(() => p.modify(fake, 65536), RangeError);
  assertThrows(() => p.register({} as Fake), TypeError);
  throws(errno.EBADF, () => p.register(-1));
  throws(errno.EBADF, () => p.register(1 << 20));
  assertEquals(events(await p.poll(0), { fake }), [["fake", POLLOUT]]);
  assertEquals([fake.watched, fake.watches.size], [1, 1]);
});

testIf(hasPython, "the constants are Linux's", async () => {
  const names = Object.keys(select).filter((name) => /^E?POLL/.test(name));
  assertEquals(names.length, 12 + 14 + 1);
  const theirs = await python<Record<string, number>>(
    "import json, select, sys;" +
      "print(json.dumps({n: getattr(select, n) for n in json.load(sys.stdin)}))",
    names,
  );
  const ours = select as unknown as Record<string, number>;
  assertEquals(Object.fromEntries(names.map((n) => [n, ours[n]])), theirs);
});

test("poll() makes a Poll, which is no promise", () => {
  const p = select.poll();
  assert(p instanceof select.Poll);
  assert(p.poll(0) instanceof select.Ready);
  assertStrictEquals((p as { then?: unknown }).then, undefined);
});
testIf(
  hasPython,
  "epoll objects take what Python's take",
  async () => {
    const calls: [string, ...unknown[]][] = [
      ["register", "s", 1],
      ["register", "s"],
      ["register", "s", 1],
      ["register", "t", "1"],
      ["register", "t", 1.5],
      ["register", "t", null],
      ["register", "other", 1],
      ["register", null, 1],
      ["register", {}, 1],
      ["modify", "s", 0],
      ["modify", "s", "1"],
      ["modify", "s", null],
      ["modify", "s", EPOLLET + EPOLLIN],
      ["modify", "s", EPOLLONESHOT],
      ["modify", "t", 1],
      ["modify", "other", 1],
      ["modify", 1 << 20, 1],
      ["unregister", "t"],
      ["unregister", "other"],
      ["unregister", null],
      ["unregister", 1 << 20],
      ["unregister", "s"],
      ["unregister", "s"],
      ["poll", 0],
      ["poll", 0.001],
      ["poll", "x"],
      ["poll", {}],
      ["poll", "NaN"],
      ["poll", 0, -1],
      ["poll", 0, 1],
      ["poll", 0, 0],
      ["poll", 0, -2],
      ["poll", 0, "1"],
      ["poll", 0, 1.5],
      ["poll", 0, null],
      ["new"],
      ["new", -1],
      ["new", 10],
      ["new", 0],
      ["new", -2],
      ["new", "1"],
      ["new", 1.5],
      ["new", -1, 0],
      ["new", -1, EPOLL_CLOEXEC],
      ["new", -1, "1"],
    ];
    const theirs = await python<unknown[]>(
      `
import json, select, socket, sys
ep = select.epoll()
s, t = socket.socket(), socket.socket()
def argument(a):
    if a == "NaN": return float("nan")
    return {"s": s, "t": t}.get(a, a) if isinstance(a, str) else a
def result(call, *args):
    act = select.epoll if call == "new" else getattr(ep, call)
    try: act(*map(argument, args))
    except OSError as e: return e.errno
    except TypeError: return "TypeError"
    except (ValueError, OverflowError): return "RangeError"
print(json.dumps([result(*c) for c in json.load(sys.stdin)]))
`,
      calls,
    );
    using s = socket.socket();
    using t = socket.socket();
    // deno-lint-ignore no-explicit-any
    using ep: any = select.epoll();
    const named: Record<string, unknown> = { s, t, NaN };
    const argument = (a: unknown) => typeof a === "string" ? named[a] ?? a : a;
    for (const [i, [call, ...args]] of calls.entries()) {
      let ours: unknown = null;
      try {
        if (call === "new") {
          // deno-lint-ignore no-explicit-any
          (select.epoll as any)(...args).close();
        } else await ep[call](...args.map(argument));
      } catch (error) {
        ours = error instanceof socket.OSError
          ? error.errno
          : (error as Error).name;
      }
      assertEquals([calls[i], ours], [calls[i], theirs[i]]);
    }
    assertThrows(() => select.epoll(-1, 1), socket.OSError);
  },
);
