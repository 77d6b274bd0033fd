/**
 * A model of two connected stream sockets, which it drives and watches.
 *
 * Whatever a socket does is compared with what the model allows: bytes come in
 * their order, none is lost and none comes twice; what is said to be ready is,
 * and what is ready is said to be.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import * as errno from "../errno.ts";
import * as select from "../select/mod.ts";
import * as socket from "../socket/mod.ts";
import { rejects } from "./raises.ts";
import { pattern } from "./traffic.ts";
import { native } from "./transports.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_WR } = socket;
const { POLLERR, POLLHUP, POLLIN, POLLOUT } = select;

type Socket = socket.Socket;
type Bytes = Uint8Array<ArrayBuffer>;

/** Which of the two sockets. */
export type Side = 0 | 1;

/** A number of bytes that the system surely takes without a reader. */
const TAKEN = 64 * 1024;
/** Milliseconds after which a call hangs. */
const PATIENCE = 10_000;
/** Seconds after which waiting for what is there has failed. */
const SOON = 5;
/** How often a call may report that it would block though there is data. */
const TRIES = 100_000;

/** The result of a call, or the number of its error. */
interface Outcome<T> {
  value?: T;
  code?: number | null;
}

/** The bytes from one side to the other. */
class Way {
  readonly #first: number;
  sent = 0;
  received = 0;
  /** No more will be sent. */
  ended = false;
  /** The reader wants no more. */
  shut = false;
  /** A reset may throw bytes away, and end the way any time. */
  broken = false;
  /** Bytes that the sender may queue. */
  limit = 256 * 1024;

  constructor(first: number) {
    this.#first = first;
  }

  /** Bytes on their way. */
  get pending(): number {
    return this.sent - this.received;
  }

  /** A reader doesn't have to wait. */
  get readable(): boolean {
    return this.pending > 0 || this.ended || this.shut;
  }

  /** The bytes to be sent next. */
  next(count: number): Bytes {
    return pattern(count, this.#first + this.sent);
  }

  /** Compares what came with what was sent. */
  check(data: Bytes): void {
    const { received, pending } = this;
    assert(data.length <= pending, `${data.length} bytes of ${pending} came`);
    const expected = pattern(data.length, this.#first + received);
    const wrong = data.findIndex((byte, i) => byte !== expected[i]);
    assertEquals(wrong, -1, `a wrong byte behind ${received + wrong}`);
    if (data.length > 0 || this.shut || this.broken) return;
    assert(this.ended && pending === 0, `the end before ${pending} bytes`);
  }
}

/** Both sockets, and what is true of them. */
export class Model implements Disposable {
  readonly #sockets: readonly [Socket, Socket];
  readonly #coarse: boolean;
  readonly #ways: readonly [Way, Way] = [new Way(0), new Way(125)];
  readonly #poll: select.Poll<Socket> | null;
  /** A `recv()` that waits. */
  readonly #receiving: (Promise<Outcome<Bytes>> | null)[] = [null, null];
  /** A `select()` that waits. */
  readonly #selecting: (Promise<Outcome<number>> | null)[] = [null, null];

  /**
   * @param registered Both sockets are registered all the time.
   * @param coarse Room is told of in steps.
   */
  constructor(
    sockets: readonly [Socket, Socket],
    registered: boolean,
    coarse = false,
  ) {
    this.#coarse = coarse;
    this.#sockets = sockets;
    this.#poll = registered ? select.poll<Socket>() : null;
    for (const s of sockets) this.#poll?.register(s, POLLIN | POLLOUT);
  }

  #out(side: Side): Way {
    return this.#ways[side];
  }

  #in(side: Side): Way {
    return this.#ways[side === 0 ? 1 : 0];
  }

  // The steps of a program

  /** Sends; without waiting, unless the system surely takes it. */
  async send(side: Side, count: number, all: boolean): Promise<void> {
    const fits = this.#out(side).pending + count <= TAKEN;
    const { code } = await this.#send(side, count, fits && all, !fits);
    if (code !== errno.EAGAIN) return;
    const { limit, pending } = this.#out(side);
    assert(pending >= limit, "EAGAIN though there is room");
  }

