/**
 * The constants of the address families that only the native transport has,
 * and of UDP-Lite.
 *
 * @module
 */

// Addresses and levels of the kernel: netlink(7)

/** Addresses, routes and interfaces: rtnetlink(7). */
export const NETLINK_ROUTE: number = 0;
/** Messages between programs. */
export const NETLINK_USERSOCK: number = 2;
/** Packets for a filter; of no use since Linux 3.5. */
export const NETLINK_FIREWALL: number = 3;
/** The log of iptables; of no use since Linux 3.17. */
export const NETLINK_NFLOG: number = 5;
/** IPsec: its policies and associations. */
export const NETLINK_XFRM: number = 6;
/** IPv6 packets for a filter; of no use since Linux 3.5. */
export const NETLINK_IP6_FW: number = 13;
/** Routes of DECnet. */
export const NETLINK_DNRTMSG: number = 14;
/** The kernel's cryptography: which algorithms it has. */
export const NETLINK_CRYPTO: number = 21;

// Frames of an interface (`AF_PACKET`): packet(7)

/** The frame was for this machine. */
export const PACKET_HOST: number = 0;
/** It was for all. */
export const PACKET_BROADCAST: number = 1;
/** It was for a group. */
export const PACKET_MULTICAST: number = 2;
/** It was for another machine. */
export const PACKET_OTHERHOST: number = 3;
/** It came from this machine. */
export const PACKET_OUTGOING: number = 4;
/** It is one that the loopback returns. */
export const PACKET_LOOPBACK: number = 5;
/** It was routed at once; Linux no longer sets it. */
export const PACKET_FASTROUTE: number = 6;

// Virtual machines and their host (`AF_VSOCK`): vsock(7)

/** Any machine, for `bind()`; also -1. */
export const VMADDR_CID_ANY: number = 0xffffffff;
/** The host. */
export const VMADDR_CID_HOST: number = 2;
/** A free port, for `bind()`; also -1. */
export const VMADDR_PORT_ANY: number = 0xffffffff;
/** A version that no driver has. */
export const VM_SOCKETS_INVALID_VERSION: number = 0xffffffff;
/** Asks the driver for this machine's CID; for `ioctl(2)`. */
export const IOCTL_VM_SOCKETS_GET_LOCAL_CID: number = 0x7b9;

// Buses of vehicles (`AF_CAN`)

