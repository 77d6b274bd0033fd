/**
 * All endpoints that two threads lend each other, over one link.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { endpointOf, openDescriptor, sharesOf } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import type { Link } from "../../link/link.ts";
import { Op } from "../../link/records.ts";
import type { Receive } from "../../link/ring.ts";
import { Slab } from "../../slab.ts";
import { Reactors, turn } from "../../reactor/turn.ts";
import { onHandOver } from "../handover.ts";
import type { Departure, Endpoint } from "../transport.ts";
import {
  type Answer,
  type Borrower,
  encode,
  type Lender,
  type Lent,
  plain,
  reportOf,
  type Request,
  type Returned,
  revived,
  type Stub,
} from "./protocol.ts";
import { EndpointProxy } from "./proxy.ts";
import { EndpointStub } from "./stub.ts";

/** The answers for a closed endpoint, and in place of one that is too long. */
const CLOSED = { error: reportOf(new OSError(errno.EBADF)) };
const TOO_LONG = { error: reportOf(new OSError(errno.EMSGSIZE)) };

/** The id of a record about all endpoints. */
const ALL = 0;

/** One end of the connection between two threads. */
export class Channel implements Lender, Borrower {
  readonly blocks: boolean;
  readonly hold: (alive: boolean) => void;
  readonly link: Link;
  readonly #peer: number | null;
  /** The endpoints that this end lends. */
  readonly #stubs = new Slab<EndpointStub>();
  /** Those that it has borrowed, by the numbers of the other end. */
  readonly #proxies = new Slab<EndpointProxy>();
  /** The stubs that have something to do. */
  readonly #scheduled = new Set<Stub>();
  /** The reactors of the endpoints that this end lends. */
  readonly #reactors = new Reactors();
  /** Resolve the pending calls of {@linkcode settle}, in their order. */
  readonly #settling: (() => void)[] = [];
  #settled: Promise<void> | null = null;
  #lost = false;

  constructor(
    link: Link,
    { blocks, hold }: Pick<Borrower, "blocks" | "hold">,
    peer: number | null = null,
  ) {
    this.link = link;
    this.blocks = blocks;
    this.hold = hold;
    this.#peer = peer;
  }

  /** `null` also once that thread is gone: nobody would close what it got. */
  get peer(): number | null {
    return this.#lost ? null : this.#peer;
  }

  /** Gets a record that is about an endpoint. */
  readonly receive: Receive = (op, id, a, b, payload) => {
    if (id === ALL) {
      if (op === Op.Settle) this.#settle();
      else if (op === Op.Settled) this.#settling.shift()?.();
    } else if (op === Op.Call) {
      const answer = this.#stubs.get(id)?.call(payload) ?? CLOSED;
      this.link.answer(plain(answer), TOO_LONG);
    } else if (op >= Op.Data) this.#proxies.get(id)?.onRecord(op, b, payload);
    else this.#stubs.get(id)?.onRecord(op, a, b, payload);
  };

  // Lending

  /** Lends a descriptor to the other thread. */
  depart(fd: number): Departure {
    const stub = this.#stub(endpointOf(fd), fd, sharesOf(fd) > 1);
    const send = () => this.#register(stub).start();
    return { kind: "lent", message: stub.lent, send };
  }

  /** Lends an endpoint that the caller tells the other thread of. */
  lend(endpoint: Endpoint): EndpointStub {
    return this.#register(this.#stub(endpoint, null, false));
  }

  #stub(endpoint: Endpoint, fd: number | null, shared: boolean): EndpointStub {
    const id = this.#stubs.reserve();
    return new EndpointStub({ id, lender: this, endpoint, fd, shared });
  }

  #register(stub: EndpointStub): EndpointStub {
    this.#stubs.set(stub.id, stub);
    this.#reactors.add(stub.endpoint);
    if (this.#lost) queueMicrotask(() => stub.close());
    return stub;
  }

  /** Schedules a stub's pump in a microtask. */
  schedule(stub: Stub): void {
    if (this.#scheduled.size === 0) queueMicrotask(this.#run);
    this.#scheduled.add(stub);
  }

  readonly #run = (): void => {
    const stubs = [...this.#scheduled];
    this.#scheduled.clear();
    for (const stub of stubs) stub.pump();
  };

  stub(id: number): EndpointStub {
    return this.#stubs.get(id)!;
  }

  endStub(id: number): void {
    this.#reactors.delete(this.#stubs.get(id)!.endpoint.reactor);
    this.#stubs.release(id);
  }

  // Borrowing

  /** The proxy of an endpoint that the other thread has lent. */
  borrow(lent: Lent): EndpointProxy {
    const proxy = new EndpointProxy(lent, this);
    this.#proxies.set(lent.id, proxy);
    if (this.#lost) queueMicrotask(() => proxy.lost());
    return proxy;
  }

  /** Calls a method of an endpoint of the other thread. */
  call(id: number, request: Request): Answer {
    if (!this.blocks) {
      throw new OSError(
        errno.EOPNOTSUPP,
        `the main thread can't wait for the answer of the thread that opened the socket: call ${
          request[0]
        }() there`,
      );
    }
    return revived(this.link.call(Op.Call, id, encode(request))) as Answer;
  }

  endProxy(id: number): void {
    this.#proxies.delete(id);
  }

  // Settling

  /** Has the other thread settle the reactors of all endpoints it lends. */
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
    this.link.send(Op.Settle, ALL);
    this.hold(true);
    await promise;
    this.hold(false);
  }

  async #settle(): Promise<void> {
    // Without the exception, two ends that lend to each other would never stop.
    await this.#reactors.settle(this);
    // Answer after the pumps that settling has scheduled.
    queueMicrotask(() => this.link.send(Op.Settled, ALL));
  }

  // The end

  /** The other thread is gone. */
  lose(): void {
    // Its last records may still be unread.
    this.link.poll();
    this.#lost = true;
    this.link.close();
    for (const stub of this.#stubs.values()) stub.close();
    for (const proxy of this.#proxies.values()) proxy.lost();
    for (const resolve of this.#settling.splice(0)) resolve();
  }
}

onHandOver(
  "lent",
  (lent: Lent, channel: Channel) => openDescriptor(channel.borrow(lent)),
);

onHandOver(
  "back",
  (returned: Returned, channel: Channel) =>
    channel.stub(returned.id).reclaim(returned),
);
