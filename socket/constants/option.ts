/**
 * Levels and names of the options that every socket has, and the kinds of
 * ancillary data.
 *
 * Follows `socket(7)` and `unix(7)`.
 *
 * @module
 */

/** Level of the options that every socket has (`SO_`). */
export const SOL_SOCKET: number = 1;
/** Level of IPv4's options (`IP_`); the same as `IPPROTO_IP`. */
export const SOL_IP: number = 0;
/** Level of TCP's options (`TCP_`); the same as `IPPROTO_TCP`. */
export const SOL_TCP: number = 6;
/** Level of UDP's options; the same as `IPPROTO_UDP`. */
export const SOL_UDP: number = 17;
/** Level of the options of `AF_ALG`. */
export const SOL_ALG: number = 279;
/** Level on which those of `AF_CAN`'s protocols are built. */
export const SOL_CAN_BASE: number = 100;
/** Level of the options of raw CAN sockets. */
export const SOL_CAN_RAW: number = 101;
/** Level of the options of Bluetooth's host controller interface. */
export const SOL_HCI: number = 0;
/** Level of the options of `AF_RDS`. */
export const SOL_RDS: number = 276;
/** Level of the options of `AF_TIPC`. */
export const SOL_TIPC: number = 271;

/** Whether the socket listens; read-only. */
export const SO_ACCEPTCONN: number = 30;
/** The only network interface to use, by its name. */
export const SO_BINDTODEVICE: number = 25;
/** Whether datagrams may go to broadcast addresses. */
export const SO_BROADCAST: number = 6;
/** Whether the kernel records what the socket does. */
export const SO_DEBUG: number = 1;
/** The address family (`AF_`); read-only. */
export const SO_DOMAIN: number = 39;
/** Whether to skip routing and reach the local network only. */
export const SO_DONTROUTE: number = 5;
/** The pending error number, which reading clears; read-only. */
export const SO_ERROR: number = 4;
/** The processor that handles the socket's packets. */
export const SO_INCOMING_CPU: number = 49;
/** Whether an idle connection is probed, so as to notice a lost peer. */
export const SO_KEEPALIVE: number = 9;
/** How long `close()` goes on delivering; a C `struct linger`. */
export const SO_LINGER: number = 13;
/** The mark of packets sent, for routing and filtering. */
export const SO_MARK: number = 36;
/** Whether urgent data stays in the stream. */
export const SO_OOBINLINE: number = 10;
/** Whether to receive `SCM_CREDENTIALS`. */
export const SO_PASSCRED: number = 16;
/** Whether to receive the peer's security context. */
export const SO_PASSSEC: number = 34;
/** The process, user and group of the peer (`AF_UNIX`); read-only. */
export const SO_PEERCRED: number = 17;
/** The security context of the peer; read-only. */
export const SO_PEERSEC: number = 31;
/** The priority of packets sent. */
export const SO_PRIORITY: number = 12;
/** The protocol (`IPPROTO_`); read-only. */
export const SO_PROTOCOL: number = 38;
/** The size of the receive buffer, in bytes. */
export const SO_RCVBUF: number = 8;
/** How many bytes make the socket readable. */
export const SO_RCVLOWAT: number = 18;
/** The system's receive time-out; a C `struct timeval`. */
export const SO_RCVTIMEO: number = 20;
/** Whether `bind()` may take an address that old connections still hold. */
export const SO_REUSEADDR: number = 2;
/** Whether several sockets may bind the same address and share its load. */
export const SO_REUSEPORT: number = 15;
/** The size of the send buffer, in bytes. */
export const SO_SNDBUF: number = 7;
/** How many bytes of room make the socket writable; read-only on Linux. */
export const SO_SNDLOWAT: number = 19;
/** The system's send time-out; a C `struct timeval`. */
export const SO_SNDTIMEO: number = 21;
/** The type of the socket (`SOCK_`); read-only. */
export const SO_TYPE: number = 3;
/** SAE J1939 (`AF_CAN`): whether to report to the error queue. */
export const SO_J1939_ERRQUEUE: number = 4;
/** SAE J1939 (`AF_CAN`): the filters of what is received. */
export const SO_J1939_FILTER: number = 1;
/** SAE J1939 (`AF_CAN`): whether to receive everything. */
export const SO_J1939_PROMISC: number = 2;
/** SAE J1939 (`AF_CAN`): the priority of what is sent. */
export const SO_J1939_SEND_PRIO: number = 3;
/** `AF_VSOCK`: the largest buffer size, in bytes. */
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE: number = 2;
/** `AF_VSOCK`: the smallest buffer size, in bytes. */
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE: number = 1;
/** `AF_VSOCK`: the buffer size, in bytes. */
export const SO_VM_SOCKETS_BUFFER_SIZE: number = 0;

/** The longest queue of waiting connections that `listen()` takes. */
export const SOMAXCONN: number = 4096;

/** Ancillary data: file descriptors for the receiver. */
export const SCM_RIGHTS: number = 1;
/** Ancillary data: the sender's process, user and group. */
export const SCM_CREDENTIALS: number = 2;
