/**
 * The addresses of `AF_ALG`, the kernel's cryptography: type and name of an
 * algorithm.
 *
 * @module
 */

import { AF_ALG } from "../../../constants.ts";
import type { AddressFamily } from "../../../names/address.ts";
import { cut, fixed, parts, u32 } from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** Where the structure has the type, and its room with the NUL. */
const TYPE = { at: 2, size: 14 };
/** The same of the name. */
const NAME = { at: 24, size: 64 };

/** `struct sockaddr_alg`. */
export const alg: AddressFamily = rawFamily({
  family: AF_ALG,
  size: NAME.at + NAME.size,
  write(sockaddr, argument, caller) {
    const [type, name, feat = 0, mask = 0] = parts(
      argument,
      caller,
      "AF_ALG",
      [2, 4],
      "an array [type, name[, feat[, mask]]]",
    );
    const texts = [
      { at: TYPE.at, size: TYPE.size, value: type, what: "type" },
      { at: NAME.at, size: NAME.size, value: name, what: "name" },
    ];
    const bytes = new Uint8Array(sockaddr.buffer);
    for (const { at, size, value, what } of texts) {
      const where = `${caller}(): ${what}`;
      bytes.set(fixed(value, where, size, `AF_ALG ${what} too long.`), at);
    }
    sockaddr.setUint32(16, u32(feat, `${caller}(): feat`), true);
    sockaddr.setUint32(20, u32(mask, `${caller}(): mask`), true);
  },
  read(sockaddr) {
    const bytes = new Uint8Array(sockaddr.buffer);
    return [
      cut(bytes.subarray(TYPE.at, TYPE.at + TYPE.size)),
      cut(bytes.subarray(NAME.at, NAME.at + NAME.size)),
      sockaddr.getUint32(16, true),
      sockaddr.getUint32(20, true),
    ];
  },
});
