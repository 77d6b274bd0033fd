/**
 * A queue's server and its clients in one thread, driven at random, against a
 * model of the queue.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { allocate, HEAD } from "../thread/memory.ts";
import { QueueClient } from "../thread/queue/client.ts";
import { COUNTERS, SharedCounters } from "../thread/queue/counters.ts";
import type {
  Prepared,
  QueueConfig,
  QueueKind,
  Reply,
  Request,
} from "../thread/queue/protocol.ts";
import { QueueServer, QueueSession } from "../thread/queue/server.ts";

/** Numbers from 0 up to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An item: its rank in a priority queue, and a number of its own. */
type Item = [rank: number, number: number];

/** Every third item moves; every eleventh turns out not to be able to. */
const moves = ([, number]: Item) => number % 3 === 0;
const sticks = ([, number]: Item) => number % 11 === 0;

/** An answer: client and id of the request, and the outcome. */
type Answer = `${number}:${number} ${string}`;

/** A request that waits. */
interface Waiting {
  readonly client: number;
  readonly request: Request & { id: number };
}

/** A queue in the simplest words. */
class Model {
  items: Item[] = [];
  unfinished = 0;
  shut: "no" | "yes" | "at once" = "no";
  reserved: [client: number, id: number][] = [];
  waiting: Waiting[] = [];
  answers: Answer[] = [];
  /** The last item of each client that was let in. */
  readonly last = new Map<number, number>();
  readonly kind: QueueKind;
  readonly limit: number;

  constructor(kind: QueueKind, limit: number) {
    this.kind = kind;
    this.limit = limit;
  }

  answer(client: number, id: number, outcome: string): void {
    this.answers.push(`${client}:${id} ${outcome}`);
  }

  request(client: number, request: Request): void {
    this.clear();
    if (
      request.op === "commit" || request.op === "cancel" ||
      request.op === "broken"
    ) {
      const { id } = request;
      this.reserved = this.reserved.filter((each) =>
        each[0] !== client || each[1] !== id
      );
      this.answer(client, id, request.op === "commit" ? "done" : "TypeError");
      if (request.op === "commit" && this.shut !== "at once") {
        this.add(client, request.item as Item);
      }
    } else if ("id" in request) {
      this.waiting.push({ client, request });
      this.settle();
      if (request.timeoutMs === 0) this.expire(client, request.id);
    }
    this.settle();
  }

  expire(client: number, id: number): void {
    const index = this.waiting.findIndex((each) =>
      each.client === client && each.request.id === id
    );
    if (index >= 0) {
      const { op } = this.waiting.splice(index, 1)[0]!.request;
      this.answer(client, id, op === "get" ? "Empty" : "Full");
    }
    this.settle();
  }

  /** A client is gone; these items come back. */
  leave(client: number, items: Item[]): void {
    this.waiting = this.waiting.filter((each) => each.client !== client);
    this.reserved = this.reserved.filter(([each]) => each !== client);
    if (this.kind === "fifo") this.items.unshift(...items);
    else this.items.push(...items.toReversed());
    this.settle();
  }

  shutDown(immediate: boolean): void {
    if (immediate) this.shut = "at once";
    else if (this.shut === "no") this.shut = "yes";
  }

  clear(): void {
    if (this.shut !== "at once") return;
    this.unfinished = Math.max(0, this.unfinished - this.items.length);
    this.items = [];
  }

  add(client: number, item: Item): void {
    const last = this.last.get(client) ?? 0;
    assert(item[1] > last, `${item[1]} of ${client} came behind ${last}`);
    this.last.set(client, item[1]);
    this.items.push(item);
    this.unfinished++;
  }

  /** Which item comes next. */
  next(): Item {
    if (this.kind === "fifo") return this.items[0]!;
    if (this.kind === "lifo") return this.items.at(-1)!;
    return this.items.reduce((a, b) => b[0] < a[0] ? b : a);
  }

  settle(): void {
    this.clear();
    const isGet = ({ request }: Waiting) => request.op === "get";
    const puts = this.waiting.filter((each) => !isGet(each));
    // An item is got as soon as it is there, before the next one is let in.
    for (const waiter of [...this.waiting.filter(isGet), ...puts]) {
      const outcome = this.outcome(waiter);
      if (outcome === null) continue;
      this.waiting = this.waiting.filter((each) => each !== waiter);
      this.answer(waiter.client, waiter.request.id, outcome);
      if (outcome === "reserved") {
        this.reserved.push([waiter.client, waiter.request.id]);
      }
      return this.settle();
    }
  }

