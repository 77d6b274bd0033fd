/**
 * Numbers of protocols and header types.
 *
 * Follows IANA's registry of protocol numbers.
 *
 * @module
 */

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
