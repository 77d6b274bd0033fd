/**
 * The one look into a value that is to go to another thread.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import { IOBase } from "../file/base.ts";
import { type Movable, transfer } from "./transfer.ts";
import { LONGEST_TEXT, MOST_PARTS, PLACE, Place } from "./text.ts";

/** The path of a part, made from the path of the whole. */
type Describe = (path: string, key: unknown) => string;

/** A value, and what is to be known of it before it goes. */
export class Contents {
  readonly value: unknown;
  /** What moves rather than being copied, with the path to it. */
  readonly movables = new Map<Movable, string>();
  /** Whether JSON tells all of it as it is, and no slower than a message. */
  text = true;
  readonly #name: string;
  readonly #seen = new Set<object>();
  /** The way down to where it looks. Words are made of it only if needed. */
  readonly #steps: [describe: Describe, key: unknown][] = [];
  #length = 0;

  /**
   * Looks at a value, at any depth.
   *
   * @param name What error messages call the value.
   * @throws {TypeError} If something in it can't go; the message says where.
   */
  constructor(value: unknown, name: string) {
    this.value = value;
    this.#name = name;
    this.#look(value, null);
  }

  /** Whether there is anything in it that moves. */
  get moves(): boolean {
    return this.movables.size > 0;
  }

  /** `within` is the object around it that structured clone copies whole. */
  #look(value: unknown, within: object | null): void {
    if (isAtom(value)) {
      if (this.text) this.text = this.#isText(value);
    } else if (typeof value === "object" && value !== null) {
      this.#lookInto(value, within);
    } else if (within === null) this.#refuse(value);
    // Otherwise the whole will be refused, since it can't be cloned.
  }

  #isText(atom: unknown): boolean {
    switch (typeof atom) {
      case "number":
        return Number.isFinite(atom) && !Object.is(atom, -0);
      case "string":
        this.#length += atom.length;
        return this.#length <= LONGEST_TEXT;
      case "boolean":
        return true;
      default:
        return atom === null;
    }
  }

  #lookInto(value: object, within: object | null): void {
    if (value instanceof Place) return;
    if (transfer in value) {
      if (within !== null) this.#refuse(value, ` in ${nameOf(within)}`);
      this.movables.set(value as Movable, this.#path());
      return;
    }
    if (this.#seen.has(value)) {
      // A text would make two of it.
      this.text = false;
      return;
    }
    this.#seen.add(value);
    if (value instanceof IOBase) this.#refuse(value);
    const whole = isWhole(value);
    if (this.text) this.text = !whole && this.#isTextual(value);
    const look = (part: unknown, describe: Describe, key: unknown) => {
      if (isAtom(part)) return this.#look(part, within);
      this.#steps.push([describe, key]);
      this.#look(part, within ?? (whole ? value : null));
      this.#steps.pop();
    };
    forEachPart(value, look);
    if (whole && !isBinary(value) && !clones(value)) this.#refuse(value);
  }

  /** Whether JSON tells the object itself, apart from its parts. */
  #isTextual(value: object): boolean {
    if (this.#seen.size > MOST_PARTS) return false;
    if (Array.isArray(value)) {
      // It may have holes, or other properties than its elements.
      return Object.keys(value).length === value.length;
    }
    return Object.getPrototypeOf(value) === Object.prototype &&
      !Object.hasOwn(value, PLACE) && !Object.hasOwn(value, "toJSON");
  }

  #path(): string {
    return this.#steps.reduce(
      (path, [describe, key]) => describe(path, key),
      this.#name,
    );
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

/** It has no parts, and can go. */
export function isAtom(value: unknown): boolean {
  return value === null || typeof value !== "object" &&
      typeof value !== "function" && typeof value !== "symbol";
}

/** Not everything has a constructor with a name. */
function nameOf(value: object | null): string {
  return kind(value) || tagOf(value).slice("[object ".length, -1);
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** Structured clone takes it for a plain object. */
export function isPlain(value: object): boolean {
  return tagOf(value) === "[object Object]" && !(value instanceof WeakRef);
}

/** Structured clone copies it in one piece, or can't. */
function isWhole(value: object): boolean {
  return !Array.isArray(value) && !(value instanceof Map) &&
    !(value instanceof Set) && !isPlain(value);
}

/** Bytes have no parts, and may be too many to try. */
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

/** Visits what structured clone would go into, and how to describe it. */
export function forEachPart(
  value: object,
  visit: (part: unknown, describe: Describe, key: unknown) => void,
): void {
  if (isBinary(value)) return;
  if (value instanceof Map) {
    for (const [key, part] of value) {
      visit(key, describeKey, key);
      visit(part, describeEntry, key);
    }
  } else if (value instanceof Set) {
    for (const part of value) visit(part, describeMember, null);
  } else if (value instanceof Error) {
    if (value.cause !== undefined) {
      visit(value.cause, describeProperty, "cause");
    }
  } else {
    const describe = Array.isArray(value) ? describeElement : describeProperty;
    const parts = value as Record<string, unknown>;
    for (const key of Object.keys(value)) visit(parts[key], describe, key);
  }
}

const describeKey: Describe = (path) => `a key of ${path}`;

const describeEntry: Describe = (path, key) => `${path}.get(${label(key)})`;

const describeMember: Describe = (path) => `in ${path}`;

/** Arrays may have other properties, whose names can't begin with a digit. */
const describeElement: Describe = (path, key) =>
  /^\d/.test(key as string) ? `${path}[${key}]` : describeProperty(path, key);

const describeProperty: Describe = (path, key) => {
  if (path === "") return key as string;
  return /^[A-Za-z_$][\w$]*$/.test(key as string)
    ? `${path}.${key}`
    : `${path}[${label(key)}]`;
};

function label(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  return typeof key === "object" ? nameOf(key) : String(key);
}
