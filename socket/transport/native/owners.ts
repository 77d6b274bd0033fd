/**
 * Which thread owns which descriptor.
 *
 * A descriptor is a number that the whole process shares: closed twice, it is
 * somebody else's socket that is closed. So each has one owner, which alone uses
 * and closes it. What a thread owned when it ended, the main thread closes
 * (`threads.ts`).
 *
 * Marks, in memory that the main thread shares with those that it starts, tell
 * the owners: a thread's number for each descriptor, 0 for the main thread. They
 * are set right behind the system call, with no call and no loop in between,
 * because it is there that V8 ends a thread.
 *
 * | Step                        | Mark                                        |
 * | --------------------------- | ------------------------------------------- |
 * | a thread opens one          | its number                                  |
 * | it closes it                | the number negated; afterwards 0, unless    |
 * |                             | another thread has got the descriptor since |
 * | the main thread gives one   | the new owner's number                      |
 * | the main thread gets one    | 0, when it arrives; if the giver has ended, |
 * |                             | it was closed, and the number isn't used    |
 *
 * A thread that ended between two marks leaves a negated number. That descriptor
 * is left alone: it may have become somebody else's.
 *
 * @module
 */

/** Linux has no more descriptors by default. Higher ones are lent to threads. */
const SIZE = 2 ** 20;

/** The number of this thread: 0 for the main one, and where nothing is shared. */
export let self = 0;

/** The mark of each descriptor; without threads there are none. */
export let marks: Int32Array<ArrayBufferLike> = new Int32Array(0);

/** The memory of the marks, for another thread. */
export function sharedMarks(): SharedArrayBuffer {
  if (marks.length === 0) {
    marks = new Int32Array(new SharedArrayBuffer(4 * SIZE));
  }
  return marks.buffer as SharedArrayBuffer;
}

/** Makes this thread one that has marks. */
export function join(memory: SharedArrayBuffer, thread: number): void {
  marks = new Int32Array(memory);
  self = thread;
}

/** In the main thread: makes another thread the owner. */
export function give(fd: number, thread: number): void {
  Atomics.store(marks, fd, thread);
}

/** In the main thread: becomes the owner, unless that thread has ended. */
export function take(fd: number, thread: number): boolean {
  return Atomics.compareExchange(marks, fd, thread, 0) === thread;
}
