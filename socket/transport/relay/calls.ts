/**
 * Calls of a lent endpoint's methods that its user waits for.
 *
 * @module
 */

import { decode } from "../../link/json.ts";
import type { Endpoint, SocketAddress } from "../transport.ts";
import { type ErrorReport, reportOf } from "./codec.ts";

/** The arguments of each method that can be called, as JSON has them. */
export interface Call {
  bind: [address: SocketAddress];
  connect: [address: SocketAddress, name?: string | undefined];
  getsockname: [];
  getsockopt: [level: number, name: number, size: number];
  listen: [backlog: number];
  recv: [count: number, flags: number];
  send: [data: number[], flags: number];
  setsockopt: [level: number, name: number, value: number | number[]];
}

/** A method and its arguments. */
export type Request = {
  [Method in keyof Call]: [method: Method, ...Call[Method]];
}[keyof Call];

/** The value of a call, with what is known of the endpoint then. */
export type Answer<Snapshot> =
  | { value: number | number[] | null; snapshot: Snapshot | null }
  | { error: ErrorReport };

/** Performs a call. `looked`: the endpoint may be looked at afterwards. */
export function answerTo(
  endpoint: Endpoint,
  payload: Uint8Array,
): { value: number | number[] | null; looked: boolean } | {
  error: ErrorReport;
} {
  try {
    const request = decode<Request>(payload);
    const value = perform(endpoint, request) ?? null;
    return {
      value: value instanceof Uint8Array ? [...value] : value,
      // A port that the system chose may change until somebody looks at it.
      looked: request[0] !== "bind",
    };
  } catch (error) {
    return { error: reportOf(error) };
  }
}

function perform(
  endpoint: Endpoint,
  [method, ...args]: Request,
): number | Uint8Array | void {
  switch (method) {
    case "bind":
      return endpoint.bind(...args as Call["bind"]);
    case "connect":
      return void endpoint.connect(...args as Call["connect"]);
    case "getsockname":
      return;
    case "getsockopt":
      return endpoint.getsockopt(...args as Call["getsockopt"]);
    case "listen":
      return endpoint.listen(...args as Call["listen"]);
    case "recv":
      return endpoint.recv(...args as Call["recv"]);
    case "send": {
      const [data, flags] = args as Call["send"];
      return endpoint.send(Uint8Array.from(data), flags);
    }
    case "setsockopt": {
      const [level, name, value] = args as Call["setsockopt"];
      const given = Array.isArray(value) ? Uint8Array.from(value) : value;
      return endpoint.setsockopt(level, name, given);
    }
  }
}
