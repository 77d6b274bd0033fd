/**
 * Calls of the C library that may take long, each on a thread of Deno's.
 *
 * @module
 */

/**
 * So many go on at once. Deno has 512 threads for all workers, and the poller
 * needs one: it must not stand behind look-ups that no server answers.
 */
const MOST = 64;

let free = MOST;
const waiting: (() => void)[] = [];

/** Makes a call as soon as it may. */
export async function offThread<T>(call: () => Promise<T>): Promise<T> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await call();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }
}
