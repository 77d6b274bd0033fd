/**
 * The names of ready objects: two sockets look equal, so a test has to compare
 * them by identity.
 *
 * @module
 */

/** The test's names of its objects. */
export type Names = Readonly<Record<string, unknown>>;

function nameOf(object: unknown, names: Names): string {
  const found = Object.entries(names).find(([, named]) => named === object);
  if (!found) throw new Error("a stranger is ready");
  return found[0];
}

/** The lists that `select()` gave, each as names with blanks between. */
export function which(
  lists: readonly (readonly unknown[])[],
  names: Names,
): string[] {
  return lists.map((list) =>
    list.map((object) => nameOf(object, names)).join(" ")
  );
}

/** The events that `poll()` gave, in their order. */
export function events(
  polled: readonly (readonly [object: unknown, eventmask: number])[],
  names: Names,
): [name: string, eventmask: number][] {
  return polled.map(([object, mask]) => [nameOf(object, names), mask]);
}
