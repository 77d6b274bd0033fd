/**
 * The address families that only this transport knows.
 *
 * @module
 */

import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  AF_TIPC,
  AF_VSOCK,
} from "../../../constants.ts";
import {
  registerAddressFamily,
  registerOtherFamilies,
} from "../../../names/families.ts";
import { alg } from "./alg.ts";
import { bluetooth } from "./bluetooth.ts";
import { can } from "./can.ts";
import { other } from "./other.ts";
import { packet } from "./packet.ts";
import { netlink, qipcrtr, vsock } from "./pairs.ts";
import { rds } from "./rds.ts";
import { tipc } from "./tipc.ts";

/** Lets sockets have addresses of these families, and of any other. */
export function registerFamilies(): void {
  registerAddressFamily(AF_ALG, alg);
  registerAddressFamily(AF_BLUETOOTH, bluetooth);
  registerAddressFamily(AF_CAN, can);
  registerAddressFamily(AF_NETLINK, netlink);
  registerAddressFamily(AF_PACKET, packet);
  registerAddressFamily(AF_QIPCRTR, qipcrtr);
  registerAddressFamily(AF_RDS, rds);
  registerAddressFamily(AF_TIPC, tipc);
  registerAddressFamily(AF_VSOCK, vsock);
  registerOtherFamilies(other);
}
