/**
 * What streams of different address families do differently.
 *
 * @module
 */

import type { SocketAddress } from "../transport.ts";
import type { Stream } from "./stream.ts";

/** What is needed of a `Deno.Listener`. */
export type Listener = Pick<
  Deno.Listener,
  "accept" | "ref" | "unref" | "close"
>;

/** An address that a stream is bound to. */
export interface Binding {
  /** The address, which stays as it is once somebody has seen it. */
  readonly address: SocketAddress;
  /** Listens there. */
  listen(backlog: number): Listener;
  /** Gives the address up. */
  release(): void;
}

/** Where a stream shall be connected to. */
export interface Destination {
  readonly address: SocketAddress;
  /** What the caller wrote for the host. */
  readonly name: string | undefined;
  /** Where the stream is bound, if it is. */
  readonly binding: Binding | null;
  /** Stops the connecting. */
  readonly signal: AbortSignal;
}

/** One address family. */
export interface Domain {
  /** What streams are bound to that are not. */
  readonly unbound: SocketAddress;
  /** Binds to an address, or raises an `OSError`. */
  bind(address: SocketAddress, reusePort: boolean): Binding;
  /** Connects, or rejects with an `OSError`. */
  dial(destination: Destination): Promise<Stream>;
  /** An address as Deno has it, as sockets have it. */
  name(addr: Deno.Addr): SocketAddress;
}
