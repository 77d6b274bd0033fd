/**
 * Addresses as the kernel has them: `struct sockaddr` of each family.
 *
 * @module
 */

import {
  AF_INET,
  AF_INET6,
  AF_RDS,
  AF_UNIX,
  AF_UNSPEC,
} from "../../constants.ts";
import { inet_ntop, inet_pton } from "../../names/inet.ts";
import { fromInternet, toInternet } from "../../names/numeric.ts";
import {
  decodePath,
  encodePath,
  fromPath,
  toPath,
} from "../../names/unix_address.ts";
import type { SocketAddress } from "../transport.ts";
import { fromBytes, toBytes } from "./families/raw.ts";
import { SOCKADDR_SIZE } from "./layout.ts";

/** An address of the kernel's, as it is filled in by a call. */
export class AddressBuffer {
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SOCKADDR_SIZE);
  readonly #view: DataView = new DataView(this.bytes.buffer);
  /** `socklen_t`. */
  readonly length: Uint32Array<ArrayBuffer> = new Uint32Array(1);

  /** Has room for the address of the next call, which may leave it empty. */
  reset(): this {
    this.bytes[0] = this.bytes[1] = AF_UNSPEC;
    this.length[0] = SOCKADDR_SIZE;
    return this;
  }

  /** The address that the last call filled in; `null` if it has none. */
  get address(): SocketAddress | null {
    const length = Math.min(this.length[0]!, SOCKADDR_SIZE);
    if (length < 2) return null;
    switch (this.#view.getUint16(0, true)) {
      case AF_INET:
        return fromInternet([
          inet_ntop(AF_INET, this.bytes.subarray(4, 8)),
          this.#view.getUint16(2),
        ]);
      case AF_INET6:
        return fromInternet([
          inet_ntop(AF_INET6, this.bytes.subarray(8, 24)),
          this.#view.getUint16(2),
          this.#view.getUint32(4),
          this.#view.getUint32(24, true),
        ]);
      case AF_UNIX:
        return fromPath(unixName(this.bytes.subarray(2, length)));
      case AF_UNSPEC:
        return null;
      default:
        return fromBytes(this.bytes.subarray(0, length));
    }
  }
}

/** An abstract name begins with NUL and may have others; a path ends at one. */
function unixName(name: Uint8Array): string {
  if (name.length === 0 || name[0] === 0) return decodePath(name);
  const end = name.indexOf(0);
  return decodePath(end < 0 ? name : name.subarray(0, end));
}

/** The `struct sockaddr` of an address. */
export function sockaddr(
  family: number,
  address: SocketAddress,
): Uint8Array<ArrayBuffer> {
  switch (family) {
    case AF_INET:
    case AF_RDS:
      return inet(address);
    case AF_INET6:
      return inet6(address);
    case AF_UNIX:
      return unix(address);
    default:
      return toBytes(address);
  }
}

function inet(address: SocketAddress): Uint8Array<ArrayBuffer> {
  const [host, port] = toInternet(address);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  bytes.set(inet_pton(AF_INET, host), 4);
  return bytes;
}

function inet6(address: SocketAddress): Uint8Array<ArrayBuffer> {
  const [host, port, flowinfo = 0, scope_id = 0] = toInternet(address);
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  view.setUint32(4, flowinfo);
  bytes.set(inet_pton(AF_INET6, host), 8);
  view.setUint32(24, scope_id, true);
  return bytes;
}

function unix(address: SocketAddress): Uint8Array<ArrayBuffer> {
  const encoded = encodePath(toPath(address));
  const isPath = encoded.length > 0 && encoded[0] !== 0;
  const bytes = new Uint8Array(2 + encoded.length + Number(isPath));
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(encoded, 2);
  return bytes;
}
