/**
 * The addresses of `AF_CAN`, which depend on the protocol.
 *
 * @module
 */

import {
  AF_CAN,
  CAN_BCM,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
} from "../../../constants.ts";
import { OSError } from "../../../errors.ts";
import type { AddressFamily } from "../../../names/address.ts";
import {
  array,
  interfaceIndex,
  interfaceName,
  isTooLong,
  parts,
  textOrBytes,
  u32,
  u64,
} from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** `struct sockaddr_can`. */
export const can: AddressFamily = rawFamily({
  family: AF_CAN,
  size: 24,
  write(sockaddr, argument, caller, proto) {
    const [ifname, ...rest] = elements(argument, caller, proto);
    const name = textOrBytes(ifname, `${caller}(): interface`);
    if (proto === CAN_ISOTP) {
      const [rx_addr, tx_addr] = rest;
      sockaddr.setUint32(8, u32(rx_addr, `${caller}(): rx_addr`), true);
      sockaddr.setUint32(12, u32(tx_addr, `${caller}(): tx_addr`), true);
    } else if (proto === CAN_J1939) {
      const [ecu, pgn, addr] = rest;
      sockaddr.setBigUint64(8, u64(ecu, `${caller}(): name`), true);
      sockaddr.setUint32(16, u32(pgn, `${caller}(): pgn`), true);
      sockaddr.setUint8(20, u32(addr, `${caller}(): addr`));
    }
    if (isTooLong(name)) throw new OSError("AF_CAN interface name too long");
    // An empty one is all interfaces.
    sockaddr.setInt32(4, name === "" ? 0 : interfaceIndex(name), true);
  },
  read(sockaddr, proto) {
    const ifname = interfaceName(sockaddr.getInt32(4, true));
    switch (proto) {
      case CAN_ISOTP:
        return [
          ifname,
          sockaddr.getUint32(8, true),
          sockaddr.getUint32(12, true),
        ];
      case CAN_J1939:
        return [
          ifname,
          sockaddr.getBigUint64(8, true),
          sockaddr.getUint32(16, true),
          sockaddr.getUint8(20),
        ];
      default:
        return [ifname];
    }
  },
});

/** The parts of an address, as many as the protocol has. */
function elements(argument: unknown, caller: string, proto: number): unknown[] {
  if (proto === CAN_RAW || proto === CAN_BCM) {
    const shape = "an array [interface]";
    return parts(argument, caller, "AF_CAN", [1, 1], shape);
  }
  if (proto !== CAN_ISOTP && proto !== CAN_J1939) {
    throw new OSError(`${caller}(): unsupported CAN protocol`);
  }
  const all = array(argument, `${caller}()`, "AF_CAN");
  const count = proto === CAN_ISOTP ? 3 : 4;
  if (all.length === count) return all;
  throw new TypeError(
    `function takes exactly ${count} arguments (${all.length} given)`,
  );
}
