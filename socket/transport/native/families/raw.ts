/**
 * Addresses that are kept as the kernel has them: the bytes of a
 * `struct sockaddr`.
 *
 * @module
 */

import type {
  Address,
  AddressFamily,
  ParsedAddress,
} from "../../../names/address.ts";
import type { SocketAddress } from "../../transport.ts";

/** The socket address that has these bytes, beginning with its family. */
export function fromBytes(bytes: Uint8Array): SocketAddress {
  return Array.from(bytes) as unknown as SocketAddress;
}

/** The bytes of a socket address. */
export function toBytes(address: SocketAddress): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(address as unknown as number[]);
}

/** Whether a socket address is kept as its bytes; those of IP are not. */
export function isRaw(address: SocketAddress): boolean {
  return typeof (address as unknown as unknown[])[0] === "number";
}

/** How the addresses of a family are laid out in their `struct sockaddr`. */
export interface Layout {
  /** `AF_…`. */
  readonly family: number;
  /** The size of the structure, in bytes. */
  readonly size: number;
  /** Puts the argument of `caller` into the structure, which has its family. */
  write(
    sockaddr: DataView<ArrayBuffer>,
    argument: unknown,
    caller: string,
    proto: number,
  ): void;
  /** The address as programs see it. */
  read(sockaddr: DataView<ArrayBuffer>, proto: number): Address;
}

/** The family whose addresses have a layout. */
export function rawFamily(
  { family, size, write, read }: Layout,
): AddressFamily {
  /** A structure of the family that has nothing in it. */
  function empty(): DataView<ArrayBuffer> {
    const sockaddr = new DataView(new ArrayBuffer(size));
    sockaddr.setUint16(0, family, true);
    return sockaddr;
  }

  return {
    unbound: fromBytes(new Uint8Array(empty().buffer)),
    parse(argument, caller, proto = 0): ParsedAddress {
      const sockaddr = empty();
      write(sockaddr, argument, caller, proto);
      return { address: fromBytes(new Uint8Array(sockaddr.buffer)) };
    },
    format(address, proto = 0): Address {
      const bytes = toBytes(address);
      // The kernel may leave the end of a structure away.
      const whole = new Uint8Array(Math.max(size, bytes.length));
      whole.set(bytes);
      return read(new DataView(whole.buffer), proto);
    },
    equals,
  };
}

/** Whether two socket addresses have the same bytes. */
export function equals(first: SocketAddress, second: SocketAddress): boolean {
  const other = toBytes(second);
  const bytes = toBytes(first);
  return bytes.length === other.length &&
    bytes.every((byte, index) => byte === other[index]);
}