/** Protocol: single frames. */
export const CAN_RAW: number = 1;
/** Protocol: the broadcast manager, which sends and filters by itself. */
export const CAN_BCM: number = 2;
/** Protocol: messages longer than a frame, ISO 15765-2. */
export const CAN_ISOTP: number = 6;
/** Protocol: SAE J1939. */
export const CAN_J1939: number = 7;
/** Flag of a frame's identifier: it has 29 bits. */
export const CAN_EFF_FLAG: number = 0x80000000;
/** Flag: the frame asks for another. */
export const CAN_RTR_FLAG: number = 0x40000000;
/** Flag: the frame reports an error. */
export const CAN_ERR_FLAG: number = 0x20000000;
/** The bits of a standard identifier. */
export const CAN_SFF_MASK: number = 0x7ff;
/** The bits of an extended identifier. */
export const CAN_EFF_MASK: number = 0x1fffffff;
/** The bits of an error's class. */
export const CAN_ERR_MASK: number = 0x1fffffff;
/** Option of `SOL_CAN_RAW`: which frames come in. */
export const CAN_RAW_FILTER: number = 1;
/** Option: whether other sockets of this machine get what is sent. */
export const CAN_RAW_LOOPBACK: number = 3;
/** Option: whether the socket gets that itself. */
export const CAN_RAW_RECV_OWN_MSGS: number = 4;
/** Option: whether frames may be CAN FD's. */
export const CAN_RAW_FD_FRAMES: number = 5;
/** Option: whether a frame must pass all filters. */
export const CAN_RAW_JOIN_FILTERS: number = 6;
/** Broadcast manager: send a frame, again and again. */
export const CAN_BCM_TX_SETUP: number = 1;
/** Broadcast manager: stop that. */
export const CAN_BCM_TX_DELETE: number = 2;
/** Broadcast manager: tell what is sent. */
export const CAN_BCM_TX_READ: number = 3;
/** Broadcast manager: send one frame. */
export const CAN_BCM_TX_SEND: number = 4;
/** Broadcast manager: report changes of a frame. */
export const CAN_BCM_RX_SETUP: number = 5;
/** Broadcast manager: stop that. */
export const CAN_BCM_RX_DELETE: number = 6;
/** Broadcast manager: tell what is watched. */
export const CAN_BCM_RX_READ: number = 7;
/** Broadcast manager's answer: what is sent. */
export const CAN_BCM_TX_STATUS: number = 8;
/** Broadcast manager's message: the count of frames is sent. */
export const CAN_BCM_TX_EXPIRED: number = 9;
/** Broadcast manager's answer: what is watched. */
export const CAN_BCM_RX_STATUS: number = 10;
/** Broadcast manager's message: a frame is missing. */
export const CAN_BCM_RX_TIMEOUT: number = 11;
/** Broadcast manager's message: a frame has changed. */
export const CAN_BCM_RX_CHANGED: number = 12;
/** Flag to the broadcast manager: the intervals are new. */
export const CAN_BCM_SETTIMER: number = 1;
/** Flag: begin to count. */
export const CAN_BCM_STARTTIMER: number = 2;
/** Flag: report when the count of frames is sent. */
export const CAN_BCM_TX_COUNTEVT: number = 4;
/** Flag: send a change at once. */
export const CAN_BCM_TX_ANNOUNCE: number = 8;
/** Flag: take the identifier over into all frames. */
export const CAN_BCM_TX_CP_CAN_ID: number = 0x10;
/** Flag: watch the identifier alone. */
export const CAN_BCM_RX_FILTER_ID: number = 0x20;
/** Flag: a new length is a change. */
export const CAN_BCM_RX_CHECK_DLC: number = 0x40;
/** Flag: don't begin to count by yourself. */
export const CAN_BCM_RX_NO_AUTOTIMER: number = 0x80;
/** Flag: report when a missing frame is back. */
export const CAN_BCM_RX_ANNOUNCE_RESUME: number = 0x100;
/** Flag: begin with the first of several frames. */
export const CAN_BCM_TX_RESET_MULTI_IDX: number = 0x200;
/** Flag: answer a frame that asks. */
export const CAN_BCM_RX_RTR_FRAME: number = 0x400;
/** Flag: the frames are CAN FD's. */
export const CAN_BCM_CAN_FD_FRAME: number = 0x800;
/** The highest address that a device has. */
export const J1939_MAX_UNICAST_ADDR: number = 253;
/** The address of a device that has none yet. */
export const J1939_IDLE_ADDR: number = 254;
/** No address; also that of all. */
export const J1939_NO_ADDR: number = 255;
/** No name. */
export const J1939_NO_NAME: number = 0;
/** The group by which to ask for another. */
export const J1939_PGN_REQUEST: number = 0xea00;
/** The group by which a device claims its address. */
export const J1939_PGN_ADDRESS_CLAIMED: number = 0xee00;
/** The group by which it is told one. */
export const J1939_PGN_ADDRESS_COMMANDED: number = 0xfed8;
/** The highest group that has a destination. */
export const J1939_PGN_PDU1_MAX: number = 0x3ff00;
/** The highest group. */
export const J1939_PGN_MAX: number = 0x3ffff;
/** No group. */
export const J1939_NO_PGN: number = 0x40000;
/** How many filters a socket may have. */
export const J1939_FILTER_MAX: number = 512;
/** Error queue: nothing more is known. */
export const J1939_EE_INFO_NONE: number = 0;
/** Error queue: sending was given up. */
export const J1939_EE_INFO_TX_ABORT: number = 1;
/** Error queue: an attribute that fills a gap. */
export const J1939_NLA_PAD: number = 0;
/** Error queue: the attribute that tells how many bytes have arrived. */
export const J1939_NLA_BYTES_ACKED: number = 1;
/** Ancillary data: the address that a message was for. */
export const SCM_J1939_DEST_ADDR: number = 1;
/** Ancillary data: the name that it was for. */
export const SCM_J1939_DEST_NAME: number = 2;
/** Ancillary data: its priority. */
export const SCM_J1939_PRIO: number = 3;
/** Ancillary data: an entry of the error queue. */
export const SCM_J1939_ERRQUEUE: number = 4;

// Bluetooth

