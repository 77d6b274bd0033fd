/**
 * The messages between the main thread and its workers.
 *
 * @module
 */

import type { Inheritance } from "../socket/transport/default.ts";

/** A thread to be started, in a message to or from the main thread. */
export interface ThreadSpec {
  readonly ident: number;
  /** The URL of the module of the function. */
  readonly module: string;
  /** The name of the function. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: object | null;
  /** Whether it gets a worker of its own. */
  readonly dedicated: boolean;
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
  /** The transport of the main thread, if it was chosen. */
  readonly transport: Inheritance | null;
}
