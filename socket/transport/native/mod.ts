/**
 * Endpoints over libc.
 *
 * @module
 */

import { install } from "../default.ts";
import { useInterfaces } from "../../names/interfaces.ts";
import { NativeEndpoint } from "./endpoint.ts";
import { registerFamilies } from "./families/mod.ts";
import { interfaces } from "./interfaces.ts";
import { thePoller } from "./poller.ts";

registerFamilies();
useInterfaces(interfaces);
install({
  name: "native",
  createEndpoint: NativeEndpoint.create,
  createPair: NativeEndpoint.pair,
  adopt: NativeEndpoint.adopt,
  idle: () => thePoller().idle(),
});
