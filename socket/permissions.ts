/**
 * The program's permissions, and the error for a missing one.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { PermissionError } from "./errors.ts";

/** Whether the program has a permission. Never asks the user. */
export function granted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Whether the program may use a host and port. Never asks the user. */
export function permitted(host: string, port: number): boolean {
  return granted({ name: "net", host: hostPort(host, port) });
}

/** A host and a port as permissions have them. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The error for a permission that the program lacks, in Deno's words. */
export function permissionError(
  kind: "all" | "ffi" | "net" | "read" | "sys" | "write",
  target: string,
  cause?: unknown,
): PermissionError {
  const text =
    `Requires ${kind} access to ${target}, run again with the --allow-${kind} flag`;
  return new PermissionError(errno.EACCES, text, {
    cause: cause ?? new Deno.errors.NotCapable(text),
  });
}
