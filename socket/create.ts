/**
 * Making sockets.
 *
 * @module
 */

import type {
  Address,
  AddressLike,
  AddressOf,
  SenderOf,
} from "./names/address.ts";
import { int } from "./arguments.ts";
import { integer } from "./bytes.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./constants.ts";
import {
  closeDescriptor,
  dupDescriptor,
  isOpen,
  openDescriptor,
} from "./descriptors.ts";
import { OSError } from "./errors.ts";
import { getaddrinfo, type InternetAddress } from "./names/getaddrinfo.ts";
import { Socket } from "./socket.ts";
import { systemDescriptors, transport } from "./transport/default.ts";
import type { Endpoint } from "./transport/transport.ts";

/** Flags that come with a type. */
const SOCK_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

/**
 * Makes a socket.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 *
 * using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * ```
 *
 * Follows Python's
 * [`socket.socket`](https://docs.python.org/3/library/socket.html#socket.socket).
 *
 * @param family `AF_INET`, `AF_INET6` or `AF_UNIX`; with the native transport,
 * any that the kernel has.
 * @param type `SOCK_STREAM` or `SOCK_DGRAM`, with the native transport any, with
 * `SOCK_NONBLOCK` and `SOCK_CLOEXEC` if wanted.
 * @param proto 0 or the protocol of that type.
 * @param fileno A descriptor to take over (from `detach()`) instead of making a
 * new one; of the other arguments only `SOCK_NONBLOCK` then matters. With the
 * native transport it may be any of the process; it doesn't block from then on,
 * in this process and in others that have it too (`O_NONBLOCK`).
 * @throws {OSError} `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT` for
 * what Deno has no access to; `EBADF` if `fileno` isn't open, `ENOTSOCK` if it
 * is no socket's.
 * @throws {RangeError} If `fileno` is negative.
 */
export function socket<
  Family extends number = typeof AF_INET,
  Type extends number = typeof SOCK_STREAM,
>(
  family?: Family,
  type?: Type,
  proto?: number,
  fileno?: null,
): Socket<AddressOf<Family>, SenderOf<Family, Type>>;
/** Makes a socket of a descriptor. */
export function socket(
  family?: number,
  type?: number,
  proto?: number,
  fileno?: number | null,
): Socket;
export function socket(
  family = -1,
  type = -1,
  proto = -1,
  fileno: number | null = null,
): Socket {
  int(type, "type");
  if (fileno !== null) return revived(fileno, type);
  family = int(family, "family") === -1 ? AF_INET : family;
  type = type === -1 ? SOCK_STREAM : type;
  proto = int(proto, "proto") === -1 ? 0 : proto;
  return opened(
    transport.createEndpoint(family, type & ~SOCK_FLAGS, proto),
    type,
  );
}

function opened(endpoint: Endpoint, type: number): Socket {
  return made(openDescriptor(endpoint), type);
}

/** A socket for a descriptor that is open, or is the system's. */
function revived(fd: number, type: number): Socket {
  if (integer(fd, "fileno") < 0) {
    throw new RangeError("negative file descriptor");
  }
  if (!isOpen(fd)) openDescriptor(systemDescriptors(fd).adopt(fd));
  return made(fd, type);
}

/** A socket in the mode that its type asks for. */
function made(fd: number, type: number): Socket {
  return type !== -1 && type & SOCK_NONBLOCK
    ? new Socket(fd, 0)
    : new Socket(fd);
}

/**
 * A socket for a copy of a descriptor.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using s = socket.socket();
 * using same = socket.fromfd(s.fileno(), socket.AF_INET, socket.SOCK_STREAM);
 * s.bind(["127.0.0.1", 0]);
 * assertEquals(same.getsockname(), s.getsockname());
 * ```
 *
 * Follows Python's
 * [`socket.fromfd`](https://docs.python.org/3/library/socket.html#socket.fromfd).
 *
 * @throws {OSError} `EBADF` if nothing is open under that number.
 */
export function fromfd(
  fd: number,
  family: number,
  type: number,
  proto = 0,
): Socket {
  const copy = dup(fd);
  try {
    return socket(family, type, proto, copy);
  } catch (error) {
    close(copy);
    throw error;
  }
}

/**
 * A copy of a descriptor, which programs that are started don't get.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertNotEquals } from "@std/assert";
 *
 * using s = socket.socket();
 * const fd = socket.dup(s.fileno());
 * assertNotEquals(fd, s.fileno());
 * socket.close(fd);
 * ```
 *
 * Follows Python's
 * [`socket.dup`](https://docs.python.org/3/library/socket.html#socket.dup).
 *
 * @throws {OSError} `EBADF` if nothing is open under that number.
 */
export function dup(fd: number): number {
  return isOpen(fd) ? dupDescriptor(fd) : systemDescriptors(fd).dup(fd);
}

/**
 * Closes a descriptor. The socket that it came from should have been detached.
 * With the native transport it may be any of the process, such as one of a file
 * that `recv_fds()` has received.
 *
 * Follows Python's
 * [`socket.close`](https://docs.python.org/3/library/socket.html#socket.close).
 *
 * @throws {OSError} `EBADF` if nothing is open under that number.
 */
export function close(fd: number): void {
  if (isOpen(fd)) closeDescriptor(fd);
  else systemDescriptors(fd).close(fd);
}

