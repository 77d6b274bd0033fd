import { assert, assertEquals } from "@std/assert";
import * as c from "../socket/constants.ts";
import {
  closeDescriptor,
  endpointOf,
  openDescriptor,
} from "../socket/descriptors.ts";
import { OSError } from "../socket/errors.ts";
import type { Link } from "../socket/link/link.ts";
import type { Op } from "../socket/link/records.ts";
import { handOver, takeOver } from "../socket/transport/handover.ts";
import type { Departure } from "../socket/transport/transport.ts";
import { Channel } from "../socket/transport/relay/channel.ts";
import { POLLIN, POLLOUT } from "../socket/reactor/events.ts";
import type { Watch } from "../socket/reactor/readiness.ts";
import type { Endpoint } from "../socket/transport/transport.ts";
import { test } from "./cases.ts";
import { MemoryEndpoint } from "./memory_transport.ts";

// Both halves of the relay run in this thread, over a link that delivers when
// the test says so. A socket wanders between the two threads while a peer
// sends and receives, and each byte is compared with a model of the stream.

// deno test tests/relay_model_test.ts -- 20000 1 plays 20,000 rounds from seed 1 on.
const [ROUNDS = 1500, FIRST] = Deno.args.map(Number);
/** Steps of a round, at most. */
const STEPS = 80;

/** Random numbers that a seed determines. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) % limit;
  }

  /** One of some values. */
  of<T>(...values: T[]): T {
    return values[this.below(values.length)]!;
  }
}

type Delivery =
  | [op: Op, id: number, a: number, b: number, payload: Uint8Array]
  | Pick<Departure, "kind" | "message">;

/** One end of the connection between two threads. */
class Side {
  readonly incoming: Delivery[] = [];
  readonly channel: Channel;
  other!: Side;
  answer: unknown;
  dead = false;
  /** Gets the descriptor of a socket that was handed over. */
  arrived: (fd: number) => void = () => {};

  constructor(readonly name: string, blocks: boolean) {
    // deno-lint-ignore no-this-alias -- the link below has a `this` of its own
    const side = this;
    const link = {
      send(
        op: Op,
        id: number,
        a = 0,
        b = 0,
        payload: Uint8Array = new Uint8Array(0),
      ) {
        if (side.dead) return;
        side.other.incoming.push([op, id, a, b, payload.slice()]);
      },
      call(op: Op, id: number, payload: Uint8Array) {
        this.send(op, id, 0, 0, payload);
        side.other.deliver(Infinity);
        return side.other.answer;
      },
      answer(value: unknown) {
        side.answer = JSON.parse(JSON.stringify(value));
      },
      poll() {
        side.deliver(Infinity);
      },
      close() {},
    };
    this.channel = new Channel(link as unknown as Link, {
      blocks,
      hold() {},
    });
  }

  /** Delivers the next records. */
  deliver(count: number): void {
    while (count-- > 0 && this.incoming.length > 0) {
      const next = this.incoming.shift()!;
      if (Array.isArray(next)) this.channel.receive(...next);
      else this.arrived(takeOver(next, this.channel));
    }
  }

  /** Hands a descriptor over to the other side. */
  hand(fd: number): void {
    const { kind, message, send } = handOver(fd, this.channel);
    const copy = structuredClone({ kind, message });
    this.other.incoming.push(copy);
    send();
  }
}

/** The ends of the connection between the main thread and another one. */
function sides(name: string): [main: Side, thread: Side] {
  const main = new Side("main", false);
  const thread = new Side(name, true);
  main.other = thread;
  thread.other = main;
  return [main, thread];
}

/** The byte at a place of a stream. */
function byteAt(place: number): number {
  return place * 7 + (place >> 8) & 255;
}

/** The bytes of one direction of the stream. */
class Direction {
  sent = 0;
  received = 0;
  ended = false;

  /** The next bytes to send. */
  next(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, (_, i) => byteAt(this.sent + i));
  }

  /** Bytes were received, or only looked at. */
  check(bytes: Uint8Array, seen = false): void {
    const end = this.received + bytes.length;
    assert(end <= this.sent, `byte ${this.sent} was never sent`);
    for (let i = 0; i < bytes.length; i++) {
      const place = this.received + i;
      if (bytes[i] !== byteAt(place)) throw new Error(`byte ${place} is wrong`);
    }
    if (!seen) this.received += bytes.length;
  }
}

