/**
 * The constants of the socket module, under Python's names and with Linux's
 * values. They name things to this library, whatever the system it runs on.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 *
 * using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
 * ```
 *
 * Follows Python's
 * [constants](https://docs.python.org/3/library/socket.html#constants).
 *
 * @module
 */

export * from "./family_names.ts";
export * from "./option_names.ts";

/** Whether IPv6 can be used; always so. */
export const has_ipv6: boolean = true;

// Families and types of sockets, and the ways to shut one down: socket(2)

/** Any address family: to `getaddrinfo()`, both IPv4 and IPv6. */
export const AF_UNSPEC: number = 0;
/** Sockets of this machine; the address is a path. */
export const AF_UNIX: number = 1;
/** IPv4; the address is `[host, port]`. */
export const AF_INET = 2;
/** IPv6; the address is `[host, port, flowinfo, scope_id]`. */
export const AF_INET6 = 10;
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
export const SOCK_STREAM = 1;
/** Datagrams, each sent on its own: UDP. */
export const SOCK_DGRAM = 2;
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

// Protocols and header types: IANA's registry of protocol numbers

/** The default protocol of a socket; also the level of IPv4's options. */
export const IPPROTO_IP: number = 0;
/** IPv6 header: hop-by-hop options. */
export const IPPROTO_HOPOPTS: number = 0;
/** ICMP, IPv4's control messages. */
export const IPPROTO_ICMP: number = 1;
/** IGMP, membership of IPv4 multicast groups. */
export const IPPROTO_IGMP: number = 2;
/** IPv4 inside IP. */
export const IPPROTO_IPIP: number = 4;
/** TCP; also the level of its options. */
export const IPPROTO_TCP: number = 6;
/** Exterior gateway protocol. */
export const IPPROTO_EGP: number = 8;
/** Xerox PUP. */
export const IPPROTO_PUP: number = 12;
/** UDP; also the level of its options. */
export const IPPROTO_UDP: number = 17;
/** Xerox NS IDP. */
export const IPPROTO_IDP: number = 22;
/** ISO transport protocol, class 4. */
export const IPPROTO_TP: number = 29;
/** IPv6 inside IP; also the level of IPv6's options. */
export const IPPROTO_IPV6: number = 41;
/** IPv6 header: routing. */
export const IPPROTO_ROUTING: number = 43;
/** IPv6 header: fragment. */
export const IPPROTO_FRAGMENT: number = 44;
/** RSVP, resource reservation. */
export const IPPROTO_RSVP: number = 46;
/** GRE, generic tunnels. */
export const IPPROTO_GRE: number = 47;
/** IPsec, encrypted payload. */
export const IPPROTO_ESP: number = 50;
/** IPsec, authentication header. */
export const IPPROTO_AH: number = 51;
/** ICMP for IPv6. */
export const IPPROTO_ICMPV6: number = 58;
/** IPv6 header: nothing follows. */
export const IPPROTO_NONE: number = 59;
/** IPv6 header: options for the destination. */
export const IPPROTO_DSTOPTS: number = 60;
/** Protocol independent multicast. */
export const IPPROTO_PIM: number = 103;
/** SCTP. */
export const IPPROTO_SCTP: number = 132;
/** UDP-Lite, whose checksum may cover a part only. */
export const IPPROTO_UDPLITE: number = 136;
/** Raw IP packets, with their header. */
export const IPPROTO_RAW: number = 255;
/** Multipath TCP. */
export const IPPROTO_MPTCP: number = 262;

// Flags of the send and receive operations: send(2), recv(2)

/** Urgent data. */
export const MSG_OOB: number = 0x1;
/** Return the waiting data, and leave it in place. */
export const MSG_PEEK: number = 0x2;
/** Skip routing: to the local network only. */
export const MSG_DONTROUTE: number = 0x4;
/** In a result: the ancillary data was cut off. */
export const MSG_CTRUNC: number = 0x8;
/** Return a datagram's real length; in a result: it was cut off. */
export const MSG_TRUNC: number = 0x20;
/** Don't wait, whatever the mode of the socket. */
export const MSG_DONTWAIT: number = 0x40;
/** The end of a record. */
export const MSG_EOR: number = 0x80;
/** Wait until the whole buffer is filled. */
export const MSG_WAITALL: number = 0x100;
/** Tell the link layer that the peer has answered. */
export const MSG_CONFIRM: number = 0x800;
/** Receive from the socket's queue of errors. */
export const MSG_ERRQUEUE: number = 0x2000;
/** Raise no SIGPIPE; there never is one here. */
export const MSG_NOSIGNAL: number = 0x4000;
/** More is coming: hold back a segment that isn't full. */
export const MSG_MORE: number = 0x8000;
/** Connect and send in one step. */
export const MSG_FASTOPEN: number = 0x20000000;
/** Child processes don't inherit descriptors received. */
export const MSG_CMSG_CLOEXEC: number = 0x40000000;

