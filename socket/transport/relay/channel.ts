/**
 * All endpoints that two threads lend each other, over one link.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { endpointOf, openDescriptor, sharesOf } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import { encode } from "../../link/json.ts";
import type { Link } from "../../link/link.ts";
import { Op } from "../../link/records.ts";
import type { Receive } from "../../link/ring.ts";
import { Reactors, turn } from "../../reactor/turn.ts";
import { Slab } from "../../slab.ts";
import { type Carrier, type Departure, onHandOver } from "../handover.ts";
import type { Endpoint } from "../transport.ts";
import type { Answer } from "./calls.ts";
import { reportOf } from "./codec.ts";
import type {
  Lent,
  LentSnapshot,
  ProxyLine,
  Returned,
  StubLine,
} from "./lending.ts";
import { EndpointProxy } from "./proxy.ts";
import { EndpointStub } from "./stub.ts";

/** The answer for what is closed, and the one in the place of a long one. */
const CLOSED = { error: reportOf(new OSError(errno.EBADF)) };
const TOO_LONG = { error: reportOf(new OSError(errno.EMSGSIZE)) };

/** No endpoint's number: the record is about all of them. */
const ALL = 0;

/** How the ends of a channel differ. */
export interface ChannelOptions {
  /** Whether this thread may be blocked until the other one answers. */
  readonly blocks: boolean;
  /** Keeps the process alive, or no longer. */
  hold(alive: boolean): void;
}

/** One end of the connection between two threads. */
export class Channel implements Carrier {
  readonly #link: Link;
  readonly #options: ChannelOptions;
  /** The endpoints that this end lends. */
  readonly #stubs = new Slab<EndpointStub>();
  /** Those that it has borrowed, by the numbers of the other end. */
  readonly #proxies = new Slab<EndpointProxy>();
  /** The reactors of the endpoints that this end lends. */
  readonly #reactors = new Reactors();
  /** Resolve the calls of {@linkcode settle} under way, in their order. */
  readonly #settling: (() => void)[] = [];
  #settled: Promise<void> | null = null;
  /** The stubs that have something to do. */
  readonly #scheduled = new Set<EndpointStub>();
  #lost = false;

  constructor(link: Link, options: ChannelOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Gets a record that is about an endpoint. */
  readonly receive: Receive = (op, id, a, b, payload) => {
    if (id === ALL) {
      if (op === Op.Settle) this.#settle();
      else if (op === Op.Settled) this.#settling.shift()?.();
    } else if (op === Op.Call) {
      const answer = this.#stubs.get(id)?.call(payload) ?? CLOSED;
      this.#link.answer(answer, TOO_LONG);
    } else if (op >= Op.Data) this.#proxies.get(id)?.onRecord(op, a, payload);
    else this.#stubs.get(id)?.onRecord(op, a, b, payload);
  };

  // Lending

  /** Lends a descriptor to the other thread. */
  depart(fd: number): Departure {
    const endpoint = endpointOf(fd);
    const line = this.#stubLine(endpoint, sharesOf(fd) > 1);
    const stub = new EndpointStub(endpoint, fd, line);
    return {
      kind: "lent",
      message: stub.lent,
      send: () => this.#register(stub).start(),
    };
  }

  /** Lends an endpoint that the caller tells the other thread of. */
  lend(endpoint: Endpoint): EndpointStub {
    const line = this.#stubLine(endpoint, false);
    return this.#register(new EndpointStub(endpoint, null, line));
  }

  #register(stub: EndpointStub): EndpointStub {
    this.#stubs.set(stub.id, stub);
    if (this.#lost) queueMicrotask(() => stub.close());
    return stub;
  }

  #stubLine(endpoint: Endpoint, shared: boolean): StubLine {
    const id = this.#stubs.reserve();
    const reactor = this.#reactors.add(endpoint);
    const link = this.#link;
    return {
      id,
      shared,
      send: (op, a = 0, b = 0, payload) => link.send(op, id, a, b, payload),
      schedule: (stub) => this.#schedule(stub),
      lend: (endpoint) => this.lend(endpoint),
      stub: (id) => this.#stubs.get(id)!,
      end: () => {
        this.#stubs.release(id);
        this.#reactors.delete(reactor);
      },
    };
  }

  #schedule(stub: EndpointStub): void {
    if (this.#scheduled.size === 0) queueMicrotask(this.#run);
    this.#scheduled.add(stub);
  }

  readonly #run = (): void => {
    const stubs = [...this.#scheduled];
    this.#scheduled.clear();
    for (const stub of stubs) stub.pump();
  };

  /** The descriptor of an endpoint that returns to this thread. */
  reclaim(returned: Returned): number {
    return this.#stubs.get(returned.id)!.reclaim(returned);
  }

  // Borrowing

  /** The proxy of an endpoint that the other thread has lent. */
  borrow({ id, snapshot }: Lent): EndpointProxy {
    const proxy = new EndpointProxy(this.#proxyLine(id), snapshot);
    this.#proxies.set(id, proxy);
    if (this.#lost) queueMicrotask(() => proxy.lost());
    return proxy;
  }

  #proxyLine(id: number): ProxyLine {
    const link = this.#link;
    const { blocks, hold } = this.#options;
    return {
      id,
      carrier: this,
      blocks,
      send: (op, a = 0, b = 0, payload) => link.send(op, id, a, b, payload),
      call(request) {
        if (!blocks) throw cantWait(request[0]);
        const answer = link.call(Op.Call, id, encode(request));
        return answer as Answer<LentSnapshot>;
      },
      hold,
      borrow: (lent) => this.borrow(lent),
      end: () => this.#proxies.delete(id),
    };
  }

  // Settling

  /** Lets the other thread bring what the system has for all that it lends. */
  settle(): Promise<void> {
    return this.#settled ??= this.#askToSettle();
  }

  async #askToSettle(): Promise<void> {
    // Calls of the same microtask turn share it; later ones may come too late.
    await null;
    this.#settled = null;
    if (this.#lost) return await turn();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#settling.push(resolve);
    this.#link.send(Op.Settle, ALL);
    this.#options.hold(true);
    await promise;
    this.#options.hold(false);
  }

  async #settle(): Promise<void> {
    // Two ends that lend each other's endpoints back would ask without end.
    await this.#reactors.settle(this);
    // Behind the pumps that the news has scheduled.
    queueMicrotask(() => this.#link.send(Op.Settled, ALL));
  }

  // The end

  /** The other thread is gone. */
  lose(): void {
    // What it sent last may not have been read yet.
    this.#link.poll();
    this.#lost = true;
    this.#link.close();
    for (const stub of this.#stubs.values()) stub.close();
    for (const proxy of this.#proxies.values()) proxy.lost();
    for (const resolve of this.#settling.splice(0)) resolve();
  }
}

function cantWait(method: string): OSError {
  return new OSError(
    errno.EOPNOTSUPP,
    `the main thread can't wait for the answer of the thread that opened the socket: call ${method}() there`,
  );
}

onHandOver(
  "lent",
  (lent: Lent, channel: Channel) => openDescriptor(channel.borrow(lent)),
);

onHandOver(
  "back",
  (returned: Returned, channel: Channel) => channel.reclaim(returned),
);
