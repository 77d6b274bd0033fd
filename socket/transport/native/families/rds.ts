/**
 * The addresses of `AF_RDS`: those of IPv4.
 *
 * @module
 */

import type { AddressFamily } from "../../../names/address.ts";
import { inet } from "../../../names/inet_address.ts";

/** `struct sockaddr_in`. */
export const rds: AddressFamily = {
  ...inet,
  // Hosts have no services of the type that these sockets have.
  lookUp: async (parsed) => await inet.lookUp!(parsed, 0),
};
