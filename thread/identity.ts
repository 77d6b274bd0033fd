/**
 * Objects whose state is in shared memory, known by it in every thread.
 *
 * The memory begins with a number of its own: what arrives in a thread that
 * has the object already is that object.
 *
 * @module
 */

import { sharedMemory } from "./support.ts";

/** What the number takes, in bytes. */
export const HEAD = 8;

const known = new Map<bigint, WeakRef<object>>();
const collected = new FinalizationRegistry<bigint>((id) => {
  // A second object may have come in the place of the one that is gone.
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** Shared memory with a number of its own and `size` bytes of zeros behind it. */
export function allocate(size: number): SharedArrayBuffer {
  const memory = sharedMemory(HEAD + size);
  new BigUint64Array(memory, 0, 1).set(
    crypto.getRandomValues(new BigUint64Array(1)),
  );
  return memory;
}

/** The number that the memory begins with. */
export function idOf(memory: SharedArrayBuffer): bigint {
  return new BigUint64Array(memory, 0, 1)[0]!;
}

/** Makes `object` the one that the memory stands for in this thread. */
export function remember(memory: SharedArrayBuffer, object: object): void {
  const id = idOf(memory);
  if (known.get(id)?.deref() === object) return;
  known.set(id, new WeakRef(object));
  collected.register(object, id);
}

/** The object that the memory stands for in this thread, made if need be. */
export function recall<T extends object>(
  memory: SharedArrayBuffer,
  make: () => T,
): T {
  const object = known.get(idOf(memory))?.deref();
  if (object !== undefined) return object as T;
  const made = make();
  remember(memory, made);
  return made;
}
