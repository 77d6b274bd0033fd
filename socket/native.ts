/**
 * Whether the native transport, `@berkeley/socket/native`, can be used here.
 *
 * @module
 */

import { isLoadable } from "./library.ts";

/**
 * Whether `import "jsr:@berkeley/socket/native"` may be expected to work: on
 * Linux on x86-64 or aarch64 with the GNU C library, in a program that may load
 * that: with `--allow-ffi`, or `--allow-ffi=` and the path of the library.
 *
 * Nothing is loaded, and the user isn't asked. The import may still fail where
 * the library isn't in its usual place.
 *
 * A program that can do without native sockets asks first:
 *
 * ```ts ignore
 * import { native, socket } from "jsr:@berkeley/socket";
 *
 * if (native.available()) await import("jsr:@berkeley/socket/native");
 *
 * // A socket of the system's, or else one over Deno.
 * using server = socket.create_server(["127.0.0.1", 50000]);
 * ```
 *
 * @returns Whether there is nothing against it.
 */
export function available(): boolean {
  return isLoadable();
}
