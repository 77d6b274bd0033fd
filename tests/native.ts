/**
 * Installs the native transport, where it can be had: to be loaded before the
 * tests, which then test that instead of Deno's.
 *
 * @module
 */

import { available } from "../socket/native.ts";

if (available()) await import("../socket/transport/native/mod.ts");
else console.error("No native sockets here: Deno's are tested again.");
