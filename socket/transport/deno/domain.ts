/**
 * Byte streams, and how the address families open them.
 *
 * @module
 */

import type { SocketAddress } from "../transport.ts";

/** A connected byte stream: `Deno.Conn`, or an object with these methods. */
export interface Stream extends
  Pick<
    Deno.Conn,
    "read" | "write" | "closeWrite" | "close" | "localAddr" | "remoteAddr"
  > {
  /** Turns Nagle's algorithm off. */
  setNoDelay?(on: boolean): void;
  /** Turns keep-alive probes on. */
  setKeepAlive?(on: boolean): void;
  /** Lets a pending read keep the process alive, the default. */
  ref?(): void;
  /** Lets the process end though a read is pending. */
  unref?(): void;
}

/** The methods of `Deno.Listener` that are used. */
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

/** The arguments of {@linkcode Domain.dial}. */
export interface Destination {
  readonly address: SocketAddress;
  /** The host as the program wrote it, if it is a name. */
  readonly name: string | undefined;
  /** Where the stream is bound, if it is. */
  readonly binding: Binding | null;
  /** Stops the connecting. */
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