/** A socket that wanders, and its peer. */
class Round {
  readonly random: Random;
  /** The main thread's ends, and those of the two others. */
  readonly main: [Side, Side];
  readonly threads: [Side, Side];
  readonly peer: MemoryEndpoint;
  readonly inward = new Direction();
  readonly outward = new Direction();
  readonly owner: Side;
  /** Where the socket is; `null` while it is on its way. */
  place: { side: Side; fd: number } | null;
  #watch: Watch | null = null;
  log: string[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    const [[main1, thread1], [main2, thread2]] = [sides("1"), sides("2")];
    this.main = [main1, main2];
    this.threads = [thread1, thread2];
    const [mine, peer] = MemoryEndpoint.pair();
    mine.setsockopt(c.SOL_SOCKET, c.SO_RCVBUF, this.random.of(64, 1000, 65536));
    mine.setsockopt(c.SOL_SOCKET, c.SO_SNDBUF, this.random.of(64, 1000, 65536));
    peer.setsockopt(c.SOL_SOCKET, c.SO_RCVBUF, this.random.of(100, 5000));
    this.peer = peer;
    this.owner = this.random.of(main1, thread1);
    this.place = { side: this.owner, fd: openDescriptor(mine) };
    for (const side of this.#ends) {
      side.arrived = (fd) => {
        assertEquals(this.place, null);
        this.place = { side, fd };
      };
    }
  }

