/**
 * The BSD socket interface, under the names of Python's
 * [`socket`](https://docs.python.org/3/library/socket.html) module.
 *
 * What may have to wait returns a promise; all else happens at once. A failure
 * of the system is an {@linkcode OSError}, a wrong argument a `TypeError` or a
 * `RangeError`.
 *
 * ```ts
 * import * as socket from "@berkeley/socket/socket";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 * const [conn] = await server.accept();
 * await conn.sendall("Hello, world");
 * conn.close();
 * console.log(await client.recv(1024));
 * ```
 *
 * @module
 */

export { EAGAIN, EBADF, EWOULDBLOCK } from "../errno.ts";
export * from "./constants.ts";
export * from "./errors.ts";
export type { Address } from "./address.ts";
export { BaseSocket } from "./base.ts";
export { type Ancillary, MessageSocket } from "./message_socket.ts";
export { StreamSocket } from "./stream_socket.ts";
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
export { Socket, Socket as SocketType } from "./socket.ts";
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
export { getdefaulttimeout, setdefaulttimeout } from "./timeouts.ts";
export type { Pollable, Source, Watch } from "./readiness.ts";
export {
  htonl,
  htons,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from "./inet.ts";
export { getprotobyname, getservbyname, getservbyport } from "./services.ts";
export {
  type AddressInfo,
  getaddrinfo,
  type InternetAddress,
} from "./resolve.ts";
export { getnameinfo } from "./nameinfo.ts";
export {
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbyname_ex,
  gethostname,
} from "./hostnames.ts";
export { if_indextoname, if_nameindex, if_nametoindex } from "./interfaces.ts";
export type { Movable, Parcel, Way } from "./transfer.ts";