  /** How a request that waits comes out; `null` if it goes on waiting. */
  outcome({ client, request }: Waiting): string | null {
    if (request.op === "get") {
      if (this.items.length > 0) {
        const item = this.next();
        this.items = this.items.filter((each) => each !== item);
        return `item ${item[1]}`;
      }
      const over = this.shut === "at once" || this.reserved.length === 0;
      return this.shut !== "no" && over ? "ShutDown" : null;
    }
    if (this.shut !== "no") return "ShutDown";
    if (this.items.length + this.reserved.length >= this.limit) return null;
    if (request.op === "reserve") return "reserved";
    this.add(client, (request as { item: unknown }).item as Item);
    return "done";
  }
}

/** A thread that has the queue. The first one has the items. */
class Thread extends QueueClient {
  readonly number: number;
  readonly session: QueueSession;
  /** All items that were sent to it, and how many have arrived. */
  readonly items: Item[] = [];
  received = 0;
  /** Messages under way, in order. */
  readonly toServer: Request[] = [];
  readonly toClient: Reply[] = [];
  alive = true;
  readonly #request: (thread: Thread, request: Request) => void;

  constructor(
    number: number,
    config: QueueConfig,
    request: (thread: Thread, request: Request) => void,
    answer: (answer: Answer) => void,
  ) {
    super(config);
    this.number = number;
    this.session = new QueueSession(
      (reply) => this.#send(reply, answer),
      () => this.received,
    );
    this.#request = request;
  }

  protected override prepare(request: Request): Prepared {
    const item = "item" in request ? request.item as Item : null;
    const goes = this.number > 0 && item !== null && moves(item);
    return {
      moves: goes,
      send: () => {
        if (goes && sticks(item)) throw new TypeError("It sticks");
        if (this.number === 0) this.#request(this, request);
        else this.toServer.push(request);
      },
    };
  }

  /** The server's side. */
  #send(reply: Reply, answer: (answer: Answer) => void): boolean {
    const { number, toClient } = this;
    const outcome = reply.op === "item"
      ? `item ${(reply.item as Item)[1]}`
      : reply.op === "error"
      ? (reply.error as Error).name
      : reply.op;
    answer(`${number}:${reply.id} ${outcome}`);
    if (number === 0) this.receive(reply);
    else toClient.push(reply);
    if (reply.op !== "item") return false;
    this.items.push(reply.item as Item);
    return number === 0 || moves(reply.item as Item);
  }

  protected override packFor(): never {
    throw new TypeError("stays here");
  }
}

/** How it is going for an item. */
interface Fate {
  put: "pending" | "done" | "failed" | "unknown";
  got: number;
  /** It has moved to a thread that died, or can't be made where it went. */
  lost: boolean;
}

/** A kind of queue, and how many threads have it at first. */
export interface WorldOptions {
  readonly kind: QueueKind;
  readonly limit: number;
  readonly threads: number;
}

/** A queue, the threads that have it, and the links between them. */
export class World {
  readonly #random: () => number;
  readonly #model: Model;
  readonly #memory = allocate(COUNTERS);
  readonly #counters = new SharedCounters(this.#memory);
  readonly #config: QueueConfig;
  readonly #server: QueueServer;
  readonly #threads: Thread[] = [];
  readonly #timers = new Map<() => void, [client: number, id: number]>();
  readonly #fates = new Map<number, Fate>();
  #request: [client: number, id: number] = [0, 0];
  #answers: Answer[] = [];
  #pending = 0;

  constructor(seed: number, { kind, limit, threads }: WorldOptions) {
    this.#random = randomOf(seed);
    this.#model = new Model(kind, limit);
    const memory = this.#memory;
    this.#config = { kind, maxsize: limit, limit, memory };
    this.#server = new QueueServer(
      this.#config,
      this.#counters,
      (_ms, expire) => {
        this.#timers.set(expire, this.#request);
        return () => this.#timers.delete(expire);
      },
    );
    while (this.#threads.length < threads) this.#join();
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#below(list.length)];
  }

