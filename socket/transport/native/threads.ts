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
import { NATIVE, NativeEndpoint, type Sent } from "./endpoint.ts";
import { libc } from "./libc.ts";
import {
  join as joinOwners,
  marks,
  self,
  sharedMarks,
  take,
} from "./owners.ts";
import { publishWakeup } from "./poller.ts";
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

/** How long to wait before looking again whether a thread is gone, in milliseconds. */
const SHORTEST = 1;
const LONGEST = 64;

let threads = 0;

/** In the main thread: prepares for a new thread. */
export function fork(): Fork {
  const thread = ++threads;
  const status = new Status();
  const data: Shared = {
    thread,
    marks: sharedMarks(),
    status: status.memory,
  };
  return { peer: thread, data, ended: () => reap(thread, status) };
}

/** In a new thread. */
export function join(data: unknown): void {
  const { thread, marks, status: memory } = data as Shared;
  const status = new Status(memory);
  status.begin();
  joinOwners(marks, thread);
  publishWakeup(status);
}

/** Closes all that a thread owned which has ended. */
async function reap(thread: number, status: Status): Promise<void> {
  for (
    let wait = SHORTEST;
    status.isRunning;
    wait = Math.min(2 * wait, LONGEST)
  ) {
    // The wait of its poller is on a thread of Deno's, and keeps both.
    status.wakePoller();
    await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, wait)));
  }
  for (let fd = 0; fd < marks.length; fd++) {
    const mark = marks[fd]!;
    if (mark === -thread) Atomics.compareExchange(marks, fd, mark, 0);
    else if (
      mark === thread && Atomics.compareExchange(marks, fd, mark, 0) === mark
    ) libc.close(fd);
  }
}
