/**
 * The families whose addresses are two numbers: `AF_NETLINK`, `AF_QIPCRTR` and
 * `AF_VSOCK`.
 *
 * @module
 */

import { AF_NETLINK, AF_QIPCRTR, AF_VSOCK } from "../../../constants.ts";
import type { AddressFamily } from "../../../names/address.ts";
import { array, parts, u32 } from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** `struct sockaddr_nl`: netlink(7). */
export const netlink: AddressFamily = rawFamily({
  family: AF_NETLINK,
  size: 12,
  write(sockaddr, argument, caller) {
    const [pid, groups] = parts(
      argument,
      caller,
      "AF_NETLINK",
      [2, 2],
      "a pair [pid, groups]",
    );
    sockaddr.setUint32(4, u32(pid, `${caller}(): pid`), true);
    sockaddr.setUint32(8, u32(groups, `${caller}(): groups`), true);
  },
  read: (
    sockaddr,
  ) => [sockaddr.getUint32(4, true), sockaddr.getUint32(8, true)],
});

/** `struct sockaddr_qrtr`. */
export const qipcrtr: AddressFamily = rawFamily({
  family: AF_QIPCRTR,
  size: 12,
  write(sockaddr, argument, caller) {
    const [node, port] = pair(argument, "AF_QIPCRTR");
    sockaddr.setUint32(4, u32(node, `${caller}(): node`), true);
    sockaddr.setUint32(8, u32(port, `${caller}(): port`), true);
  },
  read: (
    sockaddr,
  ) => [sockaddr.getUint32(4, true), sockaddr.getUint32(8, true)],
});

/** `struct sockaddr_vm`: vsock(7). The port stands before the CID. */
export const vsock: AddressFamily = rawFamily({
  family: AF_VSOCK,
  size: 16,
  write(sockaddr, argument, caller) {
    const [cid, port] = pair(argument, "AF_VSOCK");
    sockaddr.setUint32(8, u32(cid, `${caller}(): CID`), true);
    sockaddr.setUint32(4, u32(port, `${caller}(): port`), true);
  },
  read: (
    sockaddr,
  ) => [sockaddr.getUint32(8, true), sockaddr.getUint32(4, true)],
});

/** CPython's messages about these two name no method of the socket. */
function pair(argument: unknown, family: string): unknown[] {
  const all = array(argument, "getsockaddrarg", family);
  if (all.length === 2) return all;
  throw new TypeError(
    `getsockaddrarg() takes exactly 2 arguments (${all.length} given)`,
  );
}
