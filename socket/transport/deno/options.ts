/**
 * The options of a stream over Deno: what Deno can do is done, what is always
 * so reads as it is, and the rest is refused.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";

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

type Value = number | Uint8Array<ArrayBuffer>;

interface Option {
  get(endpoint: Configurable): Value;
  /** Without it, only the value that the option has already may be set. */
  set?(endpoint: Configurable, value: number): void;
}

function always(value: Value): Option {
  return { get: () => value };
}

function flag(name: "keepAlive" | "noDelay"): Option {
  return {
    get: ({ settings }) => Number(settings[name]),
    set(endpoint, value) {
      endpoint.settings[name] = value !== 0;
      endpoint.applySettings();
    },
  };
}

function limit(name: "receive" | "send"): Option {
  return {
    get: ({ settings }) => settings[name],
    set(endpoint, value) {
      endpoint.settings[name] = Math.max(value, SMALLEST);
      endpoint.applySettings();
    },
  };
}

const SMALLEST = 1024;

/** `Deno.listen({ reusePort })` ends the process without this flag. */
const UNSTABLE_NET = "listenDatagram" in Deno;

const OPTIONS = new Map<string, Option>([
  [key(c.SOL_SOCKET, c.SO_TYPE), { get: ({ type }) => type }],
  [key(c.SOL_SOCKET, c.SO_DOMAIN), { get: ({ family }) => family }],
  [key(c.SOL_SOCKET, c.SO_PROTOCOL), {
    get: ({ family, proto }) =>
      family === c.AF_UNIX ? 0 : proto || c.IPPROTO_TCP,
  }],
  [key(c.SOL_SOCKET, c.SO_ACCEPTCONN), {
    get: ({ listening }) => Number(listening),
  }],
  [key(c.SOL_SOCKET, c.SO_ERROR), {
    get: (endpoint) => endpoint.takeError()?.errno ?? 0,
  }],
  [key(c.SOL_SOCKET, c.SO_REUSEADDR), always(1)],
  [key(c.SOL_SOCKET, c.SO_REUSEPORT), {
    get: ({ settings }) => Number(settings.reusePort),
    set({ settings }, value) {
      if (value !== 0 && !UNSTABLE_NET) {
        throw new OSError(
          errno.ENOPROTOOPT,
          "SO_REUSEPORT needs the flag --unstable-net",
        );
      }
      settings.reusePort = value !== 0;
    },
  }],
  [key(c.SOL_SOCKET, c.SO_KEEPALIVE), flag("keepAlive")],
  [key(c.SOL_SOCKET, c.SO_RCVBUF), limit("receive")],
  [key(c.SOL_SOCKET, c.SO_SNDBUF), limit("send")],
  [key(c.SOL_SOCKET, c.SO_LINGER), always(new Uint8Array(8))],
  [key(c.SOL_SOCKET, c.SO_BROADCAST), always(0)],
  [key(c.SOL_SOCKET, c.SO_DEBUG), always(0)],
  [key(c.SOL_SOCKET, c.SO_DONTROUTE), always(0)],
  [key(c.SOL_SOCKET, c.SO_OOBINLINE), always(0)],
  [key(c.SOL_SOCKET, c.SO_RCVLOWAT), always(1)],
  [key(c.SOL_SOCKET, c.SO_SNDLOWAT), always(1)],
  [key(c.IPPROTO_TCP, c.TCP_NODELAY), flag("noDelay")],
  [key(c.IPPROTO_TCP, c.TCP_CORK), always(0)],
  [key(c.IPPROTO_IPV6, c.IPV6_V6ONLY), always(0)],
]);

function key(level: number, name: number): string {
  return `${level}:${name}`;
}

function find(endpoint: Configurable, level: number, name: number): Option {
  const option = OPTIONS.get(key(level, name));
  const absent = level === c.IPPROTO_IPV6 && endpoint.family !== c.AF_INET6 ||
    level === c.IPPROTO_TCP && endpoint.family === c.AF_UNIX;
  if (!option || absent) {
    throw new OSError(
      errno.ENOPROTOOPT,
      `Deno has no access to option ${name} of level ${level}`,
    );
  }
  return option;
}

/** Reads an option. */
export function getOption(
  endpoint: Configurable,
  level: number,
  name: number,
): Value {
  return find(endpoint, level, name).get(endpoint);
}

/** Sets an option. */
export function setOption(
  endpoint: Configurable,
  level: number,
  name: number,
  value: Value,
): void {
  const option = find(endpoint, level, name);
  if (option.set) return option.set(endpoint, asNumber(value));
  if (
    name === c.SO_ERROR && level === c.SOL_SOCKET ||
    !same(option.get(endpoint), value)
  ) {
    throw new OSError(
      errno.ENOPROTOOPT,
      `Deno can't change option ${name} of level ${level}`,
    );
  }
}

function same(a: Value, b: Value): boolean {
  if (typeof a === "number") return a === asNumber(b);
  return typeof b !== "number" && a.length === b.length &&
    a.every((byte, i) => byte === b[i]);
}

function asNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value.length < 4) throw new OSError(errno.EINVAL);
  return new DataView(value.buffer, value.byteOffset).getInt32(
    0,
    LITTLE_ENDIAN,
  );
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
