/**
 * Endpoints over libc.
 *
 * @module
 */

import { install } from "../default.ts";
import { NativeEndpoint } from "./endpoint.ts";

install({
  name: "native",
  createEndpoint: NativeEndpoint.create,
  createPair: NativeEndpoint.pair,
  adopt: NativeEndpoint.adopt,
});
