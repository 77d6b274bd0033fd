/**
 * Steps that the main thread and another one take in turn.
 *
 * @module
 */

/** Milliseconds after which a thread goes on anyway: its test has failed. */
const PATIENCE = 20_000;

/** The last step that was taken, in shared memory. */
export type Steps = Int32Array<SharedArrayBuffer>;

/** None was taken yet. */
export function steps(): Steps {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Takes a step. */
export function step(steps: Steps, number: number): void {
  Atomics.store(steps, 0, number);
  Atomics.notify(steps, 0);
}

/** Waits until a step was taken. */
export async function taken(steps: Steps, number: number): Promise<void> {
  for (;;) {
    const now = Atomics.load(steps, 0);
    if (now >= number) return;
    const { value } = Atomics.waitAsync(steps, 0, now, PATIENCE);
    if (await value === "timed-out") throw new Error(`No step ${number}`);
  }
}

/**
 * The same as a thread that computes waits: what comes meanwhile for any
 * socket of its worker stays on its way.
 */
export function block(steps: Steps, number: number): void {
  for (;;) {
    const now = Atomics.load(steps, 0);
    if (now >= number) return;
    if (Atomics.wait(steps, 0, now, PATIENCE) === "timed-out") return;
  }
}
