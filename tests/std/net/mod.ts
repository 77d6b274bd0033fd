/**
 * A stand-in for `jsr:@std/net`, so that the tests run where JSR is out of
 * reach: the same signatures as far as the tests use them.
 *
 * @module
 */

/** Options of {@linkcode getAvailablePort}. */
export interface GetAvailablePortOptions {
  /** The port to take if it is free; 0, the default, leaves the choice. */
  preferredPort?: number;
}

/**
 * A TCP port that was free a moment ago.
 *
 * @param options The port to prefer.
 * @returns A port number, 1 to 65535.
 */
export function getAvailablePort(options?: GetAvailablePortOptions): number {
  const preferred = options?.preferredPort ?? 0;
  try {
    return listenOnce(preferred);
  } catch (error) {
    if (preferred === 0 || !(error instanceof Deno.errors.AddrInUse)) {
      throw error;
    }
    return listenOnce(0);
  }
}

function listenOnce(port: number): number {
  using listener = Deno.listen({ port });
  return listener.addr.port;
}
