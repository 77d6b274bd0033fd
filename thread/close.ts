/**
 * Closing what nobody can have.
 *
 * @module
 */

import { transfer } from "../socket/link/transfer.ts";
import { forEachPart } from "../socket/link/inspect.ts";

/** Closes all that has moved here with a value, at any depth. */
export function closeAll(value: unknown): void {
  close(value, new Set());
}

function close(value: unknown, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (transfer in value) {
    (value as Partial<Disposable>)[Symbol.dispose]?.();
    return;
  }
  forEachPart(value, (part) => close(part, seen));
}