  get #living(): Thread[] {
    return this.#threads.filter(({ alive }) => alive);
  }

  /** One step, of which there are as many kinds as things that happen. */
  async step(): Promise<void> {
    const thread = this.#pick(this.#living)!;
    const roll = this.#below(100);
    if (roll < 25) this.#put(thread);
    else if (roll < 45) this.#get(thread);
    else if (roll < 85) this.#deliver(thread);
    else if (roll < 91) this.#expire();
    else if (roll < 95) this.#finish();
    else if (roll < 97) this.#kill(thread);
    else if (roll < 99) this.#join();
    else if (this.#below(4) === 0) this.#shutdown(thread, this.#below(2) > 0);
    // Lets the promises settle.
    for (let i = 0; i < 3; i++) await null;
  }

  #join(): void {
    const thread = new Thread(
      this.#threads.length,
      this.#config,
      (thread, request) => this.#receive(thread, request),
      (answer) => this.#answers.push(answer),
    );
    this.#server.sessions++;
    this.#threads.push(thread);
  }

  /** The server and the model get the same request. */
  #receive({ session, number }: Thread, request: Request): void {
    this.#request = [number, "id" in request ? request.id : 0];
    this.#both(
      () => this.#server.receive(session, request),
      () => this.#model.request(number, request),
    );
  }

  #both(event: () => void, modelled: () => void): void {
    this.#answers = [];
    this.#model.answers = [];
    event();
    modelled();
    assertEquals(this.#answers.toSorted(), this.#model.answers.toSorted());
    const { items, unfinished } = this.#model;
    assertEquals(this.#counters.size, items.length);
    assertEquals(new Int32Array(this.#memory, HEAD)[1], unfinished);
  }

  #put(thread: Thread): void {
    const number = this.#fates.size + 1;
    const fate: Fate = { put: "pending", got: 0, lost: false };
    this.#fates.set(number, fate);
    this.#pending++;
    const timeout = this.#pick([null, null, 0, 5])!;
    thread.put([this.#random(), number], true, timeout).then(
      () => fate.put = "done",
      (error) =>
        fate.put = error.name === "RuntimeError" ? "unknown" : "failed",
    ).finally(() => this.#pending--);
  }

  #get(thread: Thread): Promise<unknown> {
    this.#pending++;
    return thread.get(true, this.#pick([null, null, 0, 5])!).then(
      (item) => this.#fates.get((item as Item)[1])!.got++,
      (error) => error.name,
    ).finally(() => this.#pending--);
  }

  /** A message arrives, if there is one. */
  #deliver(thread: Thread): void {
    const { toServer, toClient } = thread;
    if (this.#below(2) === 0) this.#deliverRequest(thread, toServer.shift());
    else this.#deliverReply(thread, toClient.shift());
  }

  #deliverRequest(thread: Thread, request?: Request): void {
    if (request?.op === "commit" && this.#below(20) === 0) {
      const error = new TypeError("It can't be made here");
      this.#receive(thread, { op: "broken", id: request.id, error });
    } else if (request) this.#receive(thread, request);
  }

  #deliverReply(thread: Thread, reply?: Reply): void {
    if (reply?.op === "item") {
      thread.received++;
      const item = reply.item as Item;
      if (moves(item) && this.#below(20) === 0) {
        this.#fates.get(item[1])!.lost = true;
        this.#finish();
        const error = new TypeError("It can't be made here");
        return thread.receive({ op: "broken", id: reply.id, error });
      }
    }
    if (reply) thread.receive(reply);
  }

  #expire(): void {
    const timer = this.#pick([...this.#timers]);
    if (timer === undefined) return;
    const [expire, [client, id]] = timer;
    this.#timers.delete(expire);
    this.#both(expire, () => this.#model.expire(client, id));
  }

  #finish(): void {
    this.#counters.finish();
    this.#model.unfinished = Math.max(0, this.#model.unfinished - 1);
  }

  /** A thread dies: only some of its last messages arrive. */
  #kill(thread: Thread): void {
    const { number, session, toServer, items, received } = thread;
    if (number === 0) return;
    for (let i = this.#below(toServer.length + 1); i > 0; i--) {
      this.#deliverRequest(thread, toServer.shift());
    }
    thread.alive = false;
    const underWay = items.slice(received);
    for (const item of underWay.filter(moves)) {
      this.#fates.get(item[1])!.lost = true;
    }
    this.#both(
      () => this.#server.disconnect(session),
      () => this.#model.leave(number, underWay.filter((item) => !moves(item))),
    );
    // Its calls have no outcome.
    thread.lose();
  }

  #shutdown(thread: Thread, immediate: boolean): void {
    this.#model.shutDown(immediate);
    thread.shutdown(immediate);
  }

  #deliverAll(): void {
    for (const thread of this.#living) {
      const { toServer, toClient } = thread;
      while (toServer.length + toClient.length > 0) {
        this.#deliverRequest(thread, toServer.shift());
        this.#deliverReply(thread, toClient.shift());
      }
    }
  }

  /** All messages arrive, and the queue is drained: nothing is left. */
  async end(): Promise<void> {
    for (let i = 0; i < 3; i++) this.#deliverAll();
    const [local] = this.#threads as [Thread];
    this.#shutdown(local, false);
    for (let i = 0; i < 3; i++) this.#deliverAll();
    while (await this.#get(local) !== "ShutDown");
    this.#deliverAll();
    for (let i = 0; i < 5; i++) await null;
    assertEquals(this.#pending, 0);
    assertEquals(this.#timers.size, 0);
    const thrown = this.#model.shut === "at once";
    for (const [number, { put, got, lost }] of this.#fates) {
      const told = `${number}: put ${put}, got ${got} times, lost: ${lost}`;
      assert(put !== "pending", told);
      const least = put === "done" && !lost && !thrown ? 1 : 0;
      const most = put === "failed" || lost ? 0 : 1;
      assert(least <= got && got <= most, told);
    }
  }
}
