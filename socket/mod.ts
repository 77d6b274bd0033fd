/**
 * The BSD socket interface, under the names of Python's
 * [`socket`](https://docs.python.org/3/library/socket.html) module: TCP, UDP
 * and Unix sockets, names and addresses, files over sockets, and MicroPython's
 * [stream methods](https://docs.micropython.org/en/latest/library/socket.html).
 *
 * A call that may have to wait returns a promise; all others act at once. A socket
 * is blocking at first, which means that its promises wait. `settimeout()`
 * takes the seconds after which they are rejected with a `TimeoutError`,
 * `setblocking(false)` has them rejected at once with a `BlockingIOError`.
 *
 * An address is `[host, port]`, or a path for `AF_UNIX`. Calls that send take a
 * `BufferSource` or a text, which goes out as UTF-8; calls that receive give a
 * `Uint8Array`.
 *
 * A failure of the system is an {@linkcode OSError} with its `errno`, a wrong
 * argument a `TypeError` or a `RangeError`.
 *
 * @example TCP
 * ```ts
 * import * as socket from "jsr:@berkeley/socket/socket";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 * const [conn] = await server.accept();
 * await conn.sendall("Hello, world");
 * conn.close();
 * console.log(await client.recv(1024));
 * ```
 *
 * @example UDP
 * ```ts
 * import * as socket from "jsr:@berkeley/socket/socket";
 *
 * using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
 * server.bind(["127.0.0.1", 0]);
 * using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
 * await client.connect(server.getsockname());
 * await client.send("Hello, world");
 * server.settimeout(5); // A datagram may get lost.
 * const [data, address] = await server.recvfrom(65536);
 * console.log(data.length, "bytes from", address);
 * ```
 *
 * @module socket
 */

export {
  close,
  create_connection,
  create_server,
  type CreateConnectionOptions,
  type CreateServerOptions,
  dup,
  fromfd,
  has_dualstack_ipv6,
  socket,
  socketpair,
} from "./create.ts";
export { Socket, Socket as SocketType } from "./socket.ts";
export { CMSG_LEN, CMSG_SPACE } from "./control.ts";
export { recv_fds, send_fds } from "./rights.ts";
export * from "./constants.ts";
export * from "./errors.ts";
export type {
  Address,
  AddressLike,
  AddressOf,
  KernelAddress,
  SenderOf,
} from "./names/address.ts";
export type { AlgOptions } from "./afalg.ts";
export type { Ancillary } from "./receive.ts";
export {
  type BinaryFile,
  type BinaryMode,
  BufferedIO,
  type Errors,
  type FileSocket,
  IOBase,
  type Newline,
  SocketIO,
  TextIO,
  type TextMode,
  type TextOptions,
  UnsupportedOperation,
} from "./file/mod.ts";
export type { FileLike } from "./sendfile.ts";
export { getdefaulttimeout, setdefaulttimeout } from "./timeouts.ts";
export type { Pollable, Source, Watch } from "./reactor/readiness.ts";
export {
  htonl,
  htons,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from "./names/inet.ts";
export {
  getprotobyname,
  getservbyname,
  getservbyport,
} from "./names/services.ts";
export {
  type AddressInfo,
  getaddrinfo,
  type InternetAddress,
} from "./names/getaddrinfo.ts";
export { getnameinfo } from "./names/getnameinfo.ts";
export {
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbyname_ex,
  gethostname,
} from "./names/hostnames.ts";
export {
  if_indextoname,
  if_nameindex,
  if_nametoindex,
} from "./names/interfaces.ts";
export type { Movable, ThreadLink, TransferRecord } from "./link/transfer.ts";
export { EAGAIN, EBADF, EWOULDBLOCK } from "../errno.ts";
