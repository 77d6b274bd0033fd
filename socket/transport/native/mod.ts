/**
 * Native sockets: importing this module has all new sockets made by the system
 * itself, through the C library, instead of by Deno.
 *
 * ```ts ignore
 * import "jsr:@berkeley/socket/native";
 * import { socket } from "jsr:@berkeley/socket";
 *
 * const server = socket.create_server(["127.0.0.1", 50000]);
 * console.log("The system's descriptor is", server.fileno());
 * ```
 *
 * The program needs `--allow-ffi`, or the path of the library, such as
 * `--allow-ffi=/lib/x86_64-linux-gnu/libc.so.6`. All other permissions are the
 * same as without the import: Deno doesn't watch over calls of the library, so
 * this module asks it before each of them that reaches out.
 *
 * `socket`, `select` and `thread` have the same functions and classes as
 * before. What is different: `fileno()` is the system's descriptor; every option,
 * flag and message goes to the system; what a socket does is what Linux does.
 * Names are looked up by the C library, with its configuration.
 *
 * Sockets that were made before the import stay as they are, and open. The
 * import is for the whole program: a second one changes nothing. The other
 * modules of the package load nothing of this one; `native.available()` tells
 * beforehand whether the import would work.
 *
 * The import fails with a `PermissionError` (`EACCES`) that names the flag and
 * the path if the library may not be loaded. It fails with an `OSError`
 * (`ENOSYS`) anywhere but on Linux on x86-64 or aarch64 with the GNU C library.
 *
 * @module native
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { useInterfaces } from "../../names/interfaces.ts";
import { useResolver } from "../../names/resolver.ts";
import { install } from "../default.ts";
import { close, duplicate } from "./descriptor.ts";
import { NativeEndpoint } from "./endpoint.ts";
import { NativeEpoll } from "./epoll.ts";
import { registerFamilies } from "./families/mod.ts";
import { interfaces } from "./interfaces.ts";
import { thePoller } from "./poller.ts";
import { resolver } from "./resolver.ts";
import { fork, join, reaped } from "./threads.ts";

registerFamilies();
useInterfaces(interfaces);
useResolver(resolver);
install({
  name: "native",
  createEndpoint: NativeEndpoint.create,
  createPair: NativeEndpoint.pair,
  createEpoll: (fd) => new NativeEpoll(fd),
  descriptors: {
    adopt: NativeEndpoint.adopt,
    dup: (fd) => duplicate(fd),
    close(fd) {
      if (!close(fd)) throw new OSError(errno.EBADF);
    },
  },
  async idle() {
    await reaped();
    await thePoller().idle();
  },
  fork,
  join,
}, import.meta.url);

export { available } from "../../native.ts";
