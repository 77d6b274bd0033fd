/**
 * The options of a stream over Deno.
 *
 * @module
 */

import * as c from "../../constants.ts";
import type { OSError } from "../../errors.ts";
import { always, numeric, type Option, OptionTable } from "./option_table.ts";

/** What a program may choose, and what an accepted connection inherits. */
export interface Settings {
  /** Keep-alive probes are sent. */
  keepAlive: boolean;
  /** Nagle's algorithm is off. */
  noDelay: boolean;
  /** The port is shared with other processes. */
  reusePort: boolean;
  /** Bytes read ahead at most. */
  receive: number;
  /** Bytes queued at most. */
  send: number;
}

/** The settings of a new stream. */
export const DEFAULTS: Readonly<Settings> = {
  keepAlive: false,
  noDelay: false,
  reusePort: false,
  receive: 256 * 1024,
  send: 256 * 1024,
};

/** What the options ask of an endpoint. */
export interface Configurable {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly settings: Settings;
  /** It has been told to listen. */
  readonly listening: boolean;
  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null;
  /** Brings changed settings down to the connection, if there is one. */
  applySettings(): void;
}

type Entry<T> = [level: number, name: number, option: Option<T>];

/** The smallest queue that can be asked for, in bytes. */
export const SMALLEST_QUEUE = 1024;

function flag(name: "keepAlive" | "noDelay"): Option<Configurable> {
  return numeric(
    ({ settings }) => Number(settings[name]),
    (endpoint, value) => {
      endpoint.settings[name] = value !== 0;
      endpoint.applySettings();
    },
  );
}

function limit(name: "receive" | "send"): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    endpoint.settings[name] = Math.max(value, SMALLEST_QUEUE);
    endpoint.applySettings();
  });
}

function setReusePort({ settings }: Configurable, value: number): void {
  settings.reusePort = value !== 0;
}

const SOCKET: Entry<Configurable>[] = [
  [c.SOL_SOCKET, c.SO_TYPE, { get: ({ type }) => type }],
  [c.SOL_SOCKET, c.SO_DOMAIN, { get: ({ family }) => family }],
  [c.SOL_SOCKET, c.SO_ACCEPTCONN, {
    get: ({ listening }) => Number(listening),
  }],
  [c.SOL_SOCKET, c.SO_ERROR, {
    get: (endpoint) => endpoint.takeError()?.errno ?? 0,
  }],
  [c.SOL_SOCKET, c.SO_REUSEADDR, always(1)],
  [c.SOL_SOCKET, c.SO_RCVBUF, limit("receive")],
  [c.SOL_SOCKET, c.SO_SNDBUF, limit("send")],
  [c.SOL_SOCKET, c.SO_LINGER, always(new Uint8Array(8))],
  [c.SOL_SOCKET, c.SO_BROADCAST, always(0)],
  [c.SOL_SOCKET, c.SO_DEBUG, always(0)],
  [c.SOL_SOCKET, c.SO_DONTROUTE, always(0)],
  [c.SOL_SOCKET, c.SO_OOBINLINE, always(0)],
  [c.SOL_SOCKET, c.SO_RCVLOWAT, always(1)],
  [c.SOL_SOCKET, c.SO_SNDLOWAT, always(1)],
];

const TCP: Entry<Configurable>[] = [
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(c.IPPROTO_TCP)],
  [
    c.SOL_SOCKET,
    c.SO_REUSEPORT,
    numeric(({ settings }) => Number(settings.reusePort), setReusePort),
  ],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, flag("keepAlive")],
  [c.IPPROTO_TCP, c.TCP_NODELAY, flag("noDelay")],
  [c.IPPROTO_TCP, c.TCP_CORK, always(0)],
];

const V6: Entry<Configurable>[] = [[c.IPPROTO_IPV6, c.IPV6_V6ONLY, always(0)]];

const UNIX: Entry<Configurable>[] = [
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(0)],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, always(0)],
];

const OPTIONS = new Map([
  [c.AF_INET, new OptionTable([...SOCKET, ...TCP])],
  [c.AF_INET6, new OptionTable([...SOCKET, ...TCP, ...V6])],
  [c.AF_UNIX, new OptionTable([...SOCKET, ...UNIX])],
]);

/** The options of streams of a family. */
export function streamOptions(family: number): OptionTable<Configurable> {
  return OPTIONS.get(family)!;
}
