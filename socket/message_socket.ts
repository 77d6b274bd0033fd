/**
 * What sockets transfer together with an address.
 *
 * @module
 */

import * as errno from "../errno.ts";
import type { Address, AddressLike } from "./names/address.ts";
import { BaseSocket } from "./base.ts";
import { bytes, integer, kind, view } from "./bytes.ts";
import { concat } from "./concat.ts";
import { MSG_TRUNC, SOCK_DGRAM } from "./constants.ts";
import { OSError } from "./errors.ts";
import { formatAddress, resolveAddress } from "./names/families.ts";
import { intact } from "./transport/intact.ts";
import { POLLIN, POLLOUT } from "./reactor/events.ts";
import type { Message } from "./transport/transport.ts";

/** Ancillary data: always empty, as Deno has no access to it. */
export type Ancillary = [level: number, type: number, data: BufferSource];

/** The part of a socket that transfers messages: bytes and where they go. */
export abstract class MessageSocket extends BaseSocket {
  /**
   * Receives a datagram: at most `bufsize` bytes of it, and who sent it (`null`
   * on a stream, unless an `AF_UNIX` peer has a name). The rest of a longer
   * datagram is gone.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * server.bind(["127.0.0.1", 0]);
   * using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * client.bind(["127.0.0.1", 0]);
   * await client.sendto("Hello, world", server.getsockname());
   * server.settimeout(5); // A datagram may get lost.
   * const [data, address] = await server.recvfrom(65536);
   * assertEquals(data.length, 12);
   * assertEquals(address, client.getsockname());
   * ```
   *
   * Follows Python's
   * [`socket.recvfrom`](https://docs.python.org/3/library/socket.html#socket.socket.recvfrom).
   *
   * @param flags `MSG_PEEK`, `MSG_DONTWAIT`.
   * @throws {OSError} `BlockingIOError` and `TimeoutError` as the mode has it.
   * @throws {RangeError} If `bufsize` is negative.
   */
  async recvfrom(
    bufsize: number,
    flags = 0,
  ): Promise<[data: Uint8Array<ArrayBuffer>, address: Address | null]> {
    const { data, address } = await this.#receive(bufsize, flags, "recvfrom");
    return [data, formatAddress(this.family, address)];
  }

