/**
 * What the endpoints need of a connection: `Deno.Conn`, or what looks like it.
 *
 * @module
 */

/** A connected byte stream. */
export interface Stream extends
  Pick<
    Deno.Conn,
    "read" | "write" | "closeWrite" | "close" | "localAddr" | "remoteAddr"
  > {
  /** Turns Nagle's algorithm off. */
  setNoDelay?(on: boolean): void;
  /** Turns keep-alive probes on. */
  setKeepAlive?(on: boolean): void;
  /** Reads keep the process alive, as at first. */
  ref?(): void;
  /** They don't. */
  unref?(): void;
}