/** Protocol: logical links, L2CAP. */
export const BTPROTO_L2CAP: number = 0;
/** Protocol: commands to a device of this machine. */
export const BTPROTO_HCI: number = 1;
/** Protocol: links for voice. */
export const BTPROTO_SCO: number = 2;
/** Protocol: streams, in the place of a serial line. */
export const BTPROTO_RFCOMM: number = 3;
/** Any device of this machine. */
export const BDADDR_ANY: string = "00:00:00:00:00:00";
/** This machine itself. */
export const BDADDR_LOCAL: string = "00:00:00:FF:FF:FF";
/** Option of `SOL_HCI`: whether to tell which way a packet went. */
export const HCI_DATA_DIR: number = 1;
/** Option: which packets come in. */
export const HCI_FILTER: number = 2;
/** Option: whether to tell when a packet came. */
export const HCI_TIME_STAMP: number = 3;

// Messages within a cluster (`AF_TIPC`)

/** Kind of address: `[type, lower, upper]`, a range of a service. */
export const TIPC_ADDR_NAMESEQ: number = 1;
/** Kind of address: `[type, instance, 0]`, one of a service. */
export const TIPC_ADDR_NAME: number = 2;
/** Kind of address: `[node, port, 0]`, one socket. */
export const TIPC_ADDR_ID: number = 3;
/** A name is known in the zone; the same as the cluster today. */
export const TIPC_ZONE_SCOPE: number = 1;
/** A name is known in the cluster. */
export const TIPC_CLUSTER_SCOPE: number = 2;
/** A name is known on its machine. */
export const TIPC_NODE_SCOPE: number = 3;
/** The service that tells of the configuration. */
export const TIPC_CFG_SRV: number = 0;
/** The service that tells of names. */
export const TIPC_TOP_SRV: number = 1;
/** Option of `SOL_TIPC`: how important messages are. */
export const TIPC_IMPORTANCE: number = 127;
/** Not important; the default. */
export const TIPC_LOW_IMPORTANCE: number = 0;
/** More important than that. */
export const TIPC_MEDIUM_IMPORTANCE: number = 1;
/** Important. */
export const TIPC_HIGH_IMPORTANCE: number = 2;
/** The last to be dropped. */
export const TIPC_CRITICAL_IMPORTANCE: number = 3;
/** Option: whether a message may be dropped on the way. */
export const TIPC_SRC_DROPPABLE: number = 128;
/** Option: whether it may be dropped at its destination. */
export const TIPC_DEST_DROPPABLE: number = 129;
/** Option: milliseconds that `connect()` may take. */
export const TIPC_CONN_TIMEOUT: number = 130;
/** Subscription: to each socket that has a name. */
export const TIPC_SUB_PORTS: number = 1;
/** Subscription: to whether any has. */
export const TIPC_SUB_SERVICE: number = 2;
/** Subscription: its end. */
export const TIPC_SUB_CANCEL: number = 4;
/** Event: a name is there. */
export const TIPC_PUBLISHED: number = 1;
/** Event: a name is gone. */
export const TIPC_WITHDRAWN: number = 2;
/** Event: the subscription is over. */
export const TIPC_SUBSCR_TIMEOUT: number = 3;
/** A subscription that doesn't end. */
export const TIPC_WAIT_FOREVER: number = -1;

// The kernel's cryptography (`AF_ALG`)

/** Option of `SOL_ALG`: the key. */
export const ALG_SET_KEY: number = 1;
/** Ancillary data: the initialization vector. */
export const ALG_SET_IV: number = 2;
/** Ancillary data: what to do. */
export const ALG_SET_OP: number = 3;
/** Ancillary data: how many bytes are only authenticated. */
export const ALG_SET_AEAD_ASSOCLEN: number = 4;
/** Option: the size of the authentication tag, in bytes. */
export const ALG_SET_AEAD_AUTHSIZE: number = 5;
/** Option: the public key. */
export const ALG_SET_PUBKEY: number = 6;
/** Decrypt. */
export const ALG_OP_DECRYPT: number = 0;
/** Encrypt. */
export const ALG_OP_ENCRYPT: number = 1;
/** Sign. */
export const ALG_OP_SIGN: number = 2;
/** Verify a signature. */
export const ALG_OP_VERIFY: number = 3;

// UDP-Lite, at the level `IPPROTO_UDPLITE`: udplite(7)

/** How many bytes of a datagram sent the checksum covers. */
export const UDPLITE_SEND_CSCOV: number = 10;
/** How many it must cover of one received. */
export const UDPLITE_RECV_CSCOV: number = 11;
