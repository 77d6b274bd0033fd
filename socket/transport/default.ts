/**
 * Which transport makes new endpoints, and which one lends them to threads.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { leaveNumbersToSystem } from "../descriptors.ts";
import { OSError } from "../errors.ts";
import * as deno from "./deno/mod.ts";
import type { Endpoint } from "./transport.ts";

/** A way to make endpoints. */
export interface Transport {
  /** Its name, as the documentation has it. */
  readonly name: string;
  /** Makes one, or raises `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT`. */
  createEndpoint(family: number, type: number, proto: number): Endpoint;
  /** Makes two that are connected to each other. */
  createPair(
    family: number,
    type: number,
    proto: number,
  ): [Endpoint, Endpoint];
  /**
   * Makes one of a descriptor of the system that was opened elsewhere, without
   * changing anything about that.
   */
  adopt?(fd: number): Endpoint;
  /**
   * Resolves once nothing is under way behind the scenes that no call waits for:
   * what a test has to wait for before it looks for leaks.
   */
  idle?(): Promise<void>;
}

/** Carries endpoints that can't go to another thread themselves. */
export { Channel } from "./relay/channel.ts";

/** The transport in use. */
export let transport: Transport = deno;

/**
 * Makes new endpoints with a transport whose descriptors are the system's.
 * Those that there are keep theirs, and their transport.
 */
export function install(other: Transport): void {
  leaveNumbersToSystem();
  transport = other;
}

/** An endpoint for a descriptor of the system that was opened elsewhere. */
export function adopt(fd: number): Endpoint {
  if (!transport.adopt) throw new OSError(errno.EBADF);
  return transport.adopt(fd);
}
