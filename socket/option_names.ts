/**
 * The levels and names of socket options, and the kinds of ancillary data.
 *
 * @module
 */

// Every socket: socket(7), unix(7)

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
/** SAE J1939 (`AF_CAN`): the filters of received messages. */
export const SO_J1939_FILTER: number = 1;
/** SAE J1939 (`AF_CAN`): whether to receive everything. */
export const SO_J1939_PROMISC: number = 2;
/** SAE J1939 (`AF_CAN`): the priority of sent messages. */
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

// IPv4 and IPv6, at the levels `IPPROTO_IP` and `IPPROTO_IPV6`: ip(7), ipv6(7)

/** The type of service of packets sent. */
export const IP_TOS: number = 1;
/** How many routers a packet may pass, 1 to 255. */
export const IP_TTL: number = 2;
/** Whether the program writes the IP header (`SOCK_RAW`). */
export const IP_HDRINCL: number = 3;
/** The IP options of packets sent. */
export const IP_OPTIONS: number = 4;
/** Whether to receive the IP options as ancillary data. */
export const IP_RECVOPTS: number = 6;
/** Whether to receive the IP options, unprocessed. */
export const IP_RECVRETOPTS: number = 7;
/** Another name of `IP_RECVRETOPTS`. */
export const IP_RETOPTS: number = 7;
/** Whether to receive the type of service as ancillary data. */
export const IP_RECVTOS: number = 13;
/** Whether to use addresses that are not this machine's, as a proxy does. */
export const IP_TRANSPARENT: number = 19;
/** Whether `bind()` to port 0 leaves the choice of port to `connect()`. */
export const IP_BIND_ADDRESS_NO_PORT: number = 24;
/** The interface by which multicast datagrams leave. */
export const IP_MULTICAST_IF: number = 32;
/** How many routers a multicast datagram may pass, 0 to 255. */
export const IP_MULTICAST_TTL: number = 33;
/** Whether this machine gets its own multicast datagrams. */
export const IP_MULTICAST_LOOP: number = 34;
/** Join a multicast group; a C `struct ip_mreq`. */
export const IP_ADD_MEMBERSHIP: number = 35;
/** Leave a multicast group; a C `struct ip_mreq`. */
export const IP_DROP_MEMBERSHIP: number = 36;
/** The default of `IP_MULTICAST_LOOP`. */
export const IP_DEFAULT_MULTICAST_LOOP: number = 1;
/** The default of `IP_MULTICAST_TTL`. */
export const IP_DEFAULT_MULTICAST_TTL: number = 1;
/** How many multicast groups one socket may join. */
export const IP_MAX_MEMBERSHIPS: number = 20;

/** Whether an IPv6 socket takes no IPv4 connections and datagrams. */
export const IPV6_V6ONLY: number = 26;
/** How many routers a packet may pass, -1 (the default) to 255. */
export const IPV6_UNICAST_HOPS: number = 16;
/** The index of the interface by which multicast datagrams leave. */
export const IPV6_MULTICAST_IF: number = 17;
/** How many routers a multicast datagram may pass. */
export const IPV6_MULTICAST_HOPS: number = 18;
/** Whether this machine gets its own multicast datagrams. */
export const IPV6_MULTICAST_LOOP: number = 19;
/** Join a multicast group; a C `struct ipv6_mreq`. */
export const IPV6_JOIN_GROUP: number = 20;
/** Leave a multicast group; a C `struct ipv6_mreq`. */
export const IPV6_LEAVE_GROUP: number = 21;
/** Where a raw packet has its checksum, in bytes. */
export const IPV6_CHECKSUM: number = 7;
/** The address of the next router. */
export const IPV6_NEXTHOP: number = 9;
/** The traffic class of packets sent. */
export const IPV6_TCLASS: number = 67;
/** Whether to receive the traffic class. */
export const IPV6_RECVTCLASS: number = 66;
/** The hop limit, as ancillary data. */
export const IPV6_HOPLIMIT: number = 52;
/** Whether to receive the hop limit. */
export const IPV6_RECVHOPLIMIT: number = 51;
/** Address and interface of a packet, as ancillary data. */
export const IPV6_PKTINFO: number = 50;
/** Whether to receive address and interface of each packet. */
export const IPV6_RECVPKTINFO: number = 49;
/** The hop-by-hop options, as ancillary data. */
export const IPV6_HOPOPTS: number = 54;
/** Whether to receive the hop-by-hop options. */
export const IPV6_RECVHOPOPTS: number = 53;
/** The destination options, as ancillary data. */
export const IPV6_DSTOPTS: number = 59;
/** Whether to receive the destination options. */
export const IPV6_RECVDSTOPTS: number = 58;
/** The routing header, as ancillary data. */
export const IPV6_RTHDR: number = 57;
/** Whether to receive the routing header. */
export const IPV6_RECVRTHDR: number = 56;
/** The destination options before a routing header. */
export const IPV6_RTHDRDSTOPTS: number = 55;
/** The type of a source route, which RFC 5095 withdrew. */
export const IPV6_RTHDR_TYPE_0: number = 0;
/** Whether to refuse packets too big for the path instead of splitting them. */
export const IPV6_DONTFRAG: number = 62;
/** The largest packet that the path takes. */
export const IPV6_PATHMTU: number = 61;
/** Whether to receive changes of that size. */
export const IPV6_RECVPATHMTU: number = 60;

// TCP, at the level `IPPROTO_TCP`: tcp(7)

/** Whether to send at once, without Nagle's waiting for more. */
export const TCP_NODELAY: number = 1;
/** The largest segment, in bytes. */
export const TCP_MAXSEG: number = 2;
/** Whether to hold back all but full segments. */
export const TCP_CORK: number = 3;
/** Seconds of silence before the first keep-alive probe. */
export const TCP_KEEPIDLE: number = 4;
/** Seconds between keep-alive probes. */
export const TCP_KEEPINTVL: number = 5;
/** How many unanswered keep-alive probes end the connection. */
export const TCP_KEEPCNT: number = 6;
/** How often an attempt to connect is repeated. */
export const TCP_SYNCNT: number = 7;
/** Seconds that an orphaned connection waits for the peer's end. */
export const TCP_LINGER2: number = 8;
/** Seconds to wait for data before a connection is accepted. */
export const TCP_DEFER_ACCEPT: number = 9;
/** The largest window to advertise, in bytes. */
export const TCP_WINDOW_CLAMP: number = 10;
/** The state of the connection in the kernel; a C `struct tcp_info`. */
export const TCP_INFO: number = 11;
/** Whether to acknowledge at once. */
export const TCP_QUICKACK: number = 12;
/** The name of the congestion control algorithm. */
export const TCP_CONGESTION: number = 13;
/** Milliseconds that data may stay unacknowledged. */
export const TCP_USER_TIMEOUT: number = 18;
/** How many connections that began with data may wait for `accept()`. */
export const TCP_FASTOPEN: number = 23;
/** How many unsent bytes still leave the socket writable. */
export const TCP_NOTSENT_LOWAT: number = 25;
