/**
 * The addresses of `AF_TIPC`, whose numbers depend on the kind of address.
 *
 * @module
 */

import {
  AF_TIPC,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  TIPC_CLUSTER_SCOPE,
} from "../../../constants.ts";
import type { AddressFamily } from "../../../names/address.ts";
import { parts, u32 } from "./parts.ts";
import { rawFamily } from "./raw.ts";

/** `struct sockaddr_tipc`. */
export const tipc: AddressFamily = rawFamily({
  family: AF_TIPC,
  size: 16,
  write(sockaddr, argument, caller) {
    const all = parts(
      argument,
      caller,
      "AF_TIPC",
      [4, 5],
      "an array [addr_type, v1, v2, v3[, scope]]",
    );
    const [kind, v1, v2, v3] = ["addr_type", "v1", "v2", "v3"].map((
      name,
      index,
    ) => u32(all[index], `${caller}(): ${name}`)) as [
      number,
      number,
      number,
      number,
    ];
    const scope = u32(all[4] ?? TIPC_CLUSTER_SCOPE, `${caller}(): scope`);
    sockaddr.setUint8(2, kind);
    sockaddr.setInt8(3, scope);
    switch (kind) {
      case TIPC_ADDR_NAMESEQ:
        sockaddr.setUint32(4, v1, true);
        sockaddr.setUint32(8, v2, true);
        sockaddr.setUint32(12, v3, true);
        break;
      case TIPC_ADDR_NAME:
        sockaddr.setUint32(4, v1, true);
        sockaddr.setUint32(8, v2, true);
        break;
      case TIPC_ADDR_ID:
        // The node stands behind the port.
        sockaddr.setUint32(8, v1, true);
        sockaddr.setUint32(4, v2, true);
        break;
      default:
        throw new TypeError("Invalid address type");
    }
  },
  read(sockaddr) {
    const kind = sockaddr.getUint8(2);
    const scope = sockaddr.getInt8(3) >>> 0;
    const [first, second, third] = [4, 8, 12].map((at) =>
      sockaddr.getUint32(at, true)
    ) as [number, number, number];
    switch (kind) {
      case TIPC_ADDR_NAMESEQ:
        return [kind, first, second, third, scope];
      case TIPC_ADDR_NAME:
        return [kind, first, second, second, scope];
      case TIPC_ADDR_ID:
        return [kind, second, first, 0, scope];
      default:
        throw new RangeError("Invalid address type");
    }
  },
});
