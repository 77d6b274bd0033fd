/**
 * The addresses of `AF_BLUETOOTH`, which depend on the protocol.
 *
 * CPython lets numbers that don't fit write beyond their place; here they are a
 * wrong format.
 *
 * @module
 */

import {
  AF_BLUETOOTH,
  BTPROTO_HCI,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
} from "../../../constants.ts";
import { OSError } from "../../../errors.ts";
import type { Address, AddressFamily } from "../../../names/address.ts";
import { textOrBytes } from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** Where `struct sockaddr_l2` has the device's address. */
const L2CAP_DEVICE = 4;
/** Where `struct sockaddr_rc` and `struct sockaddr_sco` have it. */
const DEVICE = 2;
/** The size of such an address, in bytes. */
const DEVICE_SIZE = 6;

/** The structures of the protocols; that of L2CAP is the largest. */
export const bluetooth: AddressFamily = rawFamily({
  family: AF_BLUETOOTH,
  size: 14,
  write(sockaddr, argument, caller, proto) {
    switch (proto) {
      case BTPROTO_L2CAP: {
        const [device, psm] = elements(argument, 2, caller);
        sockaddr.setUint16(2, number(psm, 0xffff, caller), true);
        return setDevice(sockaddr, L2CAP_DEVICE, device, caller);
      }
      case BTPROTO_RFCOMM: {
        const [device, channel] = elements(argument, 2, caller);
        sockaddr.setUint8(DEVICE + DEVICE_SIZE, number(channel, 0xff, caller));
        return setDevice(sockaddr, DEVICE, device, caller);
      }
      case BTPROTO_HCI: {
        const [id] = elements(argument, 1, caller);
        return sockaddr.setUint16(2, number(id, 0xffff, caller), true);
      }
      case BTPROTO_SCO:
        return setDevice(sockaddr, DEVICE, argument, caller);
      default:
        throw new OSError(`${caller}(): unknown Bluetooth protocol`);
    }
  },
  read(sockaddr, proto): Address {
    switch (proto) {
      case BTPROTO_L2CAP:
        return [deviceAt(sockaddr, L2CAP_DEVICE), sockaddr.getUint16(2, true)];
      case BTPROTO_RFCOMM:
        return [
          deviceAt(sockaddr, DEVICE),
          sockaddr.getUint8(DEVICE + DEVICE_SIZE),
        ];
      case BTPROTO_HCI:
        return [sockaddr.getUint16(2, true)];
      case BTPROTO_SCO:
        return deviceAt(sockaddr, DEVICE);
      default:
        throw new RangeError("Unknown Bluetooth protocol");
    }
  },
});

function wrongFormat(caller: string): OSError {
  return new OSError(`${caller}(): wrong format`);
}

function elements(argument: unknown, count: number, caller: string): unknown[] {
  if (Array.isArray(argument) && argument.length === count) return argument;
  throw wrongFormat(caller);
}

function number(value: unknown, most: number, caller: string): number {
  if (Number.isInteger(value)) {
    const integer = value as number;
    if (integer >= 0 && integer <= most) return integer;
  }
  throw wrongFormat(caller);
}

/** Puts a device's address into a structure, its last byte first. */
function setDevice(
  sockaddr: DataView,
  at: number,
  device: unknown,
  caller: string,
): void {
  if (typeof device !== "string" && !ArrayBuffer.isView(device)) {
    throw wrongFormat(caller);
  }
  const digits = textOrBytes(device, `${caller}(): address`).split(":");
  if (
    digits.length !== DEVICE_SIZE ||
    !digits.every((byte) => /^0*[0-9a-f]{1,2}$/i.test(byte))
  ) {
    throw new OSError("bad bluetooth address");
  }
  digits.reverse().forEach((byte, index) =>
    sockaddr.setUint8(at + index, parseInt(byte, 16))
  );
}

function deviceAt(sockaddr: DataView, at: number): string {
  const bytes = new Uint8Array(sockaddr.buffer, at, DEVICE_SIZE);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .reverse().join(":").toUpperCase();
}
