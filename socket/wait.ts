/**
 * Waiting for an endpoint: the one place where blocking calls and time-outs
 * come from.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError, TimeoutError } from "./errors.ts";
import type { Endpoint } from "./transport/transport.ts";

/** The longest time that a timer can measure, in milliseconds. */
const LONGEST = 0x7fffffff;

/**
 * Does an operation that may have to wait, in the mode that `timeout` says:
 * `null` waits for as long as it takes, 0 raises `BlockingIOError`, anything
 * else raises `TimeoutError` after so many seconds.
 *
 * @param events The `POLL` bits that tell when to try again.
 * @param attempt Does it, or returns `undefined` if it would have to wait.
 */
export async function perform<T>(
  endpoint: Endpoint,
  timeout: number | null,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  let result = attempt();
  if (result !== undefined) return result;
  if (timeout === 0) {
    await endpoint.settle(events);
    result = attempt();
    if (result !== undefined) return result;
    throw new OSError(errno.EAGAIN);
  }
  const deadline = timeout === null ? null : performance.now() + timeout * 1000;
  for (;;) {
    if (!await ready(endpoint, events, deadline)) {
      throw new TimeoutError("timed out");
    }
    result = attempt();
    if (result !== undefined) return result;
  }
}

/**
 * Waits until one of `events` may have come true; `false` if the deadline (as
 * of `performance.now()`) came first.
 */
export function ready(
  endpoint: Endpoint,
  events: number,
  deadline: number | null,
): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = { events, wake: () => finish(true) };
    const finish = (woken: boolean) => {
      endpoint.unwatch(watch);
      clearTimeout(timer);
      resolve(woken);
    };
    if (deadline !== null) {
      const left = Math.max(0, deadline - performance.now());
      // Too long for one timer: the caller tries in vain and waits again.
      timer = setTimeout(finish, Math.min(left, LONGEST), left > LONGEST);
    }
    endpoint.watch(watch);
  });
}
