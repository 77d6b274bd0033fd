/**
 * Which transport makes new endpoints.
 *
 * @module
 */

import { createEndpoint as overDeno } from "./deno/mod.ts";
import type { Endpoint } from "./transport.ts";

/** Makes an endpoint, or raises `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT`. */
export type CreateEndpoint = (
  family: number,
  type: number,
  proto: number,
) => Endpoint;

/** Makes an endpoint of the transport in use. */
export const createEndpoint: CreateEndpoint = overDeno;
