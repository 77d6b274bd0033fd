/**
 * What the two halves of a lent endpoint know of each other.
 *
 * @module
 */

import type { Op } from "../../link/records.ts";
import type { Carrier } from "../handover.ts";
import type {
  Endpoint,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import type { Answer, Request } from "./calls.ts";
import type { ErrorReport } from "./codec.ts";
import type { EndpointProxy } from "./proxy.ts";
import type { EndpointStub } from "./stub.ts";

/** What a proxy is made of. */
export interface Lent {
  /** The number under which both halves send records. */
  readonly id: number;
  readonly snapshot: LentSnapshot;
}

/** An endpoint as its proxy has to know it. */
export interface LentSnapshot extends Snapshot {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** The owner's thread uses it as well: nothing is read ahead. */
  readonly shared: boolean;
  /** How many received bytes may wait for the user. */
  readonly window: number;
  /** How many sent bytes may wait for the endpoint. */
  readonly sendWindow: number;
  /** Up to which count the proxy may send, modulo 2³². */
  readonly credit: number;
}

/** What a proxy tells when its endpoint returns. */
export interface Returned {
  readonly id: number;
  /** How much the user has consumed of all that was sent, modulo 2³². */
  readonly consumed: number;
  /** Bytes that were consumed, and put back later. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same of records. */
  readonly messages: readonly Message[];
  /** The same of connections. */
  readonly accepted: readonly { returned: Returned; address: SocketAddress }[];
  /** An error that the user has not seen. */
  readonly error: ErrorReport | null;
  /** How many errors have arrived. */
  readonly errors: number;
}

/** The connection of a stub with its proxy. */
export interface StubLine {
  readonly id: number;
  /** Somebody in this thread uses the endpoint as well. */
  readonly shared: boolean;
  /** Sends a record. The payload is copied. */
  send(op: Op, a?: number, b?: number, payload?: Uint8Array): void;
  /** Has {@linkcode EndpointStub.pump} called once what runs now is over. */
  schedule(stub: EndpointStub): void;
  /** Lends another endpoint to the same thread. */
  lend(endpoint: Endpoint): EndpointStub;
  /** The stub of another loan to the same thread. */
  stub(id: number): EndpointStub;
  /** The stub is gone. */
  end(): void;
}

/** The connection of a proxy with its stub. */
export interface ProxyLine {
  /** The number of the loan. */
  readonly id: number;
  /** The channel that it is one line of. */
  readonly carrier: Carrier & NonNullable<Endpoint["reactor"]>;
  /** Sends a record. The payload is copied. */
  send(op: Op, a?: number, b?: number, payload?: Uint8Array): void;
  /** This thread may be blocked until the other one answers. */
  readonly blocks: boolean;
  /** Calls a method of the endpoint, and blocks until the answer. */
  call(request: Request): Answer<LentSnapshot>;
  /** Keeps the process alive, or no longer: each `true` has its `false`. */
  hold(alive: boolean): void;
  /** Makes the proxy of a connection that was accepted. */
  borrow(lent: Lent): EndpointProxy;
  /** The proxy is gone. */
  end(): void;
}
