/**
 * Values that each thread has for itself.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { current, type Running } from "../current.ts";
import { allocate, objectOf, setObject } from "../memory.ts";

/** The values of one thread are being made: no proxy is. */
let making = false;

/**
 * An object whose properties are others in every thread, also in threads that
 * share a worker: they are gone with the thread.
 *
 * A class that extends it is constructed once more for each thread that uses
 * the object, with the arguments that its constructor gives to `super()`.
 * Private fields (`#name`) don't work there.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * class Request extends threading.local {
 *   n = 0;
 * }
 *
 * const request = new Request();
 * request.n++;
 * assertEquals(request.n, 1); // In all other threads it is 0.
 * ```
 *
 * Follows Python's
 * [`threading.local`](https://docs.python.org/3/library/threading.html#thread-local-data).
 */
export class local implements Movable {
  /** Any property, for the current thread. */
  // deno-lint-ignore no-explicit-any
  [name: string]: any;

  static {
    onArrival(
      "local",
      (memory: SharedArrayBuffer) => objectOf(memory, () => make(memory)),
    );
  }

  /**
   * Makes an object without properties.
   *
   * @param args Those that the constructor of a class which extends this one
   * gets in other threads.
   */
  constructor(...args: unknown[]) {
    if (making) {
      // Others that its constructor makes are objects of their own.
      making = false;
      return;
    }
    return proxyOf(new.target, args, this, null);
  }

  /**
   * Lets another thread see the same object, with its own properties there.
   *
   * @throws {TypeError} If it is of a class that extends this one: such an
   * object belongs on the top level of a module.
   */
  [transfer](): TransferRecord {
    throw new TypeError("can't be given to a thread by its values");
  }
}

function make(memory: SharedArrayBuffer): local {
  making = true;
  try {
    return proxyOf(local, [], new local(), memory);
  } finally {
    making = false;
  }
}

/** An object that passes everything on to that of the current thread. */
function proxyOf(
  type: new (...args: unknown[]) => local,
  args: unknown[],
  first: local,
  memory: SharedArrayBuffer | null,
): local {
  const all = new WeakMap<Running, local>([[current(), first]]);
  const own = () => {
    const thread = current();
    const known = all.get(thread);
    if (known) return known;
    const before = making;
    making = true;
    try {
      const made = new type(...args);
      all.set(thread, made);
      return made;
    } finally {
      making = before;
    }
  };
  const pack = (): TransferRecord => {
    if (type !== local) {
      throw new TypeError(
        "can't be given to a thread: make it on the top level of a module, " +
          "which each worker loads",
      );
    }
    memory ??= allocate(0);
    setObject(memory, proxy);
    return { kind: "local", message: memory };
  };
  const proxy: local = new Proxy(first, {
    get: (_, key) => key === transfer ? pack : Reflect.get(own(), key),
    set: (_, key, value) => Reflect.set(own(), key, value),
    has: (_, key) => Reflect.has(own(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(own(), key),
    ownKeys: () => Reflect.ownKeys(own()),
    getOwnPropertyDescriptor: (_, key) =>
      Reflect.getOwnPropertyDescriptor(own(), key),
    defineProperty: (_, key, descriptor) =>
      Reflect.defineProperty(own(), key, descriptor),
  });
  return proxy;
}
