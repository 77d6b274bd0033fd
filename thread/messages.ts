/**
 * The messages between the main thread and its workers.
 *
 * @module
 */

import type { Inheritance } from "../socket/transport/default.ts";

/** A function or class of a module, by its name. */
export interface Named {
  /** The URL of the module. */
  readonly module: string;
  readonly name: string;
}

/** What makes a thread one of `threading`. */
export interface ThreadObject {
  /** Whether the process may end before the thread. */
  readonly daemon: boolean;
  /** Its row among the threads that can be looked up. */
  readonly row: number;
  /** Its class, unless that is `Thread`; without a module one of `threading`. */
  readonly type: Named | { readonly name: string } | null;
}

/** A thread to be started, in a message to or from the main thread. */
export interface ThreadSpec {
  readonly ident: number;
  /** The URL of the module of the function; `null` if it has none. */
  readonly module: string | null;
  /** The name of the function; without one, that of the thread's class. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: object | null;
  /** Whether it gets a worker of its own. */
  readonly dedicated: boolean;
  /** The object of the thread, if it is one of `threading`. */
  readonly object?: ThreadObject;
  /** The fields of the object. The key is part of error messages. */
  readonly this?: object;
  /** The id in the record of its end; 0 if the sender doesn't need that. */
  readonly id: number;
}

/** The topic of messages with a {@linkcode ThreadSpec}. */
export const START = "start";

/** The topic of a worker's messages with a {@linkcode Failure}. */
export const FAILED = "failed";

/** A thread that couldn't be started. */
export interface Failure {
  /** The name of the thread's function. */
  readonly name: string;
  /** Why, in words. */
  readonly reason: string;
  /** The error behind it, if that can be sent. */
  readonly cause?: unknown;
}

/** The `workerData` of a worker. */
export interface Boot {
  /** The memory of its link. */
  readonly memory: SharedArrayBuffer;
  /** The memory of the numbers that all threads share. */
  readonly numbers: SharedArrayBuffer;
  /** The memory of the threads that can be looked up. */
  readonly registry: SharedArrayBuffer;
  /** The transport of the main thread, if it was chosen. */
  readonly transport: Inheritance | null;
}
