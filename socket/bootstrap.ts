/**
 * A guard against servers that start while a thread loads their module.
 *
 * @module
 */

let forbid: ((what: string) => void) | null = null;

/** Sets a function that is asked before a server is started. */
export function onBegin(ask: (what: string) => void): void {
  forbid = ask;
}

/** To be called before a server is started; may raise. */
export function begin(what: string): void {
  forbid?.(what);
}
