/**
 * What a module must not do while a thread loads it.
 *
 * @module
 */

let forbid: ((what: string) => void) | null = null;

/** Has a function asked before something is done that threads look after. */
export function onBegin(ask: (what: string) => void): void {
  forbid = ask;
}

/** To be called before a server is started; may raise. */
export function begin(what: string): void {
  forbid?.(what);
}
