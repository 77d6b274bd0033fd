/**
 * Names of the options of IPv4 and IPv6, at the levels `IPPROTO_IP` and
 * `IPPROTO_IPV6`.
 *
 * Follows `ip(7)` and `ipv6(7)`.
 *
 * @module
 */

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
/** What `IP_MULTICAST_LOOP` is unless set. */
export const IP_DEFAULT_MULTICAST_LOOP: number = 1;
/** What `IP_MULTICAST_TTL` is unless set. */
export const IP_DEFAULT_MULTICAST_TTL: number = 1;
/** How many multicast groups one socket may join. */
export const IP_MAX_MEMBERSHIPS: number = 20;

/** Whether an IPv6 socket leaves IPv4 alone. */
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
