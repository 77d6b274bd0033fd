/**
 * The socket types, protocols and ports that `getaddrinfo(3)` combines with
 * the addresses.
 *
 * @module
 */

import {
  AI_NUMERICSERV,
  EAI_NONAME,
  EAI_SERVICE,
  EAI_SOCKTYPE,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from "../constants.ts";
import { getservbyname } from "./services.ts";
import { gaiError } from "./failures.ts";

/** A way to use an address. */
export interface Use {
  /** The socket's type, `SOCK_…`. */
  readonly type: number;
  /** The protocol, `IPPROTO_…`. */
  readonly proto: number;
  /** The port, 0 to 65535. */
  readonly port: number;
}

interface Kind {
  readonly type: number;
  readonly proto: number;
  /** What the list of services calls the protocol; none for raw sockets. */
  readonly name?: string;
  /** Whether it is one of those for a caller who asks for none. */
  readonly usual: boolean;
}

// Python has no names for Linux's SOCK_DCCP and IPPROTO_DCCP.
const DCCP = { type: 6, proto: 33 };

/** In the order in which they are given. */
const KINDS: readonly Kind[] = [
  { type: SOCK_STREAM, proto: IPPROTO_TCP, name: "tcp", usual: true },
  { type: SOCK_DGRAM, proto: IPPROTO_UDP, name: "udp", usual: true },
  { ...DCCP, name: "dccp", usual: false },
  { type: SOCK_DGRAM, proto: IPPROTO_UDPLITE, name: "udplite", usual: false },
  { type: SOCK_STREAM, proto: IPPROTO_SCTP, name: "sctp", usual: false },
  { type: SOCK_SEQPACKET, proto: IPPROTO_SCTP, name: "sctp", usual: false },
  { type: SOCK_RAW, proto: 0, usual: true },
];

/**
 * What a service means with the caller's type, protocol and flags.
 *
 * A `gaierror` if they don't go together.
 */
export function uses(
  service: string | null,
  type: number,
  proto: number,
  flags: number,
): Use[] {
  const number = service ? portOf(service) : undefined;
  if (number === null && flags & AI_NUMERICSERV) throw gaiError(EAI_NONAME);
  const port = (number ?? 0) & 0xffff;
  // A number that C takes for negative is looked up as a name, in vain.
  const named = service && (number === null || number! < 0);
  if (type === 0 && proto === 0) {
    if (named) return every(service);
    return KINDS.filter(({ usual }) => usual).map((kind) => ({
      ...kind,
      port,
    }));
  }
  const kind = KINDS.find((kind) =>
    (type === 0 || kind.type === type) &&
    (proto === 0 || !kind.name || kind.proto === proto)
  );
  if (!kind) throw gaiError(type === 0 ? EAI_SERVICE : EAI_SOCKTYPE);
  if (!kind.name && service) throw gaiError(EAI_SERVICE);
  const found = named ? find(service, kind) : port;
  if (found === undefined) throw gaiError(EAI_SERVICE);
  return [{
    type: kind.type,
    proto: kind.name ? kind.proto : proto,
    port: found,
  }];
}

/** Every kind of socket that a named service is for. */
function every(service: string): Use[] {
  const found = KINDS.flatMap((kind) => {
    const port = find(service, kind);
    return port === undefined ? [] : [{ ...kind, port }];
  });
  if (found.length === 0) throw gaiError(EAI_SERVICE);
  return found;
}

function find(service: string, { name }: Kind): number | undefined {
  if (!name) return;
  try {
    return getservbyname(service, name);
  } catch {
    return;
  }
}

/**
 * What `strtoul()` and the conversion to C's `int` make of a service, `null`
 * if it is no decimal number.
 */
function portOf(service: string): number | null {
  const [, sign, digits] = /^[\t-\r ]*([+-]?)([0-9]+)$/.exec(service) ?? [];
  if (digits === undefined) return null;
  const most = 2n ** 64n - 1n;
  const value = BigInt(digits);
  if (value > most) return -1;
  return Number(BigInt.asIntN(32, sign === "-" ? -value : value));
}
