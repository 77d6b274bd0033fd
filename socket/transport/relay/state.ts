/**
 * What is known of an endpoint from the outside, when it is handed over.
 *
 * @module
 */

import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  type Endpoint,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  type SocketAddress,
} from "../transport.ts";
import type { Told } from "./records.ts";

const NOTHING = new Uint8Array(0);

/** What an endpoint is doing. */
export type Phase =
  /** Nothing yet. */
  | "new"
  | "listening"
  | "connecting"
  /** Connected, once at least. */
  | "stream"
  /** Connecting has failed. */
  | "failed"
  | "datagram";

/** An endpoint seen from the outside. */
export interface State {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  phase: Phase;
  /** `null` if the owner has to be asked. */
  sockname: SocketAddress | null;
  peername: SocketAddress | null;
  /** Nothing more will come. */
  inEnded: boolean;
  /** Nothing more may be sent. */
  outEnded: boolean;
  /** What went wrong, and nobody has asked yet. */
  error: Told | null;
  /** A connection that has failed. */
  broken: boolean;
  /** How many bytes may be sent. */
  room: number;
  /** As many bytes may be under way to the user. */
  receive: number;
  /** As many bytes may be under way from the user. */
  send: number;
  /** Somebody where it stays uses it as well. */
  shared: boolean;
}

/** Looks at an endpoint. */
export function look(endpoint: Endpoint): State {
  const { family, type, proto } = endpoint;
  const peername = attempt(() => endpoint.getpeername());
  const phase = phaseOf(endpoint, peername);
  return {
    family,
    type,
    proto,
    phase,
    sockname: endpoint.getsockname(),
    peername,
    inEnded: false,
    outEnded: phase === "stream" && finished(endpoint),
    error: null,
    broken: false,
    room: 0,
    receive: 0,
    send: 0,
    shared: false,
  };
}

/** What an endpoint is doing. */
export function phaseOf(
  endpoint: Endpoint,
  peername = attempt(() => endpoint.getpeername()),
): Phase {
  if (endpoint.type === c.SOCK_DGRAM) return "datagram";
  if (peername !== null) return "stream";
  const { SOL_SOCKET, SO_ACCEPTCONN } = c;
  if (attempt(() => endpoint.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)) === 1) {
    return "listening";
  }
  const { readiness } = endpoint;
  if (readiness & POLLIN) return "failed";
  return readiness & POLLHUP ? "new" : "connecting";
}

/** Nothing more may be sent: then even nothing can't be. */
function finished(endpoint: Endpoint): boolean {
  const { readiness } = endpoint;
  // An error would be fetched by trying; who gets the endpoint meets it.
  if (!(readiness & POLLOUT) || readiness & POLLERR) return false;
  try {
    endpoint.send(NOTHING, 0);
    return false;
  } catch {
    return true;
  }
}

/** Adds what only the last user knew. */
export function remember(now: State, known: State): void {
  now.inEnded = known.inEnded;
  now.outEnded ||= known.outEnded;
  now.error = known.error;
  now.broken = known.broken;
  if (now.phase === "new" && known.phase === "failed") now.phase = "failed";
}

/** What a call gives; `null` if it fails. */
export function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof OSError) return null;
    throw error;
  }
}
