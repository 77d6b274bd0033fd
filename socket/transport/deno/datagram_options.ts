/**
 * The options of a UDP socket over `node:dgram`.
 *
 * @module
 */

import type dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { inet_ntoa, inet_ntop } from "../../inet.ts";
import { if_indextoname } from "../../interfaces.ts";
import {
  always,
  asNumber,
  LITTLE_ENDIAN,
  numeric,
  type Option,
  OptionTable,
  type Value,
} from "./option_table.ts";
import { SMALLEST_QUEUE } from "./stream_options.ts";

/** What a program may choose. */
export interface DatagramSettings {
  /** Others may bind to the same address. */
  reuseAddress: boolean;
  /** IPv4 stays out of an IPv6 socket. */
  v6only: boolean;
  /** Bytes received ahead at most. */
  receive: number;
  /** Bytes queued at most. */
  send: number;
  /** What {@linkcode Configurable.configure} was told, by option. */
  broadcast: number;
  ttl: number;
  multicastTtl: number;
  multicastLoop: number;
  multicastInterface: string;
}

/** The settings of a new UDP socket, which are Linux's but for the limits. */
export const DATAGRAM_DEFAULTS: Readonly<DatagramSettings> = {
  reuseAddress: false,
  v6only: false,
  receive: 256 * 1024,
  send: 256 * 1024,
  broadcast: 0,
  ttl: 64,
  multicastTtl: 1,
  multicastLoop: 1,
  multicastInterface: "0.0.0.0",
};

/** What the options ask of an endpoint. */
export interface Configurable {
  readonly family: number;
  readonly type: number;
  readonly settings: DatagramSettings;
  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null;
  /** Brings changed limits down to the socket, if it is open. */
  applyLimits(): void;
  /** Changes the socket: now, or as soon as it is open. */
  configure(change: (socket: dgram.Socket) => void): void;
}

type Entry = [level: number, name: number, option: Option<Configurable>];

function flag(name: "reuseAddress" | "v6only"): Option<Configurable> {
  return numeric(
    ({ settings }) => Number(settings[name]),
    ({ settings }, value) => settings[name] = value !== 0,
  );
}

function limit(name: "receive" | "send"): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    endpoint.settings[name] = Math.max(value, SMALLEST_QUEUE);
    endpoint.applyLimits();
  });
}

type NumberSetting = "broadcast" | "ttl" | "multicastTtl" | "multicastLoop";

/** A number that node:dgram takes. */
function number(
  name: NumberSetting,
  [least, most]: [number, number],
  change: (socket: dgram.Socket, value: number) => void,
): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    if (value < least || value > most) throw new OSError(errno.EINVAL);
    endpoint.configure((socket) => change(socket, value));
    endpoint.settings[name] = value;
  });
}

/** A switch that node:dgram takes. */
function toggle(
  name: NumberSetting,
  change: (socket: dgram.Socket, on: boolean) => void,
): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    endpoint.configure((socket) => change(socket, value !== 0));
    endpoint.settings[name] = Number(value !== 0);
  });
}

/** Joins or leaves a group; the value is a `struct ip_mreq` or `ipv6_mreq`. */
function membership(
  parse: (value: Uint8Array<ArrayBuffer>) => [group: string, via?: string],
  change: (socket: dgram.Socket, group: string, via?: string) => void,
): Option<Configurable> {
  return {
    get() {
      throw new OSError(errno.ENOPROTOOPT, "memberships can't be read");
    },
    set(endpoint, value) {
      if (typeof value === "number") throw new OSError(errno.EINVAL);
      const [group, via] = parse(value);
      endpoint.configure((socket) => change(socket, group, via));
    },
  };
}

/** `struct ip_mreq`, or `ip_mreqn` with the index of an interface. */
function mreq(value: Uint8Array<ArrayBuffer>): [string, string?] {
  if (value.length < 8) throw new OSError(errno.EINVAL);
  const via = inet_ntoa(value.subarray(4, 8));
  return [inet_ntoa(value.subarray(0, 4)), via === "0.0.0.0" ? undefined : via];
}

/** `struct ipv6_mreq`. */
function mreq6(value: Uint8Array<ArrayBuffer>): [string, string?] {
  if (value.length < 20) throw new OSError(errno.EINVAL);
  const group = inet_ntop(c.AF_INET6, value.subarray(0, 16));
  const view = new DataView(value.buffer, value.byteOffset);
  return [group, zone(view.getUint32(16, LITTLE_ENDIAN))];
}

/** How node:dgram names an IPv6 interface. */
function zone(index: number): string | undefined {
  return index === 0 ? undefined : `::%${if_indextoname(index)}`;
}

