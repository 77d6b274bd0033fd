/**
 * Families and types of sockets, and the ways to shut one down.
 *
 * Follows `socket(2)`.
 *
 * @module
 */

/** Any address family: to `getaddrinfo()`, both IPv4 and IPv6. */
export const AF_UNSPEC: number = 0;
/** Sockets of this machine; the address is a path. */
export const AF_UNIX: number = 1;
/** IPv4; the address is `[host, port]`. */
export const AF_INET: number = 2;
/** IPv6; the address is `[host, port, flowinfo, scope_id]`. */
export const AF_INET6: number = 10;
/** Linux's interface to the kernel's cryptography. */
export const AF_ALG: number = 38;
/** AppleTalk. */
export const AF_APPLETALK: number = 5;
/** Ash, Linux's family 18. */
export const AF_ASH: number = 18;
/** ATM, permanent virtual circuits. */
export const AF_ATMPVC: number = 8;
/** ATM, switched virtual circuits. */
export const AF_ATMSVC: number = 20;
/** AX.25, amateur packet radio. */
export const AF_AX25: number = 3;
/** Bluetooth. */
export const AF_BLUETOOTH: number = 31;
/** Multiprotocol bridging. */
export const AF_BRIDGE: number = 7;
/** Controller area network, the bus of vehicles. */
export const AF_CAN: number = 29;
/** DECnet. */
export const AF_DECnet: number = 12;
/** Acorn Econet. */
export const AF_ECONET: number = 19;
/** Novell IPX. */
export const AF_IPX: number = 4;
/** Infrared links (IrDA). */
export const AF_IRDA: number = 23;
/** Key management for IPsec (PF_KEY). */
export const AF_KEY: number = 15;
/** Logical link control, IEEE 802.2. */
export const AF_LLC: number = 26;
/** NetBEUI. */
export const AF_NETBEUI: number = 13;
/** Messages between the kernel and programs. */
export const AF_NETLINK: number = 16;
/** NET/ROM, amateur packet radio. */
export const AF_NETROM: number = 6;
/** Frames of a network interface, below IP. */
export const AF_PACKET: number = 17;
/** PPP over another network (PPPoE, L2TP). */
export const AF_PPPOX: number = 24;
/** Qualcomm's IPC router. */
export const AF_QIPCRTR: number = 42;
/** Reliable datagram sockets. */
export const AF_RDS: number = 21;
/** ROSE, amateur packet radio. */
export const AF_ROSE: number = 11;
/** Another name of `AF_NETLINK`. */
export const AF_ROUTE: number = 16;
/** Security callbacks, Linux's family 14. */
export const AF_SECURITY: number = 14;
/** IBM's Systems Network Architecture. */
export const AF_SNA: number = 22;
/** TIPC, messages within a cluster. */
export const AF_TIPC: number = 30;
/** Between a virtual machine and its host. */
export const AF_VSOCK: number = 40;
/** Sangoma's WANPIPE. */
export const AF_WANPIPE: number = 25;
/** X.25. */
export const AF_X25: number = 9;

/** Protocol family of `AF_CAN`. */
export const PF_CAN: number = 29;
/** Protocol family of `AF_PACKET`. */
export const PF_PACKET: number = 17;
/** Protocol family of `AF_RDS`. */
export const PF_RDS: number = 21;

/** A connected stream of bytes: TCP. */
export const SOCK_STREAM: number = 1;
/** Datagrams, each sent on its own: UDP. */
export const SOCK_DGRAM: number = 2;
/** Packets with their protocol's header. */
export const SOCK_RAW: number = 3;
/** Datagrams that arrive, in no particular order. */
export const SOCK_RDM: number = 4;
/** A connected sequence of messages. */
export const SOCK_SEQPACKET: number = 5;
/** Flag of a type: child processes don't inherit the socket. */
export const SOCK_CLOEXEC: number = 0x80000;
/** Flag of a type: the socket starts in non-blocking mode. */
export const SOCK_NONBLOCK: number = 0x800;

/** Shut down receiving. */
export const SHUT_RD: number = 0;
/** Shut down sending: the peer reads to the end of the stream. */
export const SHUT_WR: number = 1;
/** Shut down receiving and sending. */
export const SHUT_RDWR: number = 2;
