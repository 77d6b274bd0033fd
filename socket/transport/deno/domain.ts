/**
 * The part of streams that depends on the address family.
 *
 * @module
 */

import type { SocketAddress } from "../transport.ts";
import type { Stream } from "./stream.ts";

/** The part of a `Deno.Listener` that is used. */
export type Listener = Pick<
  Deno.Listener,
  "accept" | "ref" | "unref" | "close"
>;

/** An address that a stream is bound to. */
export interface Binding {
  /** The address. Reading it fixes the port that the system chose. */
  readonly address: SocketAddress;
  /** Listens there. */
  listen(backlog: number): Listener;
  /** Gives the address up. */
  release(): void;
}

/** The place that a stream is to be connected to. */
export interface Destination {
  readonly address: SocketAddress;
  /** The host as the program wrote it, if it is a name. */
  readonly name: string | undefined;
  /** The address that the stream is bound to, if it is. */
  readonly binding: Binding | null;
  /** Cancels the attempt. */
  readonly signal: AbortSignal;
}

/** One address family. */
export interface Domain {
  /** Binds to an address, or raises an `OSError`. */
  bind(address: SocketAddress, reusePort: boolean): Binding;
  /** Connects, or rejects with an `OSError`. */
  dial(destination: Destination): Promise<Stream>;
  /**
   * The address that Deno reports. Deno leaves out the scope, which is the one
   * of `related` then: of the address that was bound or connected to.
   */
  address(addr: Deno.Addr, related: SocketAddress | null): SocketAddress;
}
