/**
 * Which transport makes new endpoints.
 *
 * @module
 */

import {
  createEndpoint as overDeno,
  createPair as pairOverDeno,
} from "./deno/mod.ts";
import type { Endpoint } from "./transport.ts";

/** Makes an endpoint, or raises `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT`. */
export type CreateEndpoint = (
  family: number,
  type: number,
  proto: number,
) => Endpoint;

/** Makes two that are connected to each other. */
export type CreatePair = (
  family: number,
  type: number,
  proto: number,
) => [Endpoint, Endpoint];

/** Makes an endpoint of the transport in use. */
export const createEndpoint: CreateEndpoint = overDeno;

/** Makes a pair of the transport in use. */
export const createPair: CreatePair = pairOverDeno;
