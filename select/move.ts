/**
 * What is registered, on its way to another thread.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import {
  type Movable,
  type ThreadLink,
  transfer,
} from "../socket/link/transfer.ts";
import type { Interest, Style } from "./interest.ts";
import type { Selectable } from "./source.ts";

/** A registration on its way. */
export type Packed = [
  object: unknown,
  asked: number,
  style: Style,
  spent: boolean,
];

/** Packs all that is registered. */
export function pack<T extends Selectable>(
  interest: Interest<T>,
  link: ThreadLink,
): Packed[] {
  if (interest.busy) throw new TypeError("is in use by a call that waits");
  return interest.registrations().map(({ object, asked, style, spent }) => {
    if (typeof object === "number") {
      throw new TypeError(
        `has the descriptor ${object} registered, which means nothing in another thread; register the socket`,
      );
    }
    if (!(transfer in (object as object))) {
      throw new TypeError(
        `has an object registered (${kind(object)}) that can't go`,
      );
    }
    return [link.pack(object as unknown as Movable), asked, style, spent];
  });
}

/** Registers what was registered there. */
export function restore(
  interest: Interest<Selectable>,
  parts: Packed[],
  link: ThreadLink,
): void {
  for (const [object, asked, style, spent] of parts) {
    interest.restore({
      object: link.unpack(object) as Selectable,
      asked,
      style,
      spent,
    });
  }
}
