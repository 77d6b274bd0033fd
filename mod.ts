/**
 * Berkeley sockets for Deno: Python's `socket` and what belongs to it, each in
 * a namespace of its own.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * console.log(server.getsockname());
 * ```
 *
 * @module
 */

export * as errno from "./errno.ts";
export * as select from "./select/mod.ts";
export * as socket from "./socket/mod.ts";
export * as thread from "./thread/mod.ts";
