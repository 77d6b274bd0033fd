/**
 * Inspecting a value that is to go to another thread.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import { IOBase } from "../file/base.ts";
import { type Movable, transfer } from "./transfer.ts";

/** The step from an object to one of its parts; `isKey`: to a key of a Map. */
type Step = [whole: object, key: unknown, isKey: boolean];

/** A value, and all that has to be known of it before it is sent. */
export class Inspection {
  readonly value: unknown;
  /** The objects that move rather than being copied, with their paths. */
  readonly movables = new Map<Movable, string>();
  readonly #name: string;
  readonly #seen = new Set<object>();
  /** The steps down to the current part: a path is made only for an error. */
  readonly #steps: Step[] = [];

  /**
   * Inspects a value, at any depth.
   *
   * @param name The name of the value in error messages.
   * @throws {TypeError} If a part can't be sent; the message has its path.
   */
  constructor(value: unknown, name: string) {
    this.value = value;
    this.#name = name;
    this.#inspect(value, null);
  }

  /** Whether any part moves rather than being copied. */
  get moves(): boolean {
    return this.movables.size > 0;
  }

  /** `within` is the object around it that structured clone copies whole. */
  #inspect(value: unknown, within: object | null): void {
    if (typeof value === "object" && value !== null) {
      this.#inspectObject(value, within);
    } else if (within === null && !isAtom(value)) this.#refuse(value);
    // A function or symbol within makes the trial clone of the whole fail.
  }

  #inspectObject(value: object, within: object | null): void {
    if (transfer in value) {
      if (within !== null) this.#refuse(value, ` in ${nameOf(within)}`);
      this.movables.set(value as Movable, this.#path());
      return;
    }
    if (this.#seen.has(value)) return;
    this.#seen.add(value);
    if (value instanceof IOBase) this.#refuse(value);
    const whole = isWhole(value);
    forEachPart(value, (part, key, isKey) => {
      if (isAtom(part)) return;
      this.#steps.push([value, key, isKey]);
      this.#inspect(part, within ?? (whole ? value : null));
      this.#steps.pop();
    });
    if (whole && !isBinary(value) && !clones(value)) this.#refuse(value);
  }

  #path(): string {
    return this.#steps.reduce(describe, this.#name);
  }

  #refuse(value: unknown, where = ""): never {
    const name = typeof value === "object"
      ? nameOf(value)
      : `a ${typeof value}`;
    throw new TypeError(
      `${this.#path()}: ${name}${where} can't be given to a thread`,
    );
  }
}

/** Whether a value has no parts, and can be sent. */
function isAtom(value: unknown): boolean {
  return value === null || typeof value !== "object" &&
      typeof value !== "function" && typeof value !== "symbol";
}

/** Not every object has a constructor with a name. */
function nameOf(value: object | null): string {
  return kind(value) || tagOf(value).slice("[object ".length, -1);
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** Whether structured clone copies it as a plain object. */
export function isPlain(value: object): boolean {
  return tagOf(value) === "[object Object]" && !(value instanceof WeakRef);
}

/** Whether structured clone copies it in one piece, or can't copy it. */
export function isWhole(value: object): boolean {
  return !Array.isArray(value) && !(value instanceof Map) &&
    !(value instanceof Set) && !isPlain(value);
}

/** Binary data has no parts, and may be too long for a trial clone. */
function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer;
}

function clones(value: object): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function forEachPart(
  value: object,
  visit: (part: unknown, key: unknown, isKey: boolean) => void,
): void {
  if (isBinary(value)) return;
  if (value instanceof Map) {
    for (const [key, part] of value) {
      visit(key, key, true);
      visit(part, key, false);
    }
  } else if (value instanceof Set) {
    for (const part of value) visit(part, null, false);
  } else if (value instanceof Error) {
    if (value.cause !== undefined) visit(value.cause, "cause", false);
  } else {
    const parts = value as Record<string, unknown>;
    for (const key of Object.keys(value)) visit(parts[key], key, false);
  }
}

/** The path of a part, from the path of the whole. */
function describe(path: string, [whole, key, isKey]: Step): string {
  if (isKey) return `a key of ${path}`;
  if (whole instanceof Map) return `${path}.get(${label(key)})`;
  if (whole instanceof Set) return `in ${path}`;
  const name = key as string;
  if (Array.isArray(whole) && /^\d/.test(name)) return `${path}[${name}]`;
  if (path === "") return name;
  return /^[A-Za-z_$][\w$]*$/.test(name)
    ? `${path}.${name}`
    : `${path}[${label(name)}]`;
}

function label(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  return typeof key === "object" ? nameOf(key) : String(key);
}

/** Disposes of all movable objects in a value that nothing else refers to. */
export function disposeAll(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (transfer in value) {
    disposeOf(value as Partial<Disposable>);
  } else forEachPart(value, (part) => disposeAll(part, seen));
}

/** Locks have nothing to dispose of, and raise when they are asked for it. */
function disposeOf(value: Partial<Disposable>): void {
  let dispose;
  try {
    dispose = value[Symbol.dispose];
  } catch {
    return;
  }
  dispose?.call(value);
}