// Addresses, as numbers in host order, and ports: ip(7)

/** `0.0.0.0`: every address of this machine. */
export const INADDR_ANY: number = 0x0;
/** `255.255.255.255`: all hosts of the local network. */
export const INADDR_BROADCAST: number = 0xffffffff;
/** `127.0.0.1`: this machine. */
export const INADDR_LOOPBACK: number = 0x7f000001;
/** `255.255.255.255`, as C's `inet_addr()` reports a failure. */
export const INADDR_NONE: number = 0xffffffff;
/** `224.0.0.0`, where multicast addresses begin. */
export const INADDR_UNSPEC_GROUP: number = 0xe0000000;
/** `224.0.0.1`: all hosts of the local network. */
export const INADDR_ALLHOSTS_GROUP: number = 0xe0000001;
/** `224.0.0.255`, the last multicast address of the local network. */
export const INADDR_MAX_LOCAL_GROUP: number = 0xe00000ff;

/** Ports below this one are the system's. */
export const IPPORT_RESERVED: number = 1024;
/** Ports from this one on are for servers; an old convention. */
export const IPPORT_USERRESERVED: number = 5000;

// Flags and errors of look-ups: getaddrinfo(3), getnameinfo(3)

/** For `bind()`: without a host, every address of this machine. */
export const AI_PASSIVE: number = 0x1;
/** Give the host's canonical name too. */
export const AI_CANONNAME: number = 0x2;
/** The host is an address: look nothing up. */
export const AI_NUMERICHOST: number = 0x4;
/** Give IPv4 addresses as IPv6 ones if there are no others. */
export const AI_V4MAPPED: number = 0x8;
/** With `AI_V4MAPPED`: give both, always. */
export const AI_ALL: number = 0x10;
/** Only families for which this machine has an address. */
export const AI_ADDRCONFIG: number = 0x20;
/** The service is a number: look nothing up. */
export const AI_NUMERICSERV: number = 0x400;

/** Give the host's address, not its name. */
export const NI_NUMERICHOST: number = 1;
/** Give the service's port, not its name. */
export const NI_NUMERICSERV: number = 2;
/** Give the name alone for hosts of the own domain. */
export const NI_NOFQDN: number = 4;
/** Fail if the host has no name. */
export const NI_NAMEREQD: number = 8;
/** The service is one of datagrams (UDP). */
export const NI_DGRAM: number = 16;
/** The longest host name that C's `getnameinfo()` gives, with its end. */
export const NI_MAXHOST: number = 1025;
/** The longest service name that C's `getnameinfo()` gives, with its end. */
export const NI_MAXSERV: number = 32;

/** Flags that don't exist, or don't go together. */
export const EAI_BADFLAGS: number = -1;
/** No such host or service. */
export const EAI_NONAME: number = -2;
/** The name server doesn't answer now; try again later. */
export const EAI_AGAIN: number = -3;
/** The name server failed for good. */
export const EAI_FAIL: number = -4;
/** The name exists and has no address. */
export const EAI_NODATA: number = -5;
/** The address family is not supported. */
export const EAI_FAMILY: number = -6;
/** The socket type is not supported. */
export const EAI_SOCKTYPE: number = -7;
/** The service is not available for that socket type. */
export const EAI_SERVICE: number = -8;
/** The name has no address of that family. */
export const EAI_ADDRFAMILY: number = -9;
/** Out of memory. */
export const EAI_MEMORY: number = -10;
/** A system error, which has a number of its own. */
export const EAI_SYSTEM: number = -11;
/** The name is too long for the buffer. */
export const EAI_OVERFLOW: number = -12;
