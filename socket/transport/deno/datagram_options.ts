/**
 * The options of a UDP socket over `node:dgram`.
 *
 * @module
 */

import type dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { inet_ntoa } from "../../names/inet.ts";
import {
  type Membership,
  type Memberships,
  mreq,
  mreq6,
  via,
  zone,
} from "./memberships.ts";
import {
  always,
  COMMON,
  COMMON_DEFAULTS,
  type CommonSettings,
  type Configurable,
  type Entry,
  LITTLE_ENDIAN,
  numeric,
  type Option,
  OptionTable,
  type Value,
} from "./option_table.ts";

/** The settings of a UDP socket. */
export interface DatagramSettings extends CommonSettings {
  /** Others may bind to the same address. */
  reuseAddress: boolean;
  /** IPv4 stays out of an IPv6 socket. */
  v6only: boolean;
  /** The values of options that the system's socket was given. */
  broadcast: number;
  ttl: number;
  multicastTtl: number;
  multicastLoop: number;
  multicastInterface: string;
  multicastIndex: number;
}

/** The settings of a new UDP socket, which are Linux's but for the limits. */
export const DATAGRAM_DEFAULTS: Readonly<DatagramSettings> = {
  reuseAddress: false,
  v6only: false,
  broadcast: 0,
  ttl: 64,
  multicastTtl: 1,
  multicastLoop: 1,
  multicastInterface: "0.0.0.0",
  multicastIndex: 0,
  ...COMMON_DEFAULTS,
};

/** A UDP socket as its options see it. */
interface Datagram extends Configurable {
  readonly settings: DatagramSettings;
  readonly memberships: Memberships;
  /** It has an address. */
  readonly bound: boolean;
  /** Changes the socket: now, or as soon as it is open. */
  configure(change: (socket: dgram.Socket) => void): void;
}

/** Settings that are numbers, and how the system's socket gets them. */
const NUMBERS = {
  broadcast: (socket: dgram.Socket, on: number) => socket.setBroadcast(on > 0),
  ttl: (socket: dgram.Socket, hops: number) => socket.setTTL(hops),
  multicastTtl: (socket: dgram.Socket, hops: number) =>
    socket.setMulticastTTL(hops),
  multicastLoop: (socket: dgram.Socket, on: number) =>
    socket.setMulticastLoopback(on > 0),
};

/** An option that is a number; `check` gives the setting, or raises an error. */
function number(
  name: keyof typeof NUMBERS,
  check: (value: number) => number,
): Option<Datagram> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    const setting = check(value);
    endpoint.configure((socket) => NUMBERS[name](socket, setting));
    endpoint.settings[name] = setting;
  });
}

/** As {@linkcode number}, but as all of IPv4's it also takes a single byte. */
function number4(...made: Parameters<typeof number>): Option<Datagram> {
  const { get, set } = number(...made);
  return {
    get,
    set(endpoint, value) {
      const [byte] = typeof value !== "number" && value.length < 4 ? value : [];
      set!(endpoint, byte ?? value);
    },
  };
}

/** How many routers a datagram may pass; -1 sets the default. */
function ttl(name: "ttl" | "multicastTtl"): Option<Datagram> {
  return number4(name, (value) => {
    const hops = value === -1 ? DATAGRAM_DEFAULTS[name] : value;
    if (hops === 0 && name === "multicastTtl") {
      throw new OSError(
        errno.ENOPROTOOPT,
        "Deno can't keep multicasts within this machine; choose its interface",
      );
    }
    if (hops < 1 || hops > 255) throw new OSError(errno.EINVAL);
    return hops;
  });
}

const toFlag = (value: number) => Number(value !== 0);

/** Joins or leaves a group. */
function membership(
  act: "join" | "leave",
  parse: (value: Uint8Array<ArrayBuffer>) => Membership,
): Option<Datagram> {
  return {
    get() {
      throw new OSError(errno.ENOPROTOOPT, "memberships can't be read");
    },
    set(endpoint, value) {
      if (typeof value === "number") throw new OSError(errno.EINVAL);
      endpoint.memberships[act](
        parse(value),
        ({ group, via }, refusal) =>
          endpoint.configure((socket) =>
            unless(refusal, () => {
              if (act === "join") socket.addMembership(group, via);
              else socket.dropMembership(group, via);
            })
          ),
      );
    },
  };
}