/** The interface that multicasts leave by: its IPv4 address. */
const MULTICAST_IF: Option<Configurable> = {
  get: ({ settings }) => {
    const bytes = settings.multicastInterface.split(".").map(Number);
    return new DataView(Uint8Array.from(bytes).buffer)
      .getInt32(0, LITTLE_ENDIAN);
  },
  set(endpoint, value: Value) {
    // An in_addr; of an ip_mreqn, the second part.
    const bytes = typeof value === "number"
      ? new Uint8Array(Int32Array.of(value).buffer)
      : value.subarray(value.length >= 8 ? 4 : 0);
    if (bytes.length < 4) throw new OSError(errno.EINVAL);
    const address = inet_ntoa(bytes.subarray(0, 4));
    endpoint.configure((socket) => socket.setMulticastInterface(address));
    endpoint.settings.multicastInterface = address;
  },
};

const SOCKET: Entry[] = [
  [c.SOL_SOCKET, c.SO_TYPE, { get: ({ type }) => type }],
  [c.SOL_SOCKET, c.SO_DOMAIN, { get: ({ family }) => family }],
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(c.IPPROTO_UDP)],
  [c.SOL_SOCKET, c.SO_ACCEPTCONN, always(0)],
  [c.SOL_SOCKET, c.SO_ERROR, {
    get: (endpoint) => endpoint.takeError()?.errno ?? 0,
  }],
  [c.SOL_SOCKET, c.SO_REUSEADDR, flag("reuseAddress")],
  [c.SOL_SOCKET, c.SO_REUSEPORT, always(0)],
  [
    c.SOL_SOCKET,
    c.SO_BROADCAST,
    toggle("broadcast", (socket, on) => socket.setBroadcast(on)),
  ],
  [c.SOL_SOCKET, c.SO_RCVBUF, limit("receive")],
  [c.SOL_SOCKET, c.SO_SNDBUF, limit("send")],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, always(0)],
  [c.SOL_SOCKET, c.SO_LINGER, always(new Uint8Array(8))],
  [c.SOL_SOCKET, c.SO_DEBUG, always(0)],
  [c.SOL_SOCKET, c.SO_DONTROUTE, always(0)],
];

const V4: Entry[] = [
  [
    c.IPPROTO_IP,
    c.IP_TTL,
    number("ttl", [1, 255], (socket, ttl) => socket.setTTL(ttl)),
  ],
  [
    c.IPPROTO_IP,
    c.IP_MULTICAST_TTL,
    number(
      "multicastTtl",
      [1, 255],
      (socket, ttl) => socket.setMulticastTTL(ttl),
    ),
  ],
  [
    c.IPPROTO_IP,
    c.IP_MULTICAST_LOOP,
    toggle("multicastLoop", (socket, on) => socket.setMulticastLoopback(on)),
  ],
  [c.IPPROTO_IP, c.IP_MULTICAST_IF, MULTICAST_IF],
  [
    c.IPPROTO_IP,
    c.IP_ADD_MEMBERSHIP,
    membership(mreq, (socket, group, via) => socket.addMembership(group, via)),
  ],
  [
    c.IPPROTO_IP,
    c.IP_DROP_MEMBERSHIP,
    membership(mreq, (socket, group, via) => socket.dropMembership(group, via)),
  ],
];

const V6: Entry[] = [
  [c.IPPROTO_IPV6, c.IPV6_V6ONLY, flag("v6only")],
  [c.IPPROTO_IPV6, c.IPV6_UNICAST_HOPS, always(64)],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_HOPS, always(1)],
  [
    c.IPPROTO_IPV6,
    c.IPV6_MULTICAST_LOOP,
    toggle("multicastLoop", (socket, on) => socket.setMulticastLoopback(on)),
  ],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_IF, {
    get: () => 0,
    set(endpoint, value) {
      const via = zone(asNumber(value)) ?? "::";
      endpoint.configure((socket) => socket.setMulticastInterface(via));
    },
  }],
  [
    c.IPPROTO_IPV6,
    c.IPV6_JOIN_GROUP,
    membership(mreq6, (socket, group, via) => socket.addMembership(group, via)),
  ],
  [
    c.IPPROTO_IPV6,
    c.IPV6_LEAVE_GROUP,
    membership(
      mreq6,
      (socket, group, via) => socket.dropMembership(group, via),
    ),
  ],
];

const OPTIONS = new Map([
  [c.AF_INET, new OptionTable([...SOCKET, ...V4])],
  [c.AF_INET6, new OptionTable([...SOCKET, ...V6])],
]);

/** The options of UDP sockets of a family. */
export function datagramOptions(family: number): OptionTable<Configurable> {
  return OPTIONS.get(family)!;
}
