/**
 * Streams within a machine, named by paths.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import type { Binding, Destination, Domain } from "./domain.ts";
import { oserror } from "../../oserror.ts";
import { type Claim, claim, release } from "./ports.ts";
import type { Stream } from "./stream.ts";

/** `AF_UNIX`. */
export const unix: Domain = {
  unbound: "",

  bind(address: SocketAddress): Binding {
    return new UnixBinding(path(address));
  },

  async dial({ address, binding }: Destination): Promise<Stream> {
    if (binding) {
      throw new OSError(
        errno.EOPNOTSUPP,
        "Deno can't connect a bound AF_UNIX socket; connect without bind()",
      );
    }
    try {
      return await Deno.connect({ transport: "unix", path: path(address) });
    } catch (cause) {
      throw oserror(cause);
    }
  },

  name(addr: Deno.Addr): SocketAddress {
    return (addr as Deno.UnixAddr).path ?? "";
  },
};

/**
 * A path to listen at. Deno makes it when it begins to listen, so until then a
 * plain file stands there: to connect to that is refused, as it should be.
 */
class UnixBinding implements Binding {
  readonly address: string;
  #placed = false;
  #claim: Claim | null = null;

  constructor(path: string) {
    this.address = path;
    if (path.startsWith("\0")) {
      // An abstract name has no file: it is gone when nobody listens there.
      this.#open().close();
      this.#claim = claim({ host: path, port: 0, shared: false });
    } else this.#place();
  }

  #place(): void {
    try {
      Deno.writeFileSync(this.address, new Uint8Array(0), { createNew: true });
      this.#placed = true;
    } catch (cause) {
      const error = oserror(cause);
      throw error.errno === errno.EEXIST
        ? new OSError(errno.EADDRINUSE, undefined, { cause })
        : error;
    }
  }

  listen(): Deno.Listener {
    this.release();
    return this.#open();
  }

  #open(): Deno.Listener {
    try {
      return Deno.listen({ transport: "unix", path: this.address });
    } catch (cause) {
      throw oserror(cause);
    }
  }

  release(): void {
    if (this.#claim) release(this.#claim);
    if (!this.#placed) return;
    this.#placed = false;
    try {
      Deno.removeSync(this.address);
    } catch {
      // Somebody else removed it.
    }
  }
}

function path(address: SocketAddress): string {
  if (typeof address !== "string") throw new OSError(errno.EINVAL);
  if (address === "") throw new OSError(errno.EINVAL);
  return address;
}
