/**
 * The call of a thread's function, in a module of its own: the stack of an
 * exception is shown down to here.
 *
 * @module
 */

import type { Target } from "./state.ts";

export const url = import.meta.url;

/** Calls the function of a thread with its arguments. */
export function call({ function: function_, args, kwargs }: Target): unknown {
  const all = kwargs === null ? args : [...args, kwargs];
  return (function_ as (...args: unknown[]) => unknown)(...all);
}
