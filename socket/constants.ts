/**
 * The constants of the socket module, under Python's names and with Linux's
 * values. They name things to this library, whatever the system it runs on.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 *
 * using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
 * ```
 *
 * Follows Python's
 * [constants](https://docs.python.org/3/library/socket.html#constants).
 *
 * @module
 */

export * from "./constants/address.ts";
export * from "./constants/family.ts";
export * from "./constants/ip.ts";
export * from "./constants/message.ts";
export * from "./constants/option.ts";
export * from "./constants/protocol.ts";
export * from "./constants/resolve.ts";
export * from "./constants/tcp.ts";

/** Whether IPv6 can be used; always so. */
export const has_ipv6: boolean = true;
