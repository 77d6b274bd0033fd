/**
 * Waiting for an endpoint: the one place where blocking calls and time-outs
 * come from.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { OSError, TimeoutError } from "../errors.ts";
import { traced } from "../stack.ts";
import { LONGEST } from "./times.ts";
import type { Endpoint } from "../transport/transport.ts";

/**
 * Does an operation that may have to wait, in the mode that `timeout` says:
 * `null` waits for as long as it takes, 0 raises `BlockingIOError`, anything
 * else raises `TimeoutError` after so many seconds.
 *
 * What `attempt` throws at once is thrown, not rejected: callers promise.
 *
 * @param events The `POLL` bits that tell when to try again.
 * @param attempt Does it, or returns `undefined` if it would have to wait.
 */
export function perform<T>(
  endpoint: Endpoint,
  timeout: number | null,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  let result;
  try {
    result = attempt();
  } catch (error) {
    // It may have been made long before.
    throw traced(error, perform);
  }
  if (result !== undefined) return Promise.resolve(result);
  return timeout === 0
    ? retry(endpoint, events, attempt)
    : wait(endpoint, timeout, events, attempt);
}

/** Tries once more, after what the system has had time to come in. */
async function retry<T>(
  endpoint: Endpoint,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  await endpoint.settle?.(events);
  try {
    const result = attempt();
    if (result !== undefined) return result;
  } catch (error) {
    throw traced(error);
  }
  throw new OSError(errno.EAGAIN);
}

async function wait<T>(
  endpoint: Endpoint,
  timeout: number | null,
  events: number,
  attempt: () => T | undefined,
): Promise<T> {
  const deadline = timeout === null ? null : performance.now() + timeout * 1000;
  for (;;) {
    if (!await ready(endpoint, events, deadline)) {
      throw new TimeoutError("timed out");
    }
    try {
      const result = attempt();
      if (result !== undefined) return result;
    } catch (error) {
      throw traced(error);
    }
  }
}

/**
 * Waits until one of `events` may have come true; `false` if the deadline (as
 * of `performance.now()`) came first.
 */
function ready(
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
