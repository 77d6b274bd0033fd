/**
 * Descriptors on their way to other processes.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { SCM_RIGHTS, SOL_SOCKET } from "./constants.ts";
import { CMSG_LEN } from "./control.ts";
import type { Address, AddressLike } from "./names/address.ts";
import type { Socket } from "./socket.ts";

/** The size of a C `int`, in bytes. */
const INT = Int32Array.BYTES_PER_ELEMENT;

/**
 * Sends data with copies of descriptors over an `AF_UNIX` socket: how many bytes
 * of data. A stream needs a byte of data at least to carry descriptors.
 *
 * It is for the native transport; over Deno it raises `EOPNOTSUPP`.
 *
 * ```ts ignore
 * import "@berkeley/socket/native";
 * import { socket } from "@berkeley/socket";
 *
 * const [a, b] = await socket.socketpair();
 * using server = socket.create_server(["127.0.0.1", 0]);
 * await socket.send_fds(a, ["x"], [server.fileno()]);
 * const [, [fd]] = await socket.recv_fds(b, 1, 1);
 * using same = socket.socket(-1, -1, -1, fd);
 * console.log(same.getsockname());
 * ```
 *
 * Follows Python's
 * [`socket.send_fds`](https://docs.python.org/3/library/socket.html#socket.send_fds),
 * which leaves out its last two arguments.
 *
 * @param buffers The data, in parts.
 * @param fds The descriptors; they stay open here.
 * @param flags `MSG_` flags, as for `sendmsg()`.
 * @param address Where a datagram goes to.
 * @throws {OSError} `EBADF` if a descriptor isn't open, `EINVAL` for more than
 * 253 of them, and what `sendmsg()` raises.
 * @throws {RangeError} If a descriptor doesn't fit in a C `int`.
 */
export async function send_fds(
  sock: Socket,
  buffers: Iterable<string | BufferSource>,
  fds: Iterable<number>,
  flags = 0,
  address: AddressLike | null = null,
): Promise<number> {
  const numbers = [...fds].map((fd) => int(fd, "a file descriptor"));
  const rights = Int32Array.from(numbers);
  const ancdata = [[SOL_SOCKET, SCM_RIGHTS, rights]] as [
    [number, number, BufferSource],
  ];
  return await sock.sendmsg(buffers, ancdata, flags, address);
}

/**
 * Receives data with descriptors over an `AF_UNIX` socket.
 *
 * The descriptors are new ones, which programs that are started don't get.
 * Whoever called this has to close them: those of sockets with
 * `socket(-1, -1, -1, fd)` and its `close()`, all others with the function
 * `close()`.
 *
 * Follows Python's
 * [`socket.recv_fds`](https://docs.python.org/3/library/socket.html#socket.recv_fds),
 * which leaves out its last argument, and whose descriptors are inherited.
 *
 * @param bufsize At most so many bytes of data.
 * @param maxfds At most so many descriptors; if more came, those are closed, and
 * `msg_flags` has `MSG_CTRUNC`.
 * @param flags `MSG_` flags, as for `recvmsg()`.
 * @throws {OSError} What `recvmsg()` raises.
 * @throws {RangeError} If `bufsize` or `maxfds` is negative.
 */
export async function recv_fds(
  sock: Socket,
  bufsize: number,
  maxfds: number,
  flags = 0,
): Promise<
  [
    data: Uint8Array<ArrayBuffer>,
    fds: number[],
    msg_flags: number,
    address: Address | null,
  ]
> {
  const room = CMSG_LEN(int(maxfds, "maxfds") * INT);
  const [data, ancdata, ...rest] = await sock.recvmsg(bufsize, room, flags);
  const fds = ancdata
    .filter(([level, type]) => level === SOL_SOCKET && type === SCM_RIGHTS)
    .flatMap(([, , rights]) => descriptors(rights));
  return [data, fds, ...rest];
}

/** The descriptors in a control message, an array of `int`. */
function descriptors(rights: Uint8Array<ArrayBuffer>): number[] {
  const whole = rights.slice(0, rights.length - rights.length % INT);
  return [...new Int32Array(whole.buffer)];
}
