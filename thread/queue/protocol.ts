/**
 * The messages between a queue and the threads that have it.
 *
 * Each request with a number gets one answer, the last one with that number.
 * An item that moves is sent by two requests: `reserve` waits for room, and
 * only once that is `reserved` does `commit` take the item from its owner.
 *
 * @module
 */

import { OSError } from "../../socket/errors.ts";
import type { Movable } from "../../socket/link/transfer.ts";
import { RuntimeError } from "../errors.ts";
import { Empty, Full, ShutDown } from "./errors.ts";
import type { Order } from "./items.ts";

/** What never changes about a queue. */
export interface QueueConfig {
  readonly order: Order;
  /** Whether it is a `SimpleQueue`. */
  readonly simple: boolean;
  /** The number that the queue was made with. */
  readonly maxsize: number;
  /** How many items it takes; may be infinite. */
  readonly limit: number;
  /** Shared by all threads: the number and the counters of the queue. */
  readonly memory: SharedArrayBuffer;
}

/** How a queue is given to a thread. */
export interface QueueHandle {
  readonly config: QueueConfig;
  /** One word of shared memory: how many items have arrived in the thread. */
  readonly received: SharedArrayBuffer;
}

/** How long to wait, in milliseconds; `null` for ever. */
export type Timeout = number | null;

/** Comes in the place of a message whose item can't be made where it arrived. */
type Broken = { op: "broken"; id: number; error: Error };

/** A request to the server. */
export type Request =
  | { op: "get"; id: number; timeoutMs: Timeout }
  | { op: "put"; id: number; timeoutMs: Timeout; item: unknown }
  /** Asks for room for an item. */
  | { op: "reserve"; id: number; timeoutMs: Timeout }
  /** Puts the item there. */
  | { op: "commit"; id: number; item: unknown }
  /** The item can't be sent after all. */
  | { op: "cancel"; id: number; error: Failure }
  | Broken
  /** The counters say that the queue was shut down. */
  | { op: "shutdown" }
  /** So many of the times that the thread was given the queue are over. */
  | { op: "release"; times: number }
  /** The thread has made a queue, whose items the other end is to have. */
  | { op: "create"; made: Movable };

/** An answer of the server. */
export type Reply =
  | { op: "item"; id: number; item: unknown }
  | { op: "done"; id: number }
  | { op: "error"; id: number; error: Failure }
  | Broken
  /** There is room. The last answer is that to `commit` or `cancel`. */
  | { op: "reserved"; id: number };

/** A message that is ready to be sent. */
export interface Prepared {
  /** Whether something in it moves rather than being copied. */
  readonly moves: boolean;
  /**
   * Sends it.
   *
   * @throws {TypeError | OSError} If there is something in it that can't go;
   * nothing was sent then.
   */
  send(): void;
}

/** An error as it is sent; as itself it would lose its class. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** The number of an `OSError`. */
  readonly errno: number | null;
}

const classes: Record<string, new (message: string) => Error> = {
  Empty,
  Full,
  RangeError,
  ShutDown,
  TypeError,
};

/** The error for another thread. */
export function encodeError(error: Error): Failure {
  const { name, message } = error;
  if (!(error instanceof OSError)) return { name, message, errno: null };
  return { name, message: error.strerror ?? message, errno: error.errno };
}

/** The error of another thread. */
export function decodeError({ name, message, errno }: Failure): Error {
  if (errno !== null) return new OSError(errno, message);
  return new (classes[name] ?? RuntimeError)(message);
}
