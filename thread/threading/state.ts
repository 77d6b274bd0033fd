/**
 * What a `Thread` knows of itself, and the objects of threads in this worker.
 *
 * @module
 */

import type { Callable } from "../function.ts";
import type { Named } from "../messages.ts";
import type { Entry } from "../registry.ts";

/** The function of a thread, and what it is called with. */
export interface Target {
  readonly function: Callable;
  /** How another worker finds it. */
  readonly named: Named;
  readonly args: readonly unknown[];
  readonly kwargs: object | null;
}

/** The state of one object of `Thread`. */
export interface State {
  name: string;
  daemon: boolean;
  readonly target: Target | null;
  readonly dedicated: boolean;
  /** The class, for another worker; see `ThreadObject`. */
  readonly type: Named | { readonly name: string } | null;
  /** The place among all threads, once it was started. */
  entry: Entry | null;
}

/** Makes a `Thread` of a state; it takes the place of the options. */
export class Revival {
  readonly state: State;

  constructor(state: State) {
    this.state = state;
  }
}

/** The threads with an object in this worker, by their idents. */
const objects = new Map<number, { readonly thread: object; entry: Entry }>();
/** With so many of them it is time to forget those that have ended. */
let many = 64;

/** Makes an object the one of a thread in this worker. */
export function setObject(entry: Entry, thread: object): void {
  objects.set(entry.ident, { thread, entry });
  if (objects.size < many) return;
  for (const [ident, { entry }] of objects) {
    if (!entry.alive) objects.delete(ident);
  }
  many = Math.max(64, objects.size * 2);
}

/** The object of a thread in this worker. */
export function objectOf(ident: number): object | null {
  return objects.get(ident)?.thread ?? null;
}
