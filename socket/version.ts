/**
 * Whether this is a version of Deno before another; `false` where the runtime
 * reports no version, as some that are built on Deno.
 *
 * @param other The numbers of the other one.
 * @param version This one, as in "2.7.5" or "2.8.0-rc.1".
 */
export function isBefore(
  other: readonly number[],
  version: string = globalThis.Deno?.version?.deno ?? "",
): boolean {
  const parts = version.split(/[.+-]/, other.length).map((part) =>
    parseInt(part)
  );
  const at = other.findIndex((part, i) => parts[i] !== part);
  return at >= 0 && parts[at]! < other[at]!;
}
