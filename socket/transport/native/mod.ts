/**
 * Endpoints over libc.
 *
 * @module
 */

import { install } from "../default.ts";
import { NativeEndpoint } from "./endpoint.ts";
import { thePoller } from "./poller.ts";

install({
  name: "native",
  createEndpoint: NativeEndpoint.create,
  createPair: NativeEndpoint.pair,
  adopt: NativeEndpoint.adopt,
  idle: () => thePoller().idle(),
});
