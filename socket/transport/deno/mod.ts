/**
 * Endpoints over what Deno offers.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SOCK_STREAM,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";
import { StreamEndpoint } from "./stream_endpoint.ts";

/** Makes an endpoint over Deno. */
export function createEndpoint(
  family: number,
  type: number,
  proto: number,
): Endpoint {
  if (family !== AF_INET && family !== AF_INET6) {
    throw new OSError(errno.EAFNOSUPPORT);
  }
  if (type !== SOCK_STREAM) throw new OSError(errno.ESOCKTNOSUPPORT);
  if (proto !== 0 && proto !== IPPROTO_TCP) {
    throw new OSError(errno.EPROTONOSUPPORT);
  }
  return new StreamEndpoint(family, type, proto);
}
