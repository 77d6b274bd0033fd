/**
 * Addresses as programs write them, and the interface of an address family.
 *
 * @module
 */

import type { AF_INET, AF_INET6, SOCK_DGRAM } from "../constants.ts";
import type { SocketAddress } from "../transport/transport.ts";
import type { InternetAddress } from "./numeric.ts";

/**
 * Where a socket is or goes: `[host, port]` for `AF_INET`,
 * `[host, port, flowinfo?, scope_id?]` for `AF_INET6`, a path for `AF_UNIX`, or
 * a NUL and a name that has no file (Linux's abstract names). The native
 * transport has more families: see {@linkcode KernelAddress}.
 *
 * `host` is a name, a numeric address, or `""` for all of this machine's
 * addresses; `port` is 0 to 65535. What comes back from `accept()`,
 * `getsockname()`, `getpeername()` and `getaddrinfo()` has a numeric host and,
 * for `AF_INET6`, all four parts. A path whose bytes are not UTF-8 has each of
 * those that can't be decoded as a lone surrogate, `"\udc80"` to `"\udcff"`.
 *
 * Follows Python's
 * [socket families](https://docs.python.org/3/library/socket.html#socket-families).
 */
export type Address =
  | readonly [host: string, port: number]
  | readonly [host: string, port: number, flowinfo: number, scope_id: number]
  | string
  | KernelAddress;

/**
 * Where a socket of a family is that only the native transport has:
 *
 * | Family                        | Address                                      |
 * | ----------------------------- | -------------------------------------------- |
 * | `AF_NETLINK`                  | `[pid, groups]`                              |
 * | `AF_PACKET`                   | `[ifname, proto, pkttype?, hatype?, addr?]`  |
 * | `AF_VSOCK`                    | `[CID, port]`                                |
 * | `AF_CAN` (`CAN_RAW`, `_BCM`)  | `[ifname]`                                   |
 * | `AF_CAN` (`CAN_ISOTP`)        | `[ifname, rx_addr, tx_addr]`                 |
 * | `AF_CAN` (`CAN_J1939`)        | `[ifname, name, pgn, addr]`                  |
 * | `AF_BLUETOOTH` (`_L2CAP`)     | `[bdaddr, psm]`                              |
 * | `AF_BLUETOOTH` (`_RFCOMM`)    | `[bdaddr, channel]`                          |
 * | `AF_BLUETOOTH` (`_HCI`)       | `[device_id]`                                |
 * | `AF_BLUETOOTH` (`_SCO`)       | `bdaddr`                                     |
 * | `AF_TIPC`                     | `[addr_type, v1, v2, v3, scope?]`            |
 * | `AF_ALG`                      | `[type, name, feat?, mask?]`                 |
 * | `AF_QIPCRTR`                  | `[node, port]`                               |
 * | `AF_RDS`                      | `[host, port]`, of IPv4                      |
 * | any other; only comes back    | `[family, bytes]`                            |
 *
 * What comes back has all parts. `ifname` is the name of a network interface:
 * one other than `lo` can be told only with `--allow-sys=networkInterfaces`,
 * and comes back as `""` without it. In an `AF_CAN` address, `""` is all
 * interfaces. `proto` is an Ethernet protocol in host order, 0 to 65535;
 * `pkttype` a `PACKET_` number; `hatype` an ARP hardware type; `addr` a hardware
 * address of up to 8 bytes. `name` has 64 bits, and comes back as a `bigint`.
 * `bdaddr` is `"01:23:45:67:89:AB"`. `addr_type` is a `TIPC_ADDR_` number, on
 * which `v1` to `v3` depend; `scope` a `TIPC_…_SCOPE`, the cluster's if left
 * out. All other numbers have 32 bits; of larger and negative ones the lowest
 * 32 bits count, so -1 is `VMADDR_CID_ANY`.
 *
 * Follows Python's
 * [socket families](https://docs.python.org/3/library/socket.html#socket-families).
 */
export type KernelAddress =
  | readonly [pid: number, groups: number]
  | readonly [
    ifname: string,
    proto: number,
    pkttype: number,
    hatype: number,
    addr: Uint8Array<ArrayBuffer>,
  ]
  | readonly [ifname: string]
  | readonly [ifname: string, rx_addr: number, tx_addr: number]
  | readonly [ifname: string, name: bigint, pgn: number, addr: number]
  | readonly [device_id: number]
  | readonly [
    addr_type: number,
    v1: number,
    v2: number,
    v3: number,
    scope: number,
  ]
  | readonly [type: string, name: string, feat: number, mask: number]
  | readonly [family: number, bytes: Uint8Array<ArrayBuffer>];

/**
 * An address argument. A path, the name of a CAN interface and the Bluetooth
 * address of `BTPROTO_SCO` may also be given as bytes; parts at the end that
 * have a default may be left out.
 */
export type AddressLike =
  | Address
  | BufferSource
  | readonly [
    ifname: string,
    proto: number,
    pkttype?: number,
    hatype?: number,
    addr?: BufferSource,
  ]
  | readonly [ifname: BufferSource]
  | readonly [ifname: BufferSource, rx_addr: number, tx_addr: number]
  | readonly [
    ifname: string | BufferSource,
    name: number | bigint,
    pgn: number,
    addr: number,
  ]
  | readonly [addr_type: number, v1: number, v2: number, v3: number]
  | readonly [type: string, name: string, feat?: number];

/**
 * The type of the addresses of a family, if that is `AF_INET` or `AF_INET6` by
 * name, or left out; {@linkcode Address} otherwise.
 */
export type AddressOf<Family extends number> = number extends Family ? Address
  : Family extends typeof AF_INET | -1 ? [host: string, port: number]
  : Family extends typeof AF_INET6 ? InternetAddress
  : Address;

/**
 * The type of the sender that `recvfrom()` returns: a datagram over IP has one,
 * a stream doesn't.
 */
export type SenderOf<Family extends number, Type extends number> =
  | AddressOf<Family>
  | (Type extends typeof SOCK_DGRAM
    ? Family extends typeof AF_INET | typeof AF_INET6 | -1 ? never : null
    : null);

/** An address argument in the form that transports take. */
export interface ParsedAddress {
  readonly address: SocketAddress;
  /** The host as written, if it is a name. Before the look-up, `address` has it. */
  readonly name?: string;
}

/**
 * The operations on the addresses of one family. To all other code they are
 * opaque values that survive JSON. In some families, their form depends on the
 * protocol of the socket.
 */
export interface AddressFamily {
  /** The own address of a socket that isn't bound. */
  readonly unbound: SocketAddress;
  /** Checks the address argument of `caller`, with CPython's messages. */
  parse(argument: unknown, caller: string, proto?: number): ParsedAddress;
  /** Looks up the name, for a socket of a `SOCK_…` type. */
  lookUp?(parsed: ParsedAddress, type: number): Promise<ParsedAddress>;
  /** The address as programs see it. */
  format(address: SocketAddress, proto?: number): Address;
  /** Whether two addresses are the same place. */
  equals(first: SocketAddress, second: SocketAddress): boolean;
  /** The sender that `recvfrom()` gives on a stream with this peer, if any. */
  streamSender?(peer: SocketAddress): SocketAddress | null;
}
