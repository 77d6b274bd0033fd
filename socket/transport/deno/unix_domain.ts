/**
 * Streams within a machine, named by paths.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { fromPath, toPath } from "../../names/unix_address.ts";
import type { SocketAddress } from "../transport.ts";
import type {
  Binding,
  Destination,
  Domain,
  Listener,
  Stream,
} from "./domain.ts";
import { oserror } from "../../oserror.ts";
import { type Claim, claim, release } from "./ports.ts";
import { Probe } from "./probe.ts";
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

  address(addr: Deno.Addr): SocketAddress {
    return fromPath((addr as Deno.UnixAddr).path ?? "");
  },
};

/**
 * A path to listen at. Deno makes the socket when it begins to listen. Until
 * then a plain file takes the path, to which connections are refused.
 */
class UnixBinding implements Binding {
  readonly address: SocketAddress;
  /** The path as the program wrote it. */
  readonly #written: string;
  /** The same path, which also holds in another working directory. */
  readonly #path: string;
  #placeholder: Identity | null = null;
  #claim: Claim | null = null;
  #probe: Probe | null = null;

  constructor(written: string) {
    this.address = fromPath(written);
    this.#written = written;
    this.#path = absolute(written);
    if (isAbstract(written)) {
      // An abstract name has no file: it ends with its listener.
      open(written).close();
      this.#probe = new Probe();
      this.#claim = claim({ host: written, port: 0, shared: false });
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
    if (this.#probe) {
      const listener = this.#probe.open(() => open(this.#written));
      this.release();
      return listener;
    }
    const path = this.#path;
    const file = fileAt(path);
    // A file that another program put there must stay.
    if (file && !this.#isPlaceholder(file)) throw inUse();
    this.release();
    // Peers see the path as it is written here.
    const asWritten = absolute(this.#written) === path;
    const written = asWritten ? this.#written : path;
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

/** A listener that removes no file but its own, as Deno's would. */
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
    // Without the permission to read the folder, the program can't change it.
    return path;
  }
}

function path(address: SocketAddress): string {
  const path = toPath(address);
  if (path === "") throw new OSError(errno.EINVAL);
  if (!path.isWellFormed()) {
    throw new OSError(errno.EILSEQ, "Deno takes AF_UNIX paths in UTF-8 only");
  }
  return path;
}
