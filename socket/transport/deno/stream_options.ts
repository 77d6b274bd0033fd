/**
 * The options of a stream over Deno.
 *
 * @module
 */

import * as c from "../../constants.ts";
import {
  always,
  COMMON,
  COMMON_DEFAULTS,
  type CommonSettings,
  type Configurable,
  type Entry,
  numeric,
  type Option,
  OptionTable,
} from "./option_table.ts";

/** The settings of a stream, which accepted connections inherit. */
export interface Settings extends CommonSettings {
  /** Keep-alive probes are sent. */
  keepAlive: boolean;
  /** Nagle's algorithm is off. */
  noDelay: boolean;
  /** The port is shared with other processes. */
  reusePort: boolean;
}

/** The settings of a new stream. */
export const DEFAULTS: Readonly<Settings> = {
  keepAlive: false,
  noDelay: false,
  reusePort: false,
  ...COMMON_DEFAULTS,
};

/** A stream as its options see it. */
interface Stream extends Configurable {
  readonly settings: Settings;
  /** `listen()` was called. */
  readonly listening: boolean;
}

function flag(name: "keepAlive" | "noDelay" | "reusePort"): Option<Stream> {
  return numeric(
    ({ settings }) => Number(settings[name]),
    (endpoint, value) => {
      endpoint.settings[name] = value !== 0;
      endpoint.applySettings();
    },
  );
}

const SOCKET: Entry<Stream>[] = [
  ...COMMON,
  [c.SOL_SOCKET, c.SO_ACCEPTCONN, {
    get: ({ listening }) => Number(listening),
  }],
  [c.SOL_SOCKET, c.SO_REUSEADDR, always(1)],
  [c.SOL_SOCKET, c.SO_BROADCAST, always(0)],
  [c.SOL_SOCKET, c.SO_OOBINLINE, always(0)],
  [c.SOL_SOCKET, c.SO_RCVLOWAT, always(1)],
  [c.SOL_SOCKET, c.SO_SNDLOWAT, always(1)],
];

const TCP: Entry<Stream>[] = [
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(c.IPPROTO_TCP)],
  [c.SOL_SOCKET, c.SO_REUSEPORT, flag("reusePort")],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, flag("keepAlive")],
  [c.IPPROTO_TCP, c.TCP_NODELAY, flag("noDelay")],
  [c.IPPROTO_TCP, c.TCP_CORK, always(0)],
];

const V6: Entry<Stream>[] = [[c.IPPROTO_IPV6, c.IPV6_V6ONLY, always(0)]];

const UNIX: Entry<Stream>[] = [
  [c.SOL_SOCKET, c.SO_PROTOCOL, always(0)],
  [c.SOL_SOCKET, c.SO_KEEPALIVE, always(0)],
];

const OPTIONS = new Map([
  [c.AF_INET, new OptionTable([...SOCKET, ...TCP])],
  [c.AF_INET6, new OptionTable([...SOCKET, ...TCP, ...V6])],
  [c.AF_UNIX, new OptionTable([...SOCKET, ...UNIX])],
]);

/** The options of streams of a family. */
export function streamOptions(family: number): OptionTable<Stream> {
  return OPTIONS.get(family)!;
}