  /**
   * {@linkcode MessageSocket.prototype.recvfrom | recvfrom} into a buffer of
   * the caller's: how many bytes, and who sent them.
   *
   * Follows Python's
   * [`socket.recvfrom_into`](https://docs.python.org/3/library/socket.html#socket.socket.recvfrom_into).
   *
   * @param nbytes At most so many bytes; 0 for as many as fit.
   * @throws {RangeError} If `nbytes` is negative or more than fits.
   */
  async recvfrom_into(
    buffer: BufferSource,
    nbytes = 0,
    flags = 0,
  ): Promise<[count: number, address: Address | null]> {
    const target = view(buffer);
    if (integer(nbytes, "nbytes") < 0) {
      throw new RangeError("negative buffersize in recvfrom_into");
    }
    if (nbytes > target.length) {
      throw new RangeError("nbytes is greater than the length of the buffer");
    }
    const size = nbytes || target.length;
    const { data, address } = await this.#receive(
      size,
      flags,
      "recvfrom_into",
      [target],
    );
    return [data.length, formatAddress(this.family, address)];
  }

  /**
   * Receives a message with all that is known of it.
   *
   * Follows Python's
   * [`socket.recvmsg`](https://docs.python.org/3/library/socket.html#socket.socket.recvmsg).
   *
   * @param ancbufsize Room for ancillary data, of which there is none.
   * @returns The bytes, no ancillary data, `MSG_TRUNC` if there were more
   * bytes than `bufsize`, and who sent them.
   */
  async recvmsg(
    bufsize: number,
    ancbufsize = 0,
    flags = 0,
  ): Promise<
    [
      data: Uint8Array<ArrayBuffer>,
      ancdata: Ancillary[],
      msg_flags: number,
      address: Address | null,
    ]
  > {
    checkAncillarySize(ancbufsize, "recvmsg");
    const message = await this.#receive(bufsize, flags, "recvmsg");
    const address = formatAddress(this.family, message.address);
    return [message.data, [], message.flags & MSG_TRUNC, address];
  }

  /**
   * {@linkcode MessageSocket.prototype.recvmsg | recvmsg} into buffers of the
   * caller's, one after the other; the first part of the result is how many
   * bytes.
   *
   * Follows Python's
   * [`socket.recvmsg_into`](https://docs.python.org/3/library/socket.html#socket.socket.recvmsg_into).
   */
  async recvmsg_into(
    buffers: Iterable<BufferSource>,
    ancbufsize = 0,
    flags = 0,
  ): Promise<
    [
      count: number,
      ancdata: Ancillary[],
      msg_flags: number,
      address: Address | null,
    ]
  > {
    checkAncillarySize(ancbufsize, "recvmsg_into");
    const targets = [...buffers].map((buffer) => view(buffer));
    const size = targets.reduce((sum, { length }) => sum + length, 0);
    const message = await this.#receive(size, flags, "recvmsg_into", targets);
    return [
      message.data.length,
      [],
      message.flags & MSG_TRUNC,
      formatAddress(this.family, message.address),
    ];
  }

  /** Receives a message, and puts it into `targets`, one after the other. */
  #receive(
    bufsize: number,
    flags: number,
    caller: string,
    targets: Uint8Array<ArrayBuffer>[] = [],
  ): Promise<Message> {
    if (integer(bufsize, "bufsize") < 0) {
      throw new RangeError(`negative buffersize in ${caller}`);
    }
    const { endpoint } = this;
    const lengths = targets.map(({ length }) => length);
    const attempt = () => {
      // Memory that is gone shows before a message is taken for it.
      targets.forEach((target, index) => intact(target, lengths[index]!));
      const message = endpoint.receiveMessage(bufsize, flags);
      if (message) scatter(message.data, targets);
      return message;
    };
    return this.perform(POLLIN, attempt, this.mode(flags));
  }

  /**
   * Sends a datagram to an address; how many bytes it had.
   *
   * Follows Python's
   * [`socket.sendto`](https://docs.python.org/3/library/socket.html#socket.socket.sendto).
   *
   * @throws {OSError} `EMSGSIZE` for more than 65507 bytes, `ENETUNREACH` if
   * there is no way there, `EACCES` for a broadcast without `SO_BROADCAST` or
   * a missing permission; `gaierror` if the host can't be resolved.
   */
  sendto(data: string | BufferSource, address: AddressLike): Promise<number>;
  /**
   * {@linkcode MessageSocket.prototype.sendto | sendto} with `flags`:
   * `MSG_DONTWAIT`.
   */
  sendto(
    data: string | BufferSource,
    flags: number,
    address: AddressLike,
  ): Promise<number>;
  async sendto(
    data: string | BufferSource,
    ...rest:
      | [address: AddressLike]
      | [flags: number, address: AddressLike]
  ): Promise<number> {
    const count = rest.length as number;
    if (count !== 1 && count !== 2) {
      throw new TypeError(
        `sendto() takes 2 or 3 arguments (${count + 1} given)`,
      );
    }
    const [flags, address] = rest.length === 1 ? [0, rest[0]] : rest;
    return await this.#send(bytes(data), flags, address, "sendto");
  }

  /**
   * Sends buffers as one message, to an address if one is given; how many
   * bytes.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.sendmsg(["Hello, ", "world"]);
   * const [data] = await b.recvmsg(1024);
   * assertEquals(new TextDecoder().decode(data), "Hello, world");
   * a.close();
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.sendmsg`](https://docs.python.org/3/library/socket.html#socket.socket.sendmsg).
   *
   * @param ancdata Ancillary data, which must be empty.
   * @throws {OSError} `EOPNOTSUPP` for ancillary data.
   */
  async sendmsg(
    buffers: Iterable<string | BufferSource>,
    ancdata: Iterable<Ancillary> = [],
    flags = 0,
    address: AddressLike | null = null,
  ): Promise<number> {
    if (typeof buffers === "string") {
      throw new TypeError("sendmsg(): the buffers must be in an array");
    }
    for (const _ of ancdata) {
      throw new OSError(
        errno.EOPNOTSUPP,
        "Deno can't send ancillary data; give sockets to threads instead",
      );
    }
    const whole = concat([...buffers].map(bytes));
    return await this.#send(whole, flags, address, "sendmsg");
  }

  /**
   * Nothing speaks against a short cut of the transport. A datagram is gone at
   * once, or never: also who doesn't wait for long learns how it ended.
   *
   * @internal
   */
  protected sendsStraight(flags: number): boolean {
    const { timeout } = this;
    if (flags !== 0 || timeout === null) return flags === 0;
    if (this.type !== SOCK_DGRAM) return false;
    return timeout > 0 || (this.endpoint.readiness & POLLOUT) !== 0;
  }

  async #send(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: AddressLike | null,
    caller: string,
  ): Promise<number> {
    const { endpoint, family, type } = this;
    const { length } = data;
    const timeout = this.mode(flags);
    const to = address === null
      ? null
      : (await resolveAddress(family, type, address, caller)).address;
    if (this.sendsStraight(flags)) {
      // Looking its address up may have taken a while.
      intact(data, length);
      const direct = to === null
        ? endpoint.write?.(data)
        : endpoint.writeMessage?.(data, to);
      if (direct) return await direct.then(() => length);
    }
    const attempt = () => {
      intact(data, length);
      return to === null
        ? endpoint.send(data, flags)
        : endpoint.sendMessage(data, flags, to);
    };
    return await this.transmit(endpoint, timeout, attempt);
  }
}

function scatter(data: Uint8Array, targets: Uint8Array[]): void {
  let rest = data;
  for (const target of targets) {
    target.set(rest.subarray(0, target.length));
    rest = rest.subarray(target.length);
  }
}

function checkAncillarySize(ancbufsize: number, caller: string): void {
  if (typeof ancbufsize !== "number") {
    throw new TypeError(
      `ancbufsize must be an integer, not ${kind(ancbufsize)}`,
    );
  }
  if (ancbufsize < 0) {
    throw new RangeError(`negative ancillary data buffer size in ${caller}`);
  }
}
