/**
 * The transport in the threads that the main thread starts: what they share with
 * it, and what happens when one has ended.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { openDescriptor } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import type { Fork } from "../default.ts";
import { onHandOver } from "../handover.ts";
import { NativeEndpoint } from "./endpoint.ts";
import { NATIVE, type Sent } from "./handover.ts";
import { libc } from "./libc.ts";
import {
  join as joinOwners,
  marks,
  self,
  sharedMarks,
  take,
} from "./owners.ts";
import { publishPoller } from "./poller.ts";
import { Status } from "./status.ts";

/** What a thread shares with the main thread. */
interface Shared {
  /** Its number. */
  readonly thread: number;
  /** The owners of all descriptors. */
  readonly marks: SharedArrayBuffer;
  readonly status: SharedArrayBuffer;
}

onHandOver(NATIVE, ([fd, from, family, type, proto, unread]: Sent) => {
  if (self === 0 && !take(fd, from)) throw new OSError(errno.EBADF);
  const endpoint = new NativeEndpoint(fd, family, type, proto);
  if (unread) endpoint.putBack(unread);
  return openDescriptor(endpoint);
});

/** The longest wait before another look whether a thread is gone, in milliseconds. */
const LONGEST = 64;
/** How long that keeps the process alive, about, in milliseconds. */
const PATIENCE = 5000;

let threads = 0;
/** Threads that have ended, and whose descriptors are not closed yet. */
const reaping = new Set<Promise<void>>();

/** In the main thread: prepares for a new thread. */
export function fork(): Fork {
  const thread = ++threads;
  const status = new Status();
  const data: Shared = {
    thread,
    marks: sharedMarks(),
    status: status.memory,
  };
  return { peer: thread, data, ended };

  function ended(): Promise<void> {
    const reaped = reap(thread, status).finally(() => reaping.delete(reaped));
    reaping.add(reaped);
    return reaped;
  }
}

/** Resolves once all that threads owned which have ended is closed. */
export async function reaped(): Promise<void> {
  await Promise.all(reaping);
}

/** In a new thread. */
export function join(data: unknown): void {
  const { thread, marks, status: memory } = data as Shared;
  const status = new Status(memory);
  status.begin();
  joinOwners(marks, thread);
  publishPoller(status);
}

/** Closes all that a thread owned which has ended. */
async function reap(thread: number, status: Status): Promise<void> {
  status.end();
  await wakeWhile(() => status.isRunning, status);
  // Deno may have dropped the wait before it began: then nothing ends it.
  await wakeWhile(() => status.isParked, status, PATIENCE);
  for (let fd = 0; fd < marks.length; fd++) {
    const mark = marks[fd]!;
    if (mark === -thread) Atomics.compareExchange(marks, fd, mark, 0);
    else if (
      mark === thread && Atomics.compareExchange(marks, fd, mark, 0) === mark
    ) libc.close(fd);
  }
}

/** Wakes a poller again and again while a condition holds, up to `limit` ms. */
async function wakeWhile(
  condition: () => boolean,
  status: Status,
  limit = Infinity,
): Promise<void> {
  const start = performance.now();
  for (let wait = 1; condition(); wait = Math.min(2 * wait, LONGEST)) {
    status.wakePoller();
    const passed = performance.now() - start;
    if (passed > limit) return;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      // The thread may be within a call that lasts: the process doesn't wait for
      // that.
      if (passed > PATIENCE) Deno.unrefTimer(timer);
    });
  }
}