/**
 * Two sockets that are connected to each other, within this thread; no
 * permission is needed.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = await socket.socketpair();
 * await a.sendall("Hello, world");
 * a.close();
 * assertEquals((await b.recv(1024)).length, 12);
 * b.close();
 * ```
 *
 * Follows Python's
 * [`socket.socketpair`](https://docs.python.org/3/library/socket.html#socket.socketpair).
 *
 * @param family `AF_UNIX`; `EOPNOTSUPP` for others, as on Linux.
 * @param type `SOCK_STREAM`, with `SOCK_NONBLOCK` and `SOCK_CLOEXEC` if wanted.
 * @throws {OSError} `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT` for
 * what Deno has no access to.
 */
// deno-lint-ignore require-await
export async function socketpair(
  family: number = AF_UNIX,
  type: number = SOCK_STREAM,
  proto = 0,
): Promise<[Socket, Socket]> {
  const [a, b] = transport.createPair(
    int(family, "family"),
    int(type, "type") & ~SOCK_FLAGS,
    int(proto, "proto"),
  );
  return [opened(a, type), opened(b, type)];
}

/** Options of {@linkcode create_connection}. */
export interface CreateConnectionOptions {
  /** Raise all errors as one `AggregateError`, not just the first. */
  all_errors?: boolean | undefined;
}

/**
 * Connects to a TCP server, trying every address that the host has, in turn.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname(), 5);
 * assertEquals(client.getpeername(), server.getsockname());
 * assertEquals(client.gettimeout(), 5);
 * ```
 *
 * Follows Python's
 * [`socket.create_connection`](https://docs.python.org/3/library/socket.html#socket.create_connection).
 *
 * @param address `[host, port]`.
 * @param timeout Seconds for each attempt, and for the socket afterwards;
 * `null` for none; the default time-out if left out.
 * @param source_address Where the connection shall come from; `["", 0]` is what
 * the system would choose.
 * @throws {OSError} The first error, if no address answers.
 */
export async function create_connection(
  address: Address,
  timeout?: number | null,
  source_address: Address | null = null,
  options: CreateConnectionOptions = {},
): Promise<Socket<InternetAddress>> {
  if (typeof address === "string") {
    throw new TypeError("create_connection() takes [host, port]");
  }
  const [host, port] = address as readonly [host: string, port: number];
  const errors: unknown[] = [];
  for (
    const [family, type, proto, , sockaddr] of await getaddrinfo(
      host,
      port,
      AF_UNSPEC,
      SOCK_STREAM,
    )
  ) {
    let attempt: Socket<InternetAddress> | null = null;
    try {
      attempt = socket(family, type, proto);
      if (timeout !== undefined) attempt.settimeout(timeout);
      if (source_address) attempt.bind(source_address);
      await attempt.connect(sockaddr);
      return attempt;
    } catch (error) {
      attempt?.close();
      errors.push(error);
    }
  }
  if (errors.length === 0) {
    throw new OSError("getaddrinfo returns an empty list");
  }
  if (options.all_errors) {
    throw new AggregateError(errors, "create_connection failed");
  }
  throw errors[0];
}

/** Options of {@linkcode create_server}. */
export interface CreateServerOptions<Family extends number = number> {
  /** `AF_INET` (the default) or `AF_INET6`. */
  family?: Family | undefined;
  /** How many connections may wait to be accepted. */
  backlog?: number | undefined;
  /** Share the port with other sockets that do so too (`SO_REUSEPORT`). */
  reuse_port?: boolean | undefined;
  /** Serve IPv4 clients too; needs `AF_INET6`. */
  dualstack_ipv6?: boolean | undefined;
}

/**
 * Makes a TCP socket that listens at an address.
 *
 * Deno's sockets at `::` serve IPv4 clients too, so that address needs
 * `dualstack_ipv6`.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0], { backlog: 5 });
 * using client = await socket.create_connection(server.getsockname());
 * const [conn, address] = await server.accept();
 * assertEquals(address, client.getsockname());
 * conn.close();
 * ```
 *
 * Follows Python's
 * [`socket.create_server`](https://docs.python.org/3/library/socket.html#socket.create_server).
 *
 * @throws {RangeError} If the options contradict each other.
 * @throws {OSError} What `bind()` and `listen()` raise; `ENOPROTOOPT` for what
 * Deno can't do.
 */
export function create_server<Family extends number = typeof AF_INET>(
  address: AddressLike,
  options: CreateServerOptions<Family> = {},
): Socket<AddressOf<Family>> {
  const {
    family = AF_INET,
    backlog,
    reuse_port = false,
    dualstack_ipv6 = false,
  } = options;
  if (dualstack_ipv6 && family !== AF_INET6) {
    throw new RangeError("dualstack_ipv6 requires AF_INET6 family");
  }
  const server = socket(family, SOCK_STREAM);
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reuse_port) server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    // Only the wildcard address serves both families, if it is let to.
    const host = Array.isArray(address) ? address[0] : null;
    if (family === AF_INET6 && (host === "" || host === "::")) {
      server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstack_ipv6 ? 0 : 1);
    }
    server.bind(address);
    server.listen(backlog);
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

/**
 * Whether one TCP socket can serve IPv4 and IPv6 clients.
 *
 * Follows Python's
 * [`socket.has_dualstack_ipv6`](https://docs.python.org/3/library/socket.html#socket.has_dualstack_ipv6).
 */
export function has_dualstack_ipv6(): boolean {
  try {
    using probe = socket(AF_INET6, SOCK_STREAM);
    probe.bind(["::", 0]);
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}
