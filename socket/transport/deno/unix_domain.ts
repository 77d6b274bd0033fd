/**
 * Streams within a machine, named by paths.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import type { Binding, Destination, Domain, Listener } from "./domain.ts";
import { oserror } from "../../oserror.ts";
import { type Claim, claim, release } from "./ports.ts";
import type { Stream } from "./stream.ts";
import {
  closeSparing,
  fileAt,
  type Identity,
  isSame,
  remove,
  spare,
} from "./unix_path.ts";

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
  /** Where the file is, also from another working directory. */
  readonly #path: string;
  #placeholder: Identity | null = null;
  #claim: Claim | null = null;

  constructor(address: string) {
    this.address = address;
    this.#path = absolute(address);
    if (isAbstract(address)) {
      // An abstract name has no file: it is gone when nobody listens there.
      open(address).close();
      this.#claim = claim({ host: address, port: 0, shared: false });
    } else {
      this.#placeholder = this.#place();
    }
  }

  #place(): Identity {
    const path = this.#path;
    try {
      Deno.writeFileSync(path, new Uint8Array(0), { createNew: true });
    } catch (cause) {
      const error = oserror(cause);
      const taken = [errno.EEXIST, errno.EISDIR].includes(error.errno!);
      throw taken ? inUse(cause) : error;
    }
    spare(path);
    try {
      return Deno.lstatSync(path);
    } catch (cause) {
      // Listening takes the permission to read, too.
      Deno.removeSync(path);
      throw oserror(cause);
    }
  }

  listen(): Listener {
    if (isAbstract(this.address)) {
      const listener = open(this.address);
      this.release();
      return listener;
    }
    const path = this.#path;
    const file = fileAt(path);
    // What somebody else has put there is none of ours to remove.
    if (file && !this.#isPlaceholder(file)) throw inUse();
    this.release();
    // Peers see the path as it is written here.
    const written = absolute(this.address) === path ? this.address : path;
    const listener = open(written);
    spare(path);
    return new UnixListener(listener, written, path);
  }

  #isPlaceholder(file: Deno.FileInfo): boolean {
    const known = this.#placeholder;
    return known !== null && isSame(file, known) && file.size === 0;
  }

  release(): void {
    if (this.#claim) release(this.#claim);
    const known = this.#placeholder;
    const file = known && fileAt(this.#path);
    if (file && this.#isPlaceholder(file)) remove(this.#path, file);
    this.#placeholder = null;
  }
}

/** A listener of Deno's that removes no file but its own. */
class UnixListener implements Listener {
  readonly #listener: Deno.UnixListener;
  readonly #written: string;
  readonly #path: string;
  readonly #file: Identity | null;
  #accepting: Promise<unknown> | null = null;

  constructor(listener: Deno.UnixListener, written: string, path: string) {
    this.#listener = listener;
    this.#written = written;
    this.#path = path;
    this.#file = fileAt(path);
  }

  accept(): Promise<Deno.Conn> {
    const accepting = this.#listener.accept();
    const end = () => this.#accepting = null;
    this.#accepting = accepting;
    accepting.then(end, end);
    return accepting;
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }

  close(): void {
    if (this.#file) remove(this.#path, this.#file);
    closeSparing(
      absolute(this.#written),
      () => this.#listener.close(),
      this.#accepting,
    );
  }
}

function open(path: string): Deno.UnixListener {
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    throw oserror(cause);
  }
}

function isAbstract(path: string): boolean {
  return path.startsWith("\0");
}

function inUse(cause?: unknown): OSError {
  return new OSError(errno.EADDRINUSE, undefined, { cause });
}

function absolute(path: string): string {
  if (path.startsWith("/") || isAbstract(path)) return path;
  try {
    return `${Deno.cwd()}/${path}`;
  } catch {
    // Without the permission to ask, nobody can have changed it either.
    return path;
  }
}

/** The room for a path in a `sockaddr_un`, in bytes. */
const ROOM = 108;

function path(address: SocketAddress): string {
  if (typeof address !== "string") throw new OSError(errno.EINVAL);
  if (address === "") throw new OSError(errno.EINVAL);
  const { length } = new TextEncoder().encode(address);
  // A path has a NUL behind it.
  if (length + (isAbstract(address) ? 0 : 1) > ROOM) {
    throw new OSError("AF_UNIX path too long");
  }
  return address;
}
