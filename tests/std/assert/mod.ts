/**
 * A stand-in for `jsr:@std/assert`, so that the tests run where JSR is out of
 * reach: the same names and signatures, over `node:assert/strict`. It is
 * stricter in one thing: 0 and -0 are not equal.
 *
 * @module
 */

import nodeAssert from "node:assert/strict";
import {
  inspect,
  isDeepStrictEqual,
  stripVTControlCharacters,
} from "node:util";
import { matches } from "./match.ts";

/** The error of a failed assertion. */
export class AssertionError extends Error {
  /** The name of the class. */
  override name = "AssertionError";

  /**
   * An error that tells what failed.
   *
   * @param message The reason.
   * @param options The `cause`.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The values that `if` takes for false, `NaN` apart. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** An array or a typed array, not a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** A class, abstract or not. */
// deno-lint-ignore no-explicit-any
export type Constructor<T = any> = abstract new (...args: any[]) => T;

function failure(what: string, msg?: string): AssertionError {
  return new AssertionError(msg ? `${what}: ${msg}` : `${what}.`);
}

function className(value: unknown): string {
  if (typeof value !== "object" || value === null) return inspect(value);
  return value.constructor?.name ?? "an object without a class";
}

/** Runs a check of Node's; its report goes into an error of this module's. */
function viaNode(check: () => void, msg?: string): void {
  try {
    check();
  } catch (error) {
    throw failure((error as Error).message, msg);
  }
}

/** Whether two values are the same in depth. */
export function equal(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** Asserts that an expression is true. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that an expression is false. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts that two values are the same in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  viaNode(() => nodeAssert.deepStrictEqual(actual, expected), msg);
}

/** Asserts that two values differ somewhere in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  viaNode(() => nodeAssert.notDeepStrictEqual(actual, expected), msg);
}

/** Asserts that two values are one and the same. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  viaNode(() => nodeAssert.strictEqual(actual, expected), msg);
}

/** Asserts that two values are not one and the same. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  viaNode(() => nodeAssert.notStrictEqual(actual, expected), msg);
}

/** Asserts that a value is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    throw failure(`Expected a value, got ${actual}`, msg);
  }
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T extends Constructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    throw failure(
      `Expected an instance of ${expectedType.name}, got ${className(actual)}`,
      msg,
    );
  }
}

/** Asserts that a value is not an instance of a class. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  unexpectedType: Constructor<T>,
  msg?: string,
): asserts actual is Exclude<A, T> {
  if (actual instanceof unexpectedType) {
    throw failure(`Expected no instance of ${unexpectedType.name}`, msg);
  }
}

/** Asserts that a value is an error of a class, with a message. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Constructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw failure(`Expected an Error, got ${className(error)}`, msg);
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      failure(
        `Expected an error of class ${ErrorClass.name}, got ${
          className(error)
        }`,
        msg ?? error.message,
      ).message,
      { cause: error },
    );
  }
  const message = stripVTControlCharacters(error.message);
  const found = typeof msgMatches === "string"
    ? message.includes(stripVTControlCharacters(msgMatches))
    : msgMatches?.test(message) ?? true;
  if (!found) {
    throw failure(
      `Expected the error's message to have ${inspect(msgMatches)}, got ${
        inspect(message)
      }`,
      msg,
    );
  }
}

/** Asserts that a function throws. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class, with a message. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const named = typeof classOrMsg === "string";
  try {
    fn();
  } catch (error) {
    if (classOrMsg && !named) {
      assertIsError(error, classOrMsg, msgIncludes, msg);
    }
    return error;
  }
  throw failure("Expected function to throw", named ? classOrMsg : msg);
}

/** Asserts that the promise of a function is rejected. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Asserts that the promise is rejected with an error of a class. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const named = typeof classOrMsg === "string";
  const note = named ? classOrMsg : msg;
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(
      failure("Function throws when expected to reject", note).message,
      { cause: error },
    );
  }
  if (typeof promise?.then !== "function") {
    throw failure("Expected function to return a promise", note);
  }
  try {
    await promise;
  } catch (error) {
    if (classOrMsg && !named) {
      assertIsError(error, classOrMsg, msgIncludes, msg);
    }
    return error;
  }
  throw failure("Expected function to reject", note);
}

/** Asserts that a string matches a pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) {
    throw failure(`Expected ${inspect(actual)} to match ${expected}`, msg);
  }
}

/** Asserts that a string does not match a pattern. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) {
    throw failure(`Expected ${inspect(actual)} not to match ${expected}`, msg);
  }
}

/** Asserts that a string has another one in it. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    throw failure(
      `Expected ${inspect(actual)} to include ${inspect(expected)}`,
      msg,
    );
  }
}

/** Asserts that an array has every element of another one. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const there = Array.from(actual);
  const missing = Array.from(expected)
    .filter((element) => !there.some((other) => equal(other, element)));
  if (missing.length > 0) {
    throw failure(
      `Expected ${inspect(there)} to include ${inspect(missing)}`,
      msg,
    );
  }
}

/** Asserts that an object has, in depth, everything that another one has. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  if (typeof actual !== "object" || actual === null) {
    throw new TypeError(`assertObjectMatch: not an object: ${inspect(actual)}`);
  }
  if (!matches(actual, expected)) {
    throw failure(
      `Expected ${inspect(actual)} to have ${inspect(expected)}`,
      msg,
    );
  }
}

/** Asserts that two numbers differ by no more than a tolerance. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const limit = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (!(Math.abs(expected - actual) <= limit)) {
    throw failure(`Expected ${actual} within ${limit} of ${expected}`, msg);
  }
}

/** Asserts that a value is greater than another one. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) {
    throw failure(`Expected ${inspect(actual)} > ${inspect(expected)}`, msg);
  }
}

/** Asserts that a value is not less than another one. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) {
    throw failure(`Expected ${inspect(actual)} >= ${inspect(expected)}`, msg);
  }
}

/** Asserts that a value is less than another one. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) {
    throw failure(`Expected ${inspect(actual)} < ${inspect(expected)}`, msg);
  }
}

/** Asserts that a value is not greater than another one. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) {
    throw failure(`Expected ${inspect(actual)} <= ${inspect(expected)}`, msg);
  }
}

/** Fails. */
export function fail(msg?: string): never {
  throw failure("Failed assertion", msg);
}

/** Marks code that is not written. */
export function unimplemented(msg?: string): never {
  throw failure("Unimplemented", msg);
}

/** Marks code that is never reached. */
export function unreachable(msg?: string): never {
  throw failure("Unreachable", msg);
}
