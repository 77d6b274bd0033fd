/**
 * The records between the two halves of a lent endpoint, and what each half
 * needs of the channel that carries them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import * as json from "../../link/json.ts";
import type { Link } from "../../link/link.ts";
import type {
  Carrier,
  ControlMessage,
  Endpoint,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport.ts";

// Payloads

/** A lent endpoint, as its proxy gets to know it. */
export interface Lent {
  /** The number under which both halves send records. */
  readonly id: number;
  readonly snapshot: LentSnapshot;
}

/** The endpoint's attributes that its proxy needs. */
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
  /** How many sent bytes the endpoint has taken, modulo 2³². */
  readonly taken: number;
}

/** The message of an endpoint that returns to its owner. */
export interface Returned {
  readonly id: number;
  /** How much of the data that the stub sent was consumed. */
  readonly settled: number;
  /** The unread rest of that data. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messages: readonly Message[];
  readonly accepted: readonly { returned: Returned; address: SocketAddress }[];
  /** An error that the user has not seen. */
  readonly error: ErrorReport | null;
  /** How many errors have arrived. */
  readonly errors: number;
}

/** The payload of a record: JSON values and bytes. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return json.encode(plain(value));
}

/** The value back. */
export function decode<T>(payload: Uint8Array): T {
  return revived(json.decode(payload)) as T;
}

/** A value with its bytes in a form that JSON can represent. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  return mapped(value, plain);
}

/** The value back. */
export function revived(value: unknown): unknown {
  const bytes = (value as { bytes?: number[] } | null)?.bytes;
  return bytes ? Uint8Array.from(bytes) : mapped(value, revived);
}

function mapped(value: unknown, map: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, map(each)]);
  return Object.fromEntries(entries);
}

/** A record of the network: its address and other fields, then its bytes. */
export function encodeMessage(
  { data, address, flags, ancillary = [] }: Message,
): Uint8Array<ArrayBuffer> {
  const head = encode([address, flags, ancillary]);
  const whole = new Uint8Array(4 + head.length + data.length);
  new DataView(whole.buffer).setUint32(0, head.length);
  whole.set(head, 4);
  whole.set(data, 4 + head.length);
  return whole;
}

/** The record back, with a copy of the bytes. */
export function decodeMessage(payload: Uint8Array): Message {
  const { buffer, byteOffset, byteLength } = payload;
  const end = 4 + new DataView(buffer, byteOffset, byteLength).getUint32(0);
  const [address, flags, ancillary] = decode<
    [SocketAddress | null, number, readonly ControlMessage[]]
  >(payload.subarray(4, end));
  const data = new Uint8Array(payload.subarray(end));
  return { data, address, flags, ancillary };
}

/** Longer texts are cut, in UTF-16 units: an answer has a bounded size. */
const LONGEST_TEXT = 500;

/** An error in a form that JSON can represent. */
export type ErrorReport = [code: number | null, text: string];

/** Describes an error. */
export function reportOf(error: unknown): ErrorReport {
  const [code, text] = error instanceof OSError
    ? [error.errno, error.strerror ?? error.message]
    : [errno.EIO, textOf(error)];
  const cut = text.length > LONGEST_TEXT;
  return [code, cut ? `${text.slice(0, LONGEST_TEXT)}…` : text];
}

function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "an error that can't be described";
  }
}

/** The error that was described. */
export function errorOf([code, text]: ErrorReport): OSError {
  return code === null ? new OSError(text) : new OSError(code, text);
}

// The channel

/** A stub, as the channel and other stubs know it. */
export interface Stub {
  readonly lent: Lent;
  /** Begins to send records, once the proxy is known of. */
  start(): void;
  /** Does all that can be done now. */
  pump(): void;
  /** Takes the endpoint back, with the message of its proxy, if any. */
  recover(returned?: Returned): Endpoint;
  /** Closes the endpoint once the queued data was sent. */
  close(): void;
}

/** The channel, as stubs see it. */
export interface Lender {
  readonly link: Pick<Link, "send">;
  /** Schedules {@linkcode Stub.pump} in a microtask. */
  schedule(stub: Stub): void;
  /** Lends another endpoint to the same thread. */
  lend(endpoint: Endpoint): Stub;
  stub(id: number): Stub;
  endStub(id: number): void;
}

/** An endpoint that is lent, and the channel it is lent over. */
export interface Loan {
  readonly id: number;
  readonly lender: Lender;
  readonly endpoint: Endpoint;
  /** The descriptor; `null` if only the proxy's user has ever known of it. */
  readonly fd: number | null;
  /** The owner's thread uses the endpoint as well. */
  readonly shared: boolean;
}

/** A proxy, as the channel and other proxies know it. */
export interface Proxy extends Endpoint {
  /** The message for the owner when the endpoint returns. */
  readonly returned: Returned;
  /** Lets go of the endpoint, which was closed or has returned. */
  leave(): void;
}

/** The channel, as proxies see it. */
export interface Borrower extends Carrier {
  readonly link: Pick<Link, "send">;
  /** Calls a method of the endpoint, and blocks this thread until it is done. */
  call(id: number, request: Request): Answer;
  /** Whether this thread may be blocked. */
  readonly blocks: boolean;
  /** Keeps the process alive, or no longer: each `true` has its `false`. */
  hold(alive: boolean): void;
  borrow(lent: Lent): Proxy;
  /** Settles the reactors of all endpoints that the other thread lends. */
  settle(): Promise<void>;
  endProxy(id: number): void;
}

// Calls

/** The methods of a lent endpoint whose outcome its user waits for. */
export type Method =
  | "bind"
  | "connect"
  | "getsockname"
  | "getsockopt"
  | "listen"
  | "receiveMessage"
  | "sendMessage"
  | "setsockopt";

/** A method and its arguments. */
export type Request = {
  [M in Method]: [method: M, ...Parameters<Endpoint[M]>];
}[Method];

/** The value of a call, with the endpoint's status after it. */
export type Answer =
  | { value: unknown; snapshot: LentSnapshot | null }
  | { error: ErrorReport };

/** Performs a call. `looked`: the endpoint may be looked at afterwards. */
export function answerTo(
  endpoint: Endpoint,
  payload: Uint8Array,
): { value: unknown; looked: boolean } | { error: ErrorReport } {
  try {
    const [method, ...args] = decode<Request>(payload);
    const operation = endpoint[method] as (...args: unknown[]) => unknown;
    const value = operation.apply(endpoint, args) ?? null;
    // A port that the system chose may change until it is read.
    return { value, looked: method !== "bind" };
  } catch (error) {
    return { error: reportOf(error) };
  }
}
