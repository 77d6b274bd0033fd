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
import type { AddressFamily } from "../../../names/address.ts";
import { textOrBytes } from "./parts.ts";
import { equals, rawFamily } from "./raw.ts";

/** Where `struct sockaddr_l2` has the device's address. */
const L2CAP_DEVICE = 4;
/** Where `struct sockaddr_rc` and `struct sockaddr_sco` have it. */
const DEVICE = 2;
/** The size of such an address, in bytes. */
const DEVICE_SIZE = 6;

/** `struct sockaddr_l2`. */
const l2cap = rawFamily({
  family: AF_BLUETOOTH,
  size: 14,
  write(sockaddr, argument, caller) {
    const [device, psm] = elements(argument, 2, caller);
    sockaddr.setUint16(2, number(psm, 0xffff, caller), true);
    setDevice(sockaddr, L2CAP_DEVICE, device, caller);
  },
  read: (sockaddr) => [
    deviceAt(sockaddr, L2CAP_DEVICE),
    sockaddr.getUint16(2, true),
  ],
});

/** `struct sockaddr_rc`. */
const rfcomm = rawFamily({
  family: AF_BLUETOOTH,
  size: 10,
  write(sockaddr, argument, caller) {
    const [device, channel] = elements(argument, 2, caller);
    sockaddr.setUint8(DEVICE + DEVICE_SIZE, number(channel, 0xff, caller));
    setDevice(sockaddr, DEVICE, device, caller);
  },
  read: (sockaddr) => [
    deviceAt(sockaddr, DEVICE),
    sockaddr.getUint8(DEVICE + DEVICE_SIZE),
  ],
});

/** `struct sockaddr_hci`. CPython gives a number alone, and takes an array. */
const hci = rawFamily({
  family: AF_BLUETOOTH,
  size: 6,
  write(sockaddr, argument, caller) {
    const [id] = elements(argument, 1, caller);
    sockaddr.setUint16(2, number(id, 0xffff, caller), true);
  },
  read: (sockaddr) => [sockaddr.getUint16(2, true)],
});

/** `struct sockaddr_sco`. */
const sco = rawFamily({
  family: AF_BLUETOOTH,
  size: 8,
  write(sockaddr, argument, caller) {
    setDevice(sockaddr, DEVICE, argument, caller);
  },
  read: (sockaddr) => deviceAt(sockaddr, DEVICE),
});

const protocols: ReadonlyMap<number, AddressFamily> = new Map([
  [BTPROTO_L2CAP, l2cap],
  [BTPROTO_RFCOMM, rfcomm],
  [BTPROTO_HCI, hci],
  [BTPROTO_SCO, sco],
]);

/** `AF_BLUETOOTH`: each protocol has addresses of its own. */
export const bluetooth: AddressFamily = {
  unbound: l2cap.unbound,
  parse(argument, caller, proto = 0) {
    const protocol = protocols.get(proto);
    if (protocol) return protocol.parse(argument, caller, proto);
    throw new OSError(`${caller}(): unknown Bluetooth protocol`);
  },
  format(address, proto = 0) {
    const protocol = protocols.get(proto);
    if (protocol) return protocol.format(address, proto);
    throw new RangeError("Unknown Bluetooth protocol");
  },
  equals,
};

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
