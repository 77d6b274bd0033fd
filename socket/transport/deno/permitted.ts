/**
 * The hosts and ports that a program may reach.
 *
 * @module
 */

import { hostPort } from "../../names/numeric.ts";

/** Whether a program may use a host and port. Never asks the user. */
export function permitted(host: string, port: number): boolean {
  const descriptor = { name: "net", host: hostPort(host, port) } as const;
  return Deno.permissions.querySync(descriptor).state === "granted";
}
