/**
 * Endpoints over what Deno offers.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_STREAM,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";
import { DatagramEndpoint } from "./datagram_endpoint.ts";
import { StreamEndpoint } from "./stream_endpoint.ts";

/** Makes an endpoint over Deno. */
export function createEndpoint(
  family: number,
  type: number,
  proto: number,
): Endpoint {
  check(family, type, proto);
  return type === SOCK_DGRAM
    ? new DatagramEndpoint(family, type, proto)
    : new StreamEndpoint(family, type, proto);
}

/** Makes two endpoints that are connected to each other. */
export function createPair(
  family: number,
  type: number,
  proto: number,
): [Endpoint, Endpoint] {
  check(family, type, proto);
  if (family !== AF_UNIX) throw new OSError(errno.EOPNOTSUPP);
  return StreamEndpoint.pair(family, type, proto);
}

function check(family: number, type: number, proto: number): void {
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) {
    throw new OSError(errno.EAFNOSUPPORT);
  }
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM) {
    throw new OSError(errno.ESOCKTNOSUPPORT);
  }
  if (type === SOCK_DGRAM && family === AF_UNIX) {
    throw new OSError(
      errno.ESOCKTNOSUPPORT,
      "Deno has no AF_UNIX datagrams; use SOCK_STREAM",
    );
  }
  const protocol = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  if (proto !== 0 && (proto !== protocol || family === AF_UNIX)) {
    throw new OSError(errno.EPROTONOSUPPORT);
  }
}