  async #send(
    side: Side,
    count: number,
    all: boolean,
    hurry: boolean,
  ): Promise<Outcome<number>> {
    const s = this.#sockets[side];
    const way = this.#out(side);
    const data = way.next(count);
    const result = await outcome(
      all
        ? s.sendall(data).then(() => count)
        : s.send(data, hurry ? MSG_DONTWAIT : 0),
    );
    // The caller may change the buffer once the call has ended.
    data.fill(0);
    const { value, code } = result;
    if (s.closed) {
      assertEquals(code, errno.EBADF);
    } else if (value !== undefined) {
      assert(!way.ended || way.broken, "sent behind the end");
      // Another thread hears of room in steps of a quarter.
      const steps = this.#coarse ? way.limit / 4 : 0;
      const room = Math.max(0, way.limit - way.pending - steps);
      assert(value > 0 && value <= count, `sent ${value} of ${count}`);
      assert(value >= Math.min(room, count), `sent ${value}, not ${room}`);
      way.sent += value;
      if (this.#sockets[side === 0 ? 1 : 0].closed) this.#break();
    } else if (code !== errno.EAGAIN) {
      const broken = code === errno.ECONNRESET || code === errno.EPIPE;
      // Data for another thread goes in parts, and may fail after the first.
      const parted = this.#coarse && count > way.limit;
      if (parted && this.#sockets[side === 0 ? 1 : 0].closed) this.#break();
      assert(
        way.broken ? broken : way.ended && code === errno.EPIPE,
        `send() failed: ${code}`,
      );
    }
    return result;
  }

  /** Receives, unless it would have to wait. */
  async recv(
    side: Side,
    count: number,
    flags: number,
    into: boolean,
  ): Promise<void> {
    const s = this.#sockets[side];
    const way = this.#in(side);
    if (this.#receiving[side]) return;
    if (s.closed || !way.readable) {
      const code = s.closed ? errno.EBADF : errno.EAGAIN;
      await rejects(code, receive(s, count, flags | MSG_DONTWAIT, into));
      return;
    }
    // It would wait for more than there is.
    if (!way.ended && count > way.pending) flags &= ~MSG_WAITALL;
    let result: Outcome<Bytes>;
    let tries = 0;
    do {
      assert(tries++ < TRIES, "EAGAIN though there is something");
      result = await outcome(receive(s, count, flags, into));
    } while (result.code === errno.EAGAIN);
    this.#received(side, result, (flags & MSG_PEEK) !== 0);
  }

  #received(side: Side, { value, code }: Outcome<Bytes>, peeked = false): void {
    const way = this.#in(side);
    if (value) {
      way.check(value);
      if (!peeked) way.received += value.length;
    } else if (this.#sockets[side].closed) {
      assertEquals(code, errno.EBADF);
    } else {
      assert(way.broken && code === errno.ECONNRESET, `recv() failed: ${code}`);
    }
  }

  /** Begins to receive, and lets that wait. */
  beginRecv(side: Side, count: number, into: boolean): void {
    const s = this.#sockets[side];
    if (s.closed || this.#receiving[side]) return;
    const timeout = s.gettimeout();
    s.settimeout(null);
    this.#receiving[side] = outcome(receive(s, count, 0, into));
    s.settimeout(timeout);
  }

  /** Begins to wait for a side to be readable, and lets that wait. */
  beginSelect(side: Side): void {
    const s = this.#sockets[side];
    if (s.closed) return;
    this.#selecting[side] ??= outcome(
      select.select([s], [], []).then(([readable]) => readable.length),
    );
  }

  /** Gives the received bytes to the waiting calls. */
  async settle(): Promise<void> {
    for (const side of [0, 1] as const) {
      const receiving = this.#receiving[side];
      const { closed } = this.#sockets[side];
      if (receiving && (closed || this.#in(side).readable)) {
        this.#received(side, await receiving);
        this.#receiving[side] = null;
      }
      const selecting = this.#selecting[side];
      if (selecting && (closed || this.#in(side).readable)) {
        const { value, code } = await selecting;
        assert(value === 1 || closed && code === errno.EBADF, "not selected");
        this.#selecting[side] = null;
      }
    }
  }

  /** Changes the mode. */
  mode(side: Side, timeout: number | null): void {
    const s = this.#sockets[side];
    if (!s.closed) s.settimeout(timeout);
  }

  /** Changes how much may be queued or read ahead. */
  limit(side: Side, name: number, value: number): void {
    const s = this.#sockets[side];
    if (s.closed) return;
    s.setsockopt(socket.SOL_SOCKET, name, value);
    if (name === socket.SO_SNDBUF) this.#out(side).limit = value;
  }

  /** Closes one way or both. */
  async shutdown(side: Side, how: number): Promise<void> {
    const s = this.#sockets[side];
    const { code } = await outcome(attempt(() => s.shutdown(how)));
    if (s.closed) return assertEquals(code, errno.EBADF);
    // Bytes that nobody will receive make the peer reset the connection.
    const over = this.#ways.some((way) => way.shut) ||
      this.#ways.every((way) => way.broken || way.ended);
    if (code !== errno.ENOTCONN || !over) assertEquals(code, undefined);
    if (how !== SHUT_RD) this.#out(side).ended = true;
    if (how !== SHUT_WR) this.#in(side).shut = true;
    // The kernel resets such a connection when it gets more bytes.
    const both = this.#in(side).shut && this.#out(side).ended;
    if (native && both) this.#break();
  }

  /** Closes a side. */
  close(side: Side): void {
    const s = this.#sockets[side];
    if (s.closed) return;
    this.#poll?.unregister(s);
    s.close();
    // Then the system resets the connection.
    if (this.#in(side).pending > 0) this.#break();
    this.#out(side).ended = true;
    this.#in(side).shut = true;
  }

  #break(): void {
    for (const way of this.#ways) way.broken = true;
  }

  // Reported readiness

  /** Looks what is ready, and tries whether it is. */
  async look(side: Side, how: "select" | "poll" | "epoll"): Promise<void> {
    const s = this.#sockets[side];
    const [incoming, outgoing] = [this.#in(side), this.#out(side)];
    if (s.closed) {
      await rejects(errno.EBADF, select.select([s], [], [], 0));
      return;
    }
    const [readable, writable] = await this.#looks(s, how);
    if (readable) {
      assert(incoming.readable || incoming.broken, "readable for no reason");
    } else if (incoming.readable && !this.#receiving[side]) {
      const [late] = await select.select([s], [], [], SOON);
      assert(late.length === 1, "not readable");
    }
    if (!writable && !outgoing.broken) {
      const { ended, pending, limit } = outgoing;
      const full = this.#coarse || pending >= limit;
      assert(!ended && full, "not writable");
    }
    if (readable && !this.#receiving[side]) {
      const result = await outcome(s.recv(1, MSG_DONTWAIT));
      assert(result.code !== errno.EAGAIN, "readable, but recv() would block");
      this.#received(side, result);
    }
    if (writable) {
      const { code } = await this.#send(side, 1, false, true);
      assert(code !== errno.EAGAIN, "writable, but send() would block");
    }
  }

  async #looks(s: Socket, how: string): Promise<[boolean, boolean]> {
    if (how === "select") {
      const [readable, writable] = await select.select([s], [s], [s], 0);
      return [readable.length > 0, writable.length > 0];
    }
    using epoll = how === "epoll" ? select.epoll<Socket>() : null;
    epoll?.register(s);
    const p = epoll ?? this.#poll ?? select.poll<Socket>();
    if (!epoll && !this.#poll) p.register(s, POLLIN | POLLOUT);
    const found = (await p.poll(0)).find(([object]) => object === s);
    if (!epoll && !this.#poll) p.unregister(s);
    const mask = found?.[1] ?? 0;
    return [
      (mask & (POLLIN | POLLHUP | POLLERR)) !== 0,
      (mask & (POLLOUT | POLLERR)) !== 0,
    ];
  }

  // The end

  /** Ends both ways and takes in what is still on them. */
  async finish(): Promise<void> {
    for (const side of [0, 1] as const) {
      if (!this.#sockets[side].closed) await this.shutdown(side, SHUT_WR);
    }
    await this.settle();
    for (const side of [0, 1] as const) {
      const way = this.#in(side);
      this.mode(side, SOON);
      while (!this.#sockets[side].closed && !way.shut) {
        const before = way.received;
        await this.recv(side, 256 * 1024, 0, false);
        if (way.received > before) continue;
        if (!way.broken) assertEquals(way.received, way.sent);
        break;
      }
    }
    for (const side of [0, 1] as const) this.close(side);
    await this.settle();
  }

  /** Closes both sockets. */
  [Symbol.dispose](): void {
    for (const s of this.#sockets) s.close();
  }
}

async function receive(
  s: Socket,
  count: number,
  flags: number,
  into: boolean,
): Promise<Bytes> {
  if (!into) return await s.recv(count, flags);
  const buffer = new Uint8Array(count);
  return buffer.subarray(0, await s.recv_into(buffer, 0, flags));
}

/** The outcome of a function, as a promise. */
function attempt<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}

/** The outcome of a call; raises if it hangs or its error is no `OSError`. */
async function outcome<T>(call: Promise<T>): Promise<Outcome<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<never>((_, reject) => {
    const error = new Error("the call hangs");
    timer = setTimeout(() => reject(error), PATIENCE);
  });
  try {
    return { value: await Promise.race([call, hangs]) };
  } catch (error) {
    if (error instanceof socket.OSError) return { code: error.errno };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
