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
  multicastIndex: number;
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
  multicastIndex: 0,
};

/** What the options ask of an endpoint. */
export interface Configurable {
  readonly family: number;
  readonly type: number;
  readonly settings: DatagramSettings;
  readonly memberships: Memberships;
  /** It has an address. */
  readonly bound: boolean;
  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null;
  /** Has changed limits noticed. */
  applyLimits(): void;
  /** Changes the socket: now, or as soon as it is open. */
  configure(change: (socket: dgram.Socket) => void): void;
}

type Entry = [level: number, name: number, option: Option<Configurable>];

function limit(name: "receive" | "send"): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    endpoint.settings[name] = Math.max(value, SMALLEST_QUEUE);
    endpoint.applyLimits();
  });
}

type NumberSetting =
  | "broadcast"
  | "ttl"
  | "multicastTtl"
  | "multicastLoop"
  | "multicastIndex";

/** Changes a setting, and the socket with it. */
function change(
  endpoint: Configurable,
  name: NumberSetting,
  value: number,
  act: (socket: dgram.Socket) => void,
): void {
  endpoint.configure(act);
  endpoint.settings[name] = value;
}

/** An option of IPv4, which also takes a single byte. */
function numeric4(
  name: NumberSetting,
  set: (endpoint: Configurable, value: number) => void,
): Option<Configurable> {
  return {
    get: ({ settings }) => settings[name],
    set(endpoint, value) {
      const [byte] = typeof value !== "number" && value.length < 4 ? value : [];
      set(endpoint, byte ?? asNumber(value));
    },
  };
}

/** How many routers a datagram may pass; -1 stands for what is usual. */
function ttl(
  name: "ttl" | "multicastTtl",
  act: (socket: dgram.Socket, ttl: number) => void,
): Option<Configurable> {
  return numeric4(name, (endpoint, value) => {
    const hops = value === -1 ? DATAGRAM_DEFAULTS[name] : value;
    if (hops === 0 && name === "multicastTtl") {
      throw new OSError(
        errno.ENOPROTOOPT,
        "Deno can't keep multicasts within this machine; choose its interface",
      );
    }
    if (hops < 1 || hops > 255) throw new OSError(errno.EINVAL);
    change(endpoint, name, hops, (socket) => act(socket, hops));
  });
}

function setLoop(endpoint: Configurable, on: boolean): void {
  change(
    endpoint,
    "multicastLoop",
    Number(on),
    (socket) => socket.setMulticastLoopback(on),
  );
}

/** Joins or leaves a group. */
function membership(
  act: "join" | "leave",
  parse: (value: Uint8Array<ArrayBuffer>) => Membership,
): Option<Configurable> {
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

/** Does what Deno only tells of that it went wrong. */
function unless(code: number, act: () => void): void {
  try {
    act();
  } catch (cause) {
    throw new OSError(code, undefined, { cause });
  }
}

/** The interface that multicasts leave by: its IPv4 address. */
const MULTICAST_IF: Option<Configurable> = {
  get: ({ settings }) => {
    const bytes = settings.multicastInterface.split(".").map(Number);
    return new DataView(Uint8Array.from(bytes).buffer)
      .getInt32(0, LITTLE_ENDIAN);
  },
  set(endpoint, value: Value) {
    // An in_addr; of an ip_mreq or ip_mreqn, what comes behind the group.
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
const MULTICAST_IF6 = numeric<Configurable>(
  ({ settings }) => settings.multicastIndex,
  (endpoint, index) => {
    if (index < 0) throw new OSError(errno.ENODEV);
    const via = zone(index) ?? "::";
    change(
      endpoint,
      "multicastIndex",
      index,
      (socket) => socket.setMulticastInterface(via),
    );
  },
);

const REUSEADDR = numeric<Configurable>(
  ({ settings }) => Number(settings.reuseAddress),
  ({ settings }, value) => settings.reuseAddress = value !== 0,
);

const V6ONLY = numeric<Configurable>(
  ({ settings }) => Number(settings.v6only),
  ({ bound, settings }, value) => {
    if (bound) throw new OSError(errno.EINVAL);
    settings.v6only = value !== 0;
  },
);

const BROADCAST = numeric<Configurable>(
  ({ settings }) => settings.broadcast,
  (endpoint, value) => {
    const on = value !== 0;
    change(
      endpoint,
      "broadcast",
      Number(on),
      (socket) => socket.setBroadcast(on),
    );
  },
);

const LOOP = numeric4(
  "multicastLoop",
  (endpoint, value) => setLoop(endpoint, value !== 0),
);

const LOOP6 = numeric<Configurable>(
  ({ settings }) => settings.multicastLoop,
  (endpoint, value) => {
    if (value !== 0 && value !== 1) throw new OSError(errno.EINVAL);
    setLoop(endpoint, value === 1);
  },
);

const SOCKET: Entry[] = [
  [c.SOL_SOCKET, c.SO_TYPE, { get: ({ type }) => type }],
  [c.SOL_SOCKET, c.SO_DOMAIN, { get: ({ family }) => family }],
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(c.IPPROTO_UDP)],
  [c.SOL_SOCKET, c.SO_ACCEPTCONN, always(0)],
  [c.SOL_SOCKET, c.SO_ERROR, {
    get: (endpoint) => endpoint.takeError()?.errno ?? 0,
  }],
  [c.SOL_SOCKET, c.SO_REUSEADDR, REUSEADDR],
  [c.SOL_SOCKET, c.SO_REUSEPORT, always(0)],
  [c.SOL_SOCKET, c.SO_BROADCAST, BROADCAST],
  [c.SOL_SOCKET, c.SO_RCVBUF, limit("receive")],
  [c.SOL_SOCKET, c.SO_SNDBUF, limit("send")],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, always(0)],
  [c.SOL_SOCKET, c.SO_LINGER, always(new Uint8Array(8))],
  [c.SOL_SOCKET, c.SO_DEBUG, always(0)],
  [c.SOL_SOCKET, c.SO_DONTROUTE, always(0)],
];

const V4: Entry[] = [
  [c.IPPROTO_IP, c.IP_TTL, ttl("ttl", (socket, ttl) => socket.setTTL(ttl))],
  [
    c.IPPROTO_IP,
    c.IP_MULTICAST_TTL,
    ttl("multicastTtl", (socket, ttl) => socket.setMulticastTTL(ttl)),
  ],
  [c.IPPROTO_IP, c.IP_MULTICAST_LOOP, LOOP],
  [c.IPPROTO_IP, c.IP_MULTICAST_IF, MULTICAST_IF],
  [c.IPPROTO_IP, c.IP_ADD_MEMBERSHIP, membership("join", mreq)],
  [c.IPPROTO_IP, c.IP_DROP_MEMBERSHIP, membership("leave", mreq)],
];

const V6: Entry[] = [
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
export function datagramOptions(family: number): OptionTable<Configurable> {
  return OPTIONS.get(family)!;
}