  get #ends(): Side[] {
    return [...this.main, ...this.threads];
  }

  /** Some of what is under way arrives. */
  deliver(count: number): void {
    for (const side of this.#ends) side.deliver(count);
  }

  get socket(): Endpoint | null {
    return this.place && endpointOf(this.place.fd);
  }

  receive(socket: Endpoint): boolean {
    const count = 1 + this.random.below(3000);
    const kind = this.random.below(6);
    if (kind === 0) {
      const seen = socket.recv(count, c.MSG_PEEK);
      if (seen) this.inward.check(seen, true);
      return false;
    }
    let bytes: Uint8Array | undefined;
    if (kind === 1) {
      const buffer = new Uint8Array(count);
      const got = socket.recvInto(buffer, 0);
      bytes = got === undefined ? undefined : buffer.subarray(0, got);
    } else bytes = socket.recv(count, 0);
    if (!bytes) return false;
    if (kind === 2 && socket.putBack) {
      this.inward.check(bytes, true);
      socket.putBack(bytes as Uint8Array<ArrayBuffer>);
      return false;
    }
    if (bytes.length === 0) {
      assert(this.inward.ended, "the end came before the peer's");
      assertEquals(this.inward.received, this.inward.sent);
    }
    this.inward.check(bytes);
    return true;
  }

  send(socket: Endpoint): void {
    if (this.outward.ended) return;
    const data = this.outward.next(1 + this.random.below(4000));
    this.outward.sent += socket.send(data, 0) ?? 0;
  }

  watch(socket: Endpoint): void {
    if (this.#watch) socket.unwatch(this.#watch);
    this.#watch = null;
    if (this.random.below(3) === 0) return;
    const events = this.random.of(POLLIN, POLLOUT, POLLIN | POLLOUT);
    this.#watch = { events, lasting: true, wake() {} };
    socket.watch(this.#watch);
  }

  peerSends(): void {
    if (this.inward.ended) return;
    const data = this.inward.next(1 + this.random.below(3000));
    this.inward.sent += this.peer.send(data, 0) ?? 0;
  }

  peerReceives(): void {
    const bytes = this.peer.recv(1 + this.random.below(5000), 0);
    if (bytes?.length === 0) {
      assert(this.outward.ended, "the peer's end came too early");
      assertEquals(this.outward.received, this.outward.sent);
    }
    if (bytes) this.outward.check(bytes);
  }

  step(): void {
    const { random, socket, place } = this;
    const action = random.below(21);
    this.log.push(`${action}${place ? place.side.name[0] : "-"}`);
    if (action < 3) this.peerSends();
    else if (action < 6) this.peerReceives();
    else if (action < 10) random.of(...this.#ends).deliver(1 + random.below(4));
    else if (!socket || !place) return;
    else if (action < 13) this.receive(socket);
    else if (action < 16) this.send(socket);
    else if (action === 16) this.watch(socket);
    else if (action === 17) this.hand(place, socket);
    else if (action === 18) socket.settle?.(random.of(POLLIN, POLLOUT));
    else if (action === 19) this.ask(place, socket);
    else if (random.below(10) === 0 && !this.outward.ended) {
      this.outward.ended = true;
      socket.shutdown(c.SHUT_WR);
    } else if (random.below(10) === 0 && !this.inward.ended) {
      this.inward.ended = true;
      this.peer.shutdown(c.SHUT_WR);
    }
  }

  /** Calls a method whose answer overtakes what is under way. */
  ask({ side }: { side: Side }, socket: Endpoint): void {
    // The main thread can't wait for an answer.
    if (this.owner.name !== "main" && this.owner !== side) return;
    socket.setsockopt(c.SOL_SOCKET, c.SO_SNDBUF, this.random.of(64, 1000));
  }

  hand({ side, fd }: { side: Side; fd: number }, socket: Endpoint): void {
    if (this.#watch) socket.unwatch(this.#watch);
    this.#watch = null;
    this.place = null;
    // The main thread is connected with both, the others with that alone.
    const from = side.name === "main" ? this.random.of(...this.main) : side;
    from.hand(fd);
  }

  /** All that is under way arrives, and all that was sent is received. */
  async finish(): Promise<void> {
    if (!this.inward.ended) this.peer.shutdown(c.SHUT_WR);
    this.inward.ended = true;
    let left = 20_000;
    const watch = { events: POLLIN, lasting: true, wake() {} };
    let watched: Endpoint | null = null;
    let ended = false;
    while (!ended || this.outward.received < this.outward.sent) {
      assert(left-- > 0, "stuck");
      this.deliver(3);
      await null;
      const { socket } = this;
      if (socket && socket !== watched) socket.watch(watch);
      watched = socket;
      if (socket && !ended) {
        const bytes = socket.recv(4000, 0);
        if (bytes) this.inward.check(bytes);
        ended = bytes?.length === 0;
      }
      const bytes = this.peer.recv(4000, 0);
      if (bytes) this.outward.check(bytes);
    }
    assertEquals(this.inward.received, this.inward.sent);
    watched?.unwatch(watch);
    this.close();
    for (let i = 0; i < 100; i++) {
      this.deliver(10);
      await null;
    }
    let end: Uint8Array | undefined;
    for (let i = 0; i < 20 && !end; i++) end = this.peer.recv(1, 0);
    assertEquals(end?.length, 0, "the peer finds no end");
    this.peer.close();
  }

  close(): void {
    if (this.place) closeDescriptor(this.place.fd);
  }

  /** The first thread dies, with all that it had not read. */
  async kill(): Promise<void> {
    const [thread] = this.threads;
    const [main] = this.main;
    const lost = !this.place || this.place.side === thread ||
      this.owner === thread;
    thread.dead = true;
    thread.incoming.length = 0;
    main.channel.lose();
    for (let i = 0; i < 100; i++) {
      this.deliver(10);
      await null;
    }
    if (this.place && this.place.side !== thread) this.#use(lost);
    // The peer finds the end of what had left, or an error.
    this.close();
    if (this.owner === thread) return this.peer.close();
    for (let i = 0;; i++) {
      assert(i < 1000, "the peer of a dead thread finds no end");
      const bytes = this.peer.recv(5000, 0);
      if (bytes?.length === 0) break;
      if (bytes) this.outward.check(bytes);
      this.deliver(10);
      await null;
    }
    this.peer.close();
  }

  /** The socket still works, or fails as it should. */
  #use(lost: boolean): void {
    try {
      for (let i = 0; i < 10; i++) this.receive(this.socket!);
    } catch (error) {
      assert(lost && error instanceof OSError, String(error));
    }
  }
}

async function play(seed: number): Promise<void> {
  const round = new Round(seed);
  try {
    const steps = round.random.below(STEPS);
    for (let i = 0; i < steps; i++) {
      round.step();
      for (let turns = round.random.below(4); turns > 0; turns--) await null;
    }
    if (round.random.below(8) === 0) await round.kill();
    else await round.finish();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${round.log.join(" ")}`, { cause });
  }
}

test("a relayed stream that moves between threads loses no bytes, in any order of events", async () => {
  const first = FIRST ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
  for (let seed = first; seed < first + ROUNDS; seed++) await play(seed);
});
