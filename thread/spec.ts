/**
 * A thread that is to be started.
 *
 * @module
 */

/** What is to run, and how. */
export interface Spec {
  readonly ident: number;
  /** The URL of the module of the function. */
  readonly module: string;
  /** The name of the function. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: object | null;
  /** It wants a worker of its own. */
  readonly dedicated: boolean;
  /** What who started it knows it by, if that is to hear of its end; or 0. */
  readonly token: number;
}

/** What is sent to the worker: the same, with the number of the thread there. */
export interface Order extends Spec {
  readonly number: number;
}

/** The notes that the main thread and its workers send each other. */
export enum Note {
  /** From a worker: the thread with this number has ended. */
  Ended = 1,
  /** To a worker: the thread that it started with this token has ended. */
  Done = 2,
  /** From a worker: interrupt the main thread. */
  Interrupt = 3,
  /** From a worker: it ran out of memory. */
  Memory = 4,
  /** From a worker: it has begun, and is there for threads. */
  Ready = 5,
}

/** The topic under which a worker tells of a thread that couldn't start. */
export const FAILED = "failed";

/** What it tells. */
export interface Failure {
  /** The name of the thread's function. */
  readonly name: string;
  /** Why, in words. */
  readonly reason: string;
  /** What that came from, if it can be told. */
  readonly cause?: unknown;
}

/** What a worker is started with. */
export interface Boot {
  readonly memory: SharedArrayBuffer;
  readonly common: SharedArrayBuffer;
}