/** Calls Deno, whose errors carry no code here, and raises this one. */
function unless(code: number, act: () => void): void {
  try {
    act();
  } catch (cause) {
    throw new OSError(code, undefined, { cause });
  }
}

/** The interface that multicasts leave by: its IPv4 address. */
const MULTICAST_IF: Option<Datagram> = {
  get: ({ settings }) => {
    const bytes = settings.multicastInterface.split(".").map(Number);
    return new DataView(Uint8Array.from(bytes).buffer)
      .getInt32(0, LITTLE_ENDIAN);
  },
  set(endpoint, value: Value) {
    // An in_addr; in an ip_mreq or ip_mreqn it follows the group.
    const bytes = typeof value === "number"
      ? new Uint8Array(Int32Array.of(value).buffer)
      : value.subarray(value.length >= 8 ? 4 : 0);
    if (bytes.length < 4) throw new OSError(errno.EINVAL);
    let address = "0.0.0.0";
    unless(errno.EADDRNOTAVAIL, () => address = via(bytes) ?? address);
    endpoint.configure((socket) =>
      unless(
        errno.EADDRNOTAVAIL,
        () => socket.setMulticastInterface(address),
      )
    );
    endpoint.settings.multicastInterface = inet_ntoa(bytes.subarray(0, 4));
  },
};

/** The interface that multicasts leave by: its index. */
const MULTICAST_IF6 = numeric<Datagram>(
  ({ settings }) => settings.multicastIndex,
  (endpoint, index) => {
    if (index < 0) throw new OSError(errno.ENODEV);
    const via = zone(index) ?? "::";
    endpoint.configure((socket) => socket.setMulticastInterface(via));
    endpoint.settings.multicastIndex = index;
  },
);

const REUSEADDR = numeric<Datagram>(
  ({ settings }) => Number(settings.reuseAddress),
  ({ settings }, value) => settings.reuseAddress = value !== 0,
);

const V6ONLY = numeric<Datagram>(
  ({ settings }) => Number(settings.v6only),
  ({ bound, settings }, value) => {
    if (bound) throw new OSError(errno.EINVAL);
    settings.v6only = value !== 0;
  },
);

const LOOP6 = number("multicastLoop", (value) => {
  if (value !== 0 && value !== 1) throw new OSError(errno.EINVAL);
  return value;
});

const SOCKET: Entry<Datagram>[] = [
  ...COMMON,
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(c.IPPROTO_UDP)],
  [c.SOL_SOCKET, c.SO_ACCEPTCONN, always(0)],
  [c.SOL_SOCKET, c.SO_REUSEADDR, REUSEADDR],
  [c.SOL_SOCKET, c.SO_REUSEPORT, always(0)],
  [c.SOL_SOCKET, c.SO_BROADCAST, number("broadcast", toFlag)],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, always(0)],
];

const V4: Entry<Datagram>[] = [
  [c.IPPROTO_IP, c.IP_TTL, ttl("ttl")],
  [c.IPPROTO_IP, c.IP_MULTICAST_TTL, ttl("multicastTtl")],
  [c.IPPROTO_IP, c.IP_MULTICAST_LOOP, number4("multicastLoop", toFlag)],
  [c.IPPROTO_IP, c.IP_MULTICAST_IF, MULTICAST_IF],
  [c.IPPROTO_IP, c.IP_ADD_MEMBERSHIP, membership("join", mreq)],
  [c.IPPROTO_IP, c.IP_DROP_MEMBERSHIP, membership("leave", mreq)],
];

const V6: Entry<Datagram>[] = [
  [c.IPPROTO_IPV6, c.IPV6_V6ONLY, V6ONLY],
  [c.IPPROTO_IPV6, c.IPV6_UNICAST_HOPS, always(64)],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_HOPS, always(1)],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_LOOP, LOOP6],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_IF, MULTICAST_IF6],
  [c.IPPROTO_IPV6, c.IPV6_JOIN_GROUP, membership("join", mreq6)],
  [c.IPPROTO_IPV6, c.IPV6_LEAVE_GROUP, membership("leave", mreq6)],
];

const OPTIONS = new Map([
  [c.AF_INET, new OptionTable([...SOCKET, ...V4])],
  [c.AF_INET6, new OptionTable([...SOCKET, ...V6])],
]);

/** The options of UDP sockets of a family. */
export function datagramOptions(family: number): OptionTable<Datagram> {
  return OPTIONS.get(family)!;
}
