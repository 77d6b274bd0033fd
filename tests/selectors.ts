/**
 * Tests of all kinds of selectors.
 *
 * @module
 */

import { selectors } from "../mod.ts";
import { type Net, testEach } from "./transports.ts";
import { events } from "./which.ts";

type Kind =
  | typeof selectors.SelectSelector
  | typeof selectors.PollSelector
  | typeof selectors.EpollSelector;

/** The kinds of selectors. */
export const KINDS: readonly Kind[] = [
  selectors.SelectSelector,
  selectors.PollSelector,
  selectors.EpollSelector,
];

/** A test of each kind of selector, on every transport. */
export function testKinds(
  name: string,
  fn: (net: Net, Selector: Kind) => Promise<void>,
): void {
  for (const Selector of KINDS) {
    testEach(`${Selector.name}: ${name}`, (net) => fn(net, Selector));
  }
}

/** What `select()` returned, with names for the objects. */
export function named(
  ready: selectors.ReadyKey<unknown, selectors.FileObject>[],
  names: Record<string, selectors.FileObject>,
): [name: string, events: number][] {
  return events(ready.map(([key, mask]) => [key.fileobj, mask]), names);
}
