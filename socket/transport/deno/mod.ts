/**
 * Endpoints over Deno's own network functions.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { openDescriptor } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import { onHandOver } from "../handover.ts";
import type { Endpoint } from "../transport.ts";
import { DatagramEndpoint } from "./datagram_endpoint.ts";
import { type Made, NEW } from "./endpoint.ts";
import { pipe } from "./pipe.ts";
import { StreamEndpoint } from "./stream_endpoint.ts";

/** The name of the transport. */
export const name = "deno";

/** Makes an endpoint over Deno. */
export function createEndpoint(
  family: number,
  type: number,
  proto: number,
): DatagramEndpoint | StreamEndpoint {
  check(family, type, proto);
  const Class = type === c.SOCK_DGRAM ? DatagramEndpoint : StreamEndpoint;
  return new Class(family, type, proto);
}

/** Makes two endpoints that are connected to each other. */
export function createPair(
  family: number,
  type: number,
  proto: number,
): [Endpoint, Endpoint] {
  check(family, type, proto);
  if (family !== c.AF_UNIX) throw new OSError(errno.EOPNOTSUPP);
  const [a, b] = pipe();
  return [
    new StreamEndpoint(family, type, proto).adopt(a),
    new StreamEndpoint(family, type, proto).adopt(b),
  ];
}

onHandOver(NEW, ([family, type, proto, settings]: Made) => {
  const endpoint = createEndpoint(family, type, proto);
  Object.assign(endpoint.settings, settings);
  return openDescriptor(endpoint);
});

function check(family: number, type: number, proto: number): void {
  if (![c.AF_INET, c.AF_INET6, c.AF_UNIX].includes(family)) {
    throw new OSError(errno.EAFNOSUPPORT);
  }
  if (type !== c.SOCK_STREAM && type !== c.SOCK_DGRAM) {
    throw new OSError(errno.ESOCKTNOSUPPORT);
  }
  if (type === c.SOCK_DGRAM && family === c.AF_UNIX) {
    throw new OSError(
      errno.ESOCKTNOSUPPORT,
      "Deno has no c.AF_UNIX datagrams; use c.SOCK_STREAM",
    );
  }
  const protocol = type === c.SOCK_STREAM ? c.IPPROTO_TCP : c.IPPROTO_UDP;
  if (proto !== 0 && (proto !== protocol || family === c.AF_UNIX)) {
    throw new OSError(errno.EPROTONOSUPPORT);
  }
}
