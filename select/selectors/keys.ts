/**
 * The keys of all objects that are registered with a selector.
 *
 * @module
 */

import { int } from "../../socket/arguments.ts";
import { readiness } from "../../socket/reactor/readiness.ts";
import type { FileObject, SelectorKey } from "./key.ts";

/**
 * Keys by the descriptors of their objects; by the objects themselves if those
 * are of a kind that has none.
 */
export class Keys<Data, T extends FileObject> {
  readonly #keys = new Map<FileObject, SelectorKey<Data, T>>();
  /** The same for programs, which can't change anything there. */
  readonly view: ReadonlyMap<FileObject, SelectorKey<Data, T>> = new View(
    this,
    this.#keys,
  );

  /**
   * The key of the map for an object: its descriptor, or the object itself. A
   * closed object has no descriptor any more, so it is looked for by identity.
   *
   * @throws {RangeError} If it is not registered, and could not be.
   */
  idOf(fileobj: FileObject): FileObject {
    try {
      return identify(fileobj);
    } catch (error) {
      for (const [id, key] of this.#keys) {
        if (key.fileobj === fileobj) return id;
      }
      throw error;
    }
  }

  /** The key of an object. */
  get(fileobj: FileObject): SelectorKey<Data, T> | undefined {
    return this.#keys.get(this.idOf(fileobj));
  }

  /** The key of an object, or a `RangeError` if it has none. */
  require(fileobj: FileObject): SelectorKey<Data, T> {
    const key = this.get(fileobj);
    if (key) return key;
    throw new RangeError(`${String(fileobj)} is not registered`);
  }

  /** The key of something that was waited for, if it still has one. */
  find(what: FileObject): SelectorKey<Data, T> | undefined {
    try {
      return this.get(what);
    } catch {
      return undefined;
    }
  }

  /** Files a key. */
  set(id: FileObject, key: SelectorKey<Data, T>): void {
    this.#keys.set(id, key);
  }

  /** Removes a key. */
  delete(id: FileObject): void {
    this.#keys.delete(id);
  }

  /** Removes all keys. */
  clear(): void {
    this.#keys.clear();
  }
}

/** Python's `_fileobj_to_fd`, with its messages. */
function identify(fileobj: FileObject): FileObject {
  if (isWithoutDescriptor(fileobj)) return fileobj;
  const fd = descriptorOf(fileobj);
  if (fd < 0) throw new RangeError(`Invalid file descriptor: ${fd}`);
  return fd;
}

function isWithoutDescriptor(fileobj: FileObject): boolean {
  return typeof fileobj === "object" && fileobj !== null &&
    readiness in fileobj && !("fileno" in fileobj);
}

function descriptorOf(fileobj: FileObject): number {
  try {
    return int(
      typeof fileobj === "number"
        ? fileobj
        : (fileobj as { fileno(): number }).fileno(),
      "a file descriptor",
    );
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new RangeError(`Invalid file object: ${String(fileobj)}`);
    }
    throw error;
  }
}

/** A `Map` that can only be read. */
class View<Data, T extends FileObject>
  implements ReadonlyMap<FileObject, SelectorKey<Data, T>> {
  readonly #keys: Keys<Data, T>;
  readonly #map: ReadonlyMap<FileObject, SelectorKey<Data, T>>;

  constructor(
    keys: Keys<Data, T>,
    map: ReadonlyMap<FileObject, SelectorKey<Data, T>>,
  ) {
    this.#keys = keys;
    this.#map = map;
  }

  get size(): number {
    return this.#map.size;
  }

  get(fileobj: FileObject): SelectorKey<Data, T> | undefined {
    return this.#keys.get(fileobj);
  }

  has(fileobj: FileObject): boolean {
    return this.get(fileobj) !== undefined;
  }

  keys(): MapIterator<FileObject> {
    return this.#map.keys();
  }

  values(): MapIterator<SelectorKey<Data, T>> {
    return this.#map.values();
  }

  entries(): MapIterator<[FileObject, SelectorKey<Data, T>]> {
    return this.#map.entries();
  }

  [Symbol.iterator](): MapIterator<[FileObject, SelectorKey<Data, T>]> {
    return this.entries();
  }

  forEach(
    callback: (
      key: SelectorKey<Data, T>,
      id: FileObject,
      map: ReadonlyMap<FileObject, SelectorKey<Data, T>>,
    ) => void,
    self?: unknown,
  ): void {
    this.#map.forEach((key, id) => callback.call(self, key, id, this));
  }
}
