/**
 * The one wait, which all blocking calls and all time-outs come from: wait
 * until a source may have changed, look, and wait again.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { OSError, TimeoutError } from "../errors.ts";
import { traced } from "../stack.ts";
import { LONGEST } from "./alive.ts";
import type { Source } from "./readiness.ts";

/**
 * Looks again and again, whenever one of `events` may have come true.
 *
 * @param timeout Milliseconds; `null` waits for as long as it takes, 0 looks
 * once more, with the source as fresh as it can be.
 * @param look Returns `undefined` if it has to wait on.
 * @param expired The result, or the error, when the time is over.
 */
export async function waitFor<T>(
  source: Omit<Source, "readiness">,
  events: number,
  timeout: number | null,
  look: () => T | undefined,
  expired: () => T,
): Promise<T> {
  try {
    if (timeout === 0) {
      await source.settle?.(events);
      const result = look();
      return result === undefined ? expired() : result;
    }
    const deadline = timeout === null ? Infinity : performance.now() + timeout;
    const watch = { events, wake: ignore };
    do {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        watch.wake = resolve;
        source.watch(watch);
        if (deadline === Infinity) return;
        const left = Math.max(0, deadline - performance.now());
        timer = setTimeout(resolve, Math.min(left, LONGEST));
      });
      clearTimeout(timer);
      source.unwatch(watch);
      const result = look();
      if (result !== undefined) return result;
    } while (deadline === Infinity || performance.now() < deadline);
    return expired();
  } catch (error) {
    throw traced(error);
  }
}

function ignore(): void {}

/**
 * Does an operation that may have to wait, in the mode that `timeout` says:
 * `null` waits for as long as it takes, 0 raises `BlockingIOError`, anything
 * else raises `TimeoutError` after so many seconds.
 *
 * An error of the first attempt is thrown, not rejected: callers promise.
 *
 * @param events The `POLL` bits that tell when to try again.
 * @param attempt Does it, or returns `undefined` if it would have to wait.
 */
export function perform<T>(
  source: Source,
  timeout: number | null,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  let result;
  try {
    result = attempt();
  } catch (error) {
    // The error may have been made long before: this adds the caller's stack.
    throw traced(error, perform);
  }
  return result === undefined
    ? retry(source, timeout, events, attempt)
    : Promise.resolve(result);
}

/**
 * Waits and tries again, as {@linkcode perform} does once its first attempt had
 * to wait. Callers on the way of every message make that attempt themselves, so
 * that one which needs no wait costs no closure.
 */
export function retry<T>(
  source: Source,
  timeout: number | null,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  const milliseconds = timeout && timeout * 1000;
  const expired = timeout === 0 ? wouldBlock : timedOut;
  return waitFor(source, events, milliseconds, attempt, expired);
}

function wouldBlock(): never {
  throw new OSError(errno.EAGAIN);
}

/** Raises the error of a call whose time is over. */
export function timedOut(): never {
  throw new TimeoutError("timed out");
}
