/**
 * The addresses of `AF_UNIX`: paths, and abstract names behind a NUL.
 *
 * Bytes that aren't UTF-8 are kept in lone surrogates, as
 * [PEP 383](https://peps.python.org/pep-0383/) has it.
 *
 * @module
 */

import { isBuffer } from "../arguments.ts";
import { bytes, kind } from "../bytes.ts";
import { OSError } from "../errors.ts";
import type { SocketAddress } from "../transport/transport.ts";
import type { AddressFamily } from "./address.ts";

/** The size of a path in a `sockaddr_un`, in bytes. */
const SIZE = 108;

/** The path or the abstract name of a socket address; empty if it has none. */
export function toPath(address: SocketAddress): string {
  return address as unknown as string;
}

/** The socket address of a path or an abstract name. */
export function fromPath(path: string): SocketAddress {
  return path as unknown as SocketAddress;
}

/** `AF_UNIX`. */
export const unix: AddressFamily = {
  unbound: fromPath(""),
  parse(argument, caller) {
    if (typeof argument !== "string" && !isBuffer(argument)) {
      throw new TypeError(
        `${caller}(): AF_UNIX address must be a string or a buffer, not ${
          kind(argument)
        }`,
      );
    }
    const path = typeof argument === "string"
      ? argument
      : decodePath(bytes(argument));
    // A path ends in a NUL, an abstract name begins with one.
    const end = path === "" || path.startsWith("\0") ? 0 : 1;
    if (encodePath(path).length + end > SIZE) {
      throw new OSError("AF_UNIX path too long");
    }
    return { address: fromPath(path) };
  },
  format: toPath,
  equals: (first, second) => first === second,
  streamSender: (peer) => toPath(peer) === "" ? null : peer,
};

/** The bytes of a path. */
export function encodePath(path: string): Uint8Array<ArrayBuffer> {
  const parts = path.split(/([\udc80-\udcff])/u).map((part, index) =>
    index % 2 === 0 ? bytes(part) : Uint8Array.of(part.charCodeAt(0) & 0xff)
  );
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The path that bytes are. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // Each byte that can't be decoded has to be found.
  }
  let path = "";
  for (let at = 0; at < bytes.length;) {
    const [text, length] = character(bytes.subarray(at, at + 4));
    path += text;
    at += length;
  }
  return path;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The first character, and how many bytes it has. */
function character(bytes: Uint8Array): [text: string, length: number] {
  for (let length = 1; length <= bytes.length; length++) {
    try {
      return [UTF8.decode(bytes.subarray(0, length)), length];
    } catch {
      // The character is longer, or there is none.
    }
  }
  return [String.fromCharCode(0xdc00 | bytes[0]!), 1];
}
