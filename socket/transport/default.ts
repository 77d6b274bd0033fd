/**
 * Which transport makes new endpoints, and which one lends them to threads.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { leaveNumbersToSystem } from "../descriptors.ts";
import { OSError } from "../errors.ts";
import type { Source } from "../reactor/readiness.ts";
import * as deno from "./deno/mod.ts";
import type { Endpoint } from "./transport.ts";

/** Descriptors of the system that no endpoint has. */
export interface SystemDescriptors {
  /** Makes an endpoint of one, which doesn't block from then on. */
  adopt(fd: number): Endpoint;
  /** The number of a copy. */
  dup(fd: number): number;
  /** Closes one. */
  close(fd: number): void;
}

/**
 * An `epoll` object of the system. As a source it is readable when there are
 * events to be taken.
 */
export interface SystemEpoll extends Source {
  /** Its descriptor, which {@linkcode close} closes. */
  readonly fd: number;
  /** Called with the number of each registered descriptor that is closed. */
  forgotten: (fd: number) => void;
  /** The descriptor of a source that it can wait for, or `null`. */
  descriptorOf(source: Source): number | null;
  /** Registers a descriptor of the system: `epoll_ctl(2)`, with its errors. */
  add(fd: number, events: number): void;
  /** Changes what one is registered for. */
  modify(fd: number, events: number): void;
  /** Ends a registration. */
  delete(fd: number): void;
  /** Takes up to `most` events, without waiting. */
  take(most: number, report: (fd: number, events: number) => void): void;
  /** Closes it. */
  close(): void;
}

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
  /** Makes an `epoll` object of the system, or of an open descriptor for one. */
  createEpoll?(fd?: number): SystemEpoll;
  /** The system's descriptors, if the transport has access to them. */
  readonly descriptors?: SystemDescriptors;
  /**
   * Resolves once nothing is under way behind the scenes that no call waits for:
   * what a test has to wait for before it looks for leaks.
   */
  idle?(): Promise<void>;
  /** In the main thread: prepares for a new thread that is to use it too. */
  fork?(): Fork;
  /** In a new thread: takes the data of the main thread's `fork()`. */
  join?(data: unknown): void;
}

/** A new thread, for the transport of the main thread. */
export interface Fork {
  /** The thread's number: see `Carrier.peer`. */
  readonly peer: number;
  /** What it needs: anything that structured clone takes. */
  readonly data: unknown;
  /** To be called once the thread has ended. */
  ended(): Promise<void>;
}

/** What a new thread needs to use the transport of the main thread. */
export interface Inheritance {
  /** The module that installs it. */
  readonly module: string;
  readonly data: unknown;
}

/** Carries endpoints that can't go to another thread themselves. */
export { Channel } from "./relay/channel.ts";

/** The transport in use. */
export let transport: Transport = deno;
/** The module that has installed it; `null` if none had to. */
let installer: string | null = null;
let inherited: unknown;

/**
 * Makes new endpoints with a transport whose descriptors are the system's.
 * Those that there are keep theirs, and their transport.
 *
 * @param module The URL of the module that calls this when it is imported.
 */
export function install(other: Transport, module: string): void {
  leaveNumbersToSystem();
  transport = other;
  installer = module;
  if (inherited !== undefined) transport.join?.(inherited);
}

/** In the main thread: prepares for a new thread; `null` if nothing has to. */
export function fork(): Fork & Inheritance | null {
  const forked = transport.fork?.();
  return forked && installer ? { ...forked, module: installer } : null;
}

/** In a new thread: installs the transport of the main thread. */
export async function inherit({ module, data }: Inheritance): Promise<void> {
  inherited = data;
  // In a bundle the module has been installed before.
  if (installer !== null) transport.join?.(data);
  await import(module);
}

/** What can be done with a descriptor of the system, or `EBADF`. */
export function systemDescriptors(fd: number): SystemDescriptors {
  const { descriptors } = transport;
  // The system's numbers are those of a C `int`.
  if (!descriptors || fd !== (fd | 0)) throw new OSError(errno.EBADF);
  return descriptors;
}
