/**
 * The addresses of `AF_PACKET`: packet(7).
 *
 * @module
 */

import { int, isBuffer, text } from "../../../arguments.ts";
import { kind, view } from "../../../bytes.ts";
import { AF_PACKET, PACKET_HOST } from "../../../constants.ts";
import type { AddressFamily } from "../../../names/address.ts";
import { interfaceIndex, interfaceName, parts } from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** The room for a hardware address in the structure, in bytes. */
const ADDRESS_SIZE = 8;
/** Where that is. */
const ADDRESS_AT = 12;

/** `struct sockaddr_ll`. */
export const packet: AddressFamily = rawFamily({
  family: AF_PACKET,
  size: ADDRESS_AT + ADDRESS_SIZE,
  write(sockaddr, argument, caller) {
    const all = parts(
      argument,
      caller,
      "AF_PACKET",
      [2, 5],
      "an array of two to five elements",
    );
    const number = (value: unknown, what: string) => {
      try {
        return int(value, `${caller}(): ${what}`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new RangeError(`${caller}(): address argument out of range`);
      }
    };
    const [name, proto, pkttype = PACKET_HOST, hatype = 0, addr] = all;
    const ifname = text(name, `${caller}(): interface`);
    const protocol = number(proto, "proto");
    sockaddr.setUint16(8, number(hatype, "hatype"), true);
    sockaddr.setUint8(10, number(pkttype, "pkttype"));
    if (addr !== undefined && !isBuffer(addr)) {
      throw new TypeError(`a buffer is required, not ${kind(addr)}`);
    }
    sockaddr.setInt32(4, interfaceIndex(ifname), true);
    const address = addr === undefined ? new Uint8Array(0) : view(addr);
    if (address.length > ADDRESS_SIZE) {
      throw new RangeError("Hardware address must be 8 bytes or less");
    }
    if (protocol < 0 || protocol > 0xffff) {
      throw new RangeError(`${caller}(): proto must be 0-65535.`);
    }
    sockaddr.setUint16(2, protocol);
    sockaddr.setUint8(11, address.length);
    new Uint8Array(sockaddr.buffer).set(address, ADDRESS_AT);
  },
  read(sockaddr) {
    const end = ADDRESS_AT + sockaddr.getUint8(11);
    return [
      interfaceName(sockaddr.getInt32(4, true)),
      sockaddr.getUint16(2),
      sockaddr.getUint8(10),
      sockaddr.getUint16(8, true),
      // The kernel's structure may have room for a longer one.
      new Uint8Array(sockaddr.buffer).slice(ADDRESS_AT, end),
    ];
  },
});
