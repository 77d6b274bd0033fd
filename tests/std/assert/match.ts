/**
 * Whether `actual` has, in depth, everything that `expected` has: an array is
 * matched from its start, a `Map` and a `Set` by their members, any other
 * object by its own properties.
 *
 * @param actual What there is.
 * @param expected What has to be there.
 * @param underWay The pairs being compared, so that a circle ends.
 * @returns Whether it is all there.
 */
export function matches(
  actual: unknown,
  expected: unknown,
  underWay: readonly (readonly [object, object])[] = [],
): boolean {
  if (!isObject(expected) || !isObject(actual)) {
    return Object.is(actual, expected);
  }
  if (underWay.some(([a, e]) => a === actual && e === expected)) return true;
  const inside = [...underWay, [actual, expected] as const];

  if (expected instanceof RegExp) {
    return actual instanceof RegExp && String(actual) === String(expected);
  }
  if (expected instanceof Date) {
    return actual instanceof Date &&
      Object.is(actual.getTime(), expected.getTime());
  }
  if (expected instanceof Map) {
    return actual instanceof Map &&
      [...expected].every(([key, value]) =>
        actual.has(key) && matches(actual.get(key), value, inside)
      );
  }
  if (expected instanceof Set) {
    return actual instanceof Set &&
      [...expected].every((member) =>
        [...actual].some((other) => matches(other, member, inside))
      );
  }
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  return Reflect.ownKeys(expected)
    .filter((key) => !(Array.isArray(expected) && key === "length"))
    .every((key) =>
      key in actual &&
      matches(Reflect.get(actual, key), Reflect.get(expected, key), inside)
    );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
