/**
 * Calls of a lent endpoint's methods, from the thread that uses it.
 *
 * @module
 */

import { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from "../../constants.ts";
import type { Endpoint, SocketAddress } from "../transport.ts";
import * as r from "./records.ts";
import { attempt, look, type State } from "./state.ts";

/** What may be called. */
export type Method =
  | "bind"
  | "connect"
  | "getsockname"
  | "getsockopt"
  | "listen"
  | "setsockopt";

/** A call on its way. */
export type Call = [method: Method, args: unknown[]];

/** What a call gives: a value and what is known then, or an error. */
export type Answer =
  | { value: number | number[] | null; state: State | null }
  | { error: r.Told };

/** Calls a method; what it gives, or how it fails. */
export function perform(endpoint: Endpoint, payload: Uint8Array): Answer {
  try {
    const [method, args] = r.decode<Call>(payload);
    const value = call(endpoint, method, args);
    // A port that the system chose may change for as long as nobody looks.
    const state = method === "bind"
      ? null
      : { ...look(endpoint), ...limits(endpoint) };
    return {
      value: value instanceof Uint8Array ? [...value] : value,
      state,
    };
  } catch (error) {
    return { error: r.tell(error) };
  }
}

function call(
  endpoint: Endpoint,
  method: Method,
  args: unknown[],
): number | Uint8Array | null {
  const [first, second, third] = args;
  switch (method) {
    case "getsockopt":
      return endpoint.getsockopt(first as number, second as number);
    case "setsockopt": {
      const value = Array.isArray(third)
        ? Uint8Array.from(third)
        : third as number;
      endpoint.setsockopt(first as number, second as number, value);
      return null;
    }
    case "bind":
      endpoint.bind(first as SocketAddress);
      return null;
    case "getsockname":
      return null;
    case "listen":
      endpoint.listen(first as number);
      return null;
    case "connect":
      endpoint.connect(first as SocketAddress, second as string | undefined);
      return null;
  }
}

/** As many bytes may be under way, each way. */
export function limits(endpoint: Endpoint): { receive: number; send: number } {
  const limit = (name: number) => {
    const value = attempt(() => endpoint.getsockopt(SOL_SOCKET, name));
    return typeof value === "number" ? value : r.WINDOW;
  };
  return { receive: limit(SO_RCVBUF), send: limit(SO_SNDBUF) };
}
