/**
 * The messages between the server of a queue and its clients.
 *
 * Each request with an id gets one answer, the last one with that id. An item
 * that moves is sent by two requests: `reserve` waits for room, and only once
 * that is `reserved` does `commit` take the item from its owner.
 *
 * @module
 */

import type { Movable } from "../../socket/link/transfer.ts";
import type { EncodedError } from "./errors.ts";

/** The class of a queue: three orders of items, or `SimpleQueue`. */
export type QueueKind = "fifo" | "lifo" | "priority" | "simple";

/** The properties of a queue that never change. */
export interface QueueConfig {
  readonly kind: QueueKind;
  /** The number that the queue was made with. */
  readonly maxsize: number;
  /** How many items it takes; may be infinite. */
  readonly limit: number;
  /** Shared by all threads: the id and the counters of the queue. */
  readonly memory: SharedArrayBuffer;
}

/** The message from which a thread makes a queue. */
export interface QueueHandle {
  readonly config: QueueConfig;
  /** One word of shared memory: how many items have arrived in the thread. */
  readonly received: SharedArrayBuffer;
}

/** The longest wait, in milliseconds; `null` for ever. */
export type Timeout = number | null;

/** Replaces a message whose item couldn't be made anew. */
type Broken = { op: "broken"; id: number; error: Error };

export type Request =
  | { op: "get"; id: number; timeoutMs: Timeout }
  | { op: "put"; id: number; timeoutMs: Timeout; item: unknown }
  /** Asks for room for an item. */
  | { op: "reserve"; id: number; timeoutMs: Timeout }
  /** Puts an item into reserved room. */
  | { op: "commit"; id: number; item: unknown }
  /** Gives up reserved room: the item can't be sent. */
  | { op: "cancel"; id: number; error: EncodedError }
  | Broken
  /** The counters say that the queue was shut down. */
  | { op: "shutdown" }
  /** The thread gives up so many references to the queue. */
  | { op: "release"; references: number }
  /** The thread has made a queue; the receiver serves it. */
  | { op: "create"; made: Movable };

export type Reply =
  | { op: "item"; id: number; item: unknown }
  | { op: "done"; id: number }
  | { op: "error"; id: number; error: EncodedError }
  | Broken
  /** There is room. The last answer is that to `commit` or `cancel`. */
  | { op: "reserved"; id: number };

/** A message that is ready to be sent. */
export interface Prepared {
  /** Whether a part of it moves rather than being copied. */
  readonly moves: boolean;
  /**
   * Sends it.
   *
   * @throws {TypeError | OSError} If a part can't be sent; then nothing is.
   */
  send(): void;
}
