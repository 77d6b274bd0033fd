/**
 * Objects whose state is in shared memory.
 *
 * The memory begins with an id: when it arrives in a thread that has an object
 * for it already, it is that object.
 *
 * @module
 */

import { RuntimeError } from "./errors.ts";

/** The size of the id, in bytes. */
export const HEAD = 8;

const known = new Map<string, WeakRef<object>>();
const collected = new FinalizationRegistry<string>((id) => {
  // A second object may have replaced the one that was collected.
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** Whether there is shared memory; some runtimes alias it to `ArrayBuffer`. */
export function hasSharedMemory(): boolean {
  const { SharedArrayBuffer } = globalThis;
  return typeof SharedArrayBuffer === "function" &&
    !(new SharedArrayBuffer(0) instanceof ArrayBuffer);
}

/** Whether a value is shared memory. */
export function isShared(value: unknown): value is SharedArrayBuffer {
  return hasSharedMemory() && value instanceof SharedArrayBuffer;
}

/**
 * Shared memory: an id and `size` bytes of zeros behind it.
 *
 * @throws {RuntimeError} If the runtime has none.
 */
export function allocate(size: number): SharedArrayBuffer {
  if (!hasSharedMemory()) {
    throw new RuntimeError(
      "locks and queues need shared memory (SharedArrayBuffer), which this " +
        "runtime doesn't have",
    );
  }
  const memory = new SharedArrayBuffer(HEAD + size);
  new BigUint64Array(memory, 0, 1).set(
    crypto.getRandomValues(new BigUint64Array(1)),
  );
  return memory;
}

/** The id of the memory. */
export function idOf(memory: SharedArrayBuffer): string {
  return String(new BigUint64Array(memory, 0, 1)[0]);
}

/** Makes `object` the one for the memory in this thread. */
export function setObject(memory: SharedArrayBuffer, object: object): void {
  const id = idOf(memory);
  if (known.get(id)?.deref() === object) return;
  known.set(id, new WeakRef(object));
  collected.register(object, id);
}

/** The object for the memory in this thread, made if there is none. */
export function objectOf<T extends object>(
  memory: SharedArrayBuffer,
  make: () => T,
): T {
  const object = known.get(idOf(memory))?.deref();
  if (object !== undefined) return object as T;
  const made = make();
  setObject(memory, made);
  return made;
}
