/**
 * Handing over what a descriptor stands for.
 *
 * @module
 */

import * as c from "../socket/constants.ts";
import {
  closeDescriptor,
  endpointOf,
  forgetDescriptor,
  openDescriptor,
  sharesOf,
} from "../socket/descriptors.ts";
import { RelayEndpoint } from "../socket/transport/relay/base.ts";
import type { Channel } from "../socket/transport/relay/channel.ts";
import type { Lent } from "../socket/transport/relay/line.ts";
import { Loan } from "../socket/transport/relay/loan.ts";
import type { Owned, Returned } from "../socket/transport/relay/terms.ts";
import {
  deliverHere,
  lendHere,
  takeBackHere,
} from "../socket/transport/relay/local.ts";
import { attempt, phaseOf } from "../socket/transport/relay/state.ts";
import { createEndpoint } from "../socket/transport/default.ts";
import type { Endpoint } from "../socket/transport/transport.ts";

type Value = number | Uint8Array<ArrayBuffer>;
type Setting = [level: number, name: number, value: Value];

/** An endpoint on its way. */
export type Handed =
  /** Not used yet: it is made anew. */
  | { new: [family: number, type: number, proto: number]; settings: Setting[] }
  /** It stays where it is. */
  | { lent: Lent }
  /** It goes back to where it stays. */
  | { back: Returned };

/** What settings a new socket can have. */
const SETTINGS: [level: number, name: number][] = [
  ...[
    c.SO_KEEPALIVE,
    c.SO_RCVBUF,
    c.SO_SNDBUF,
    c.SO_REUSEADDR,
    c.SO_REUSEPORT,
    c.SO_BROADCAST,
  ].map((name): [number, number] => [c.SOL_SOCKET, name]),
  [c.IPPROTO_TCP, c.TCP_NODELAY],
  ...[c.IP_TTL, c.IP_MULTICAST_TTL, c.IP_MULTICAST_LOOP].map(
    (name): [number, number] => [c.IPPROTO_IP, name],
  ),
  ...[
    c.IPV6_V6ONLY,
    c.IPV6_UNICAST_HOPS,
    c.IPV6_MULTICAST_HOPS,
    c.IPV6_MULTICAST_LOOP,
  ].map((name): [number, number] => [c.IPPROTO_IPV6, name]),
];

/** Hands a descriptor over; nothing happens before `send`. */
export function hand(
  fd: number,
  channel: Channel,
): { message: Handed; send(): void } {
  const endpoint = endpointOf(fd);
  const alone = sharesOf(fd) === 1;
  if (alone && endpoint instanceof RelayEndpoint) {
    const { line } = endpoint;
    if (line.channel === channel) {
      const back = endpoint.returned();
      return { message: { back }, send: () => giveBack(fd, endpoint) };
    }
    if (line.loan) return handOn(fd, endpoint, line.loan, channel);
  }
  const settings = alone ? newSettings(endpoint) : null;
  if (settings) {
    const { family, type, proto } = endpoint;
    const message = { new: [family, type, proto], settings } as Handed;
    return { message, send: () => closeDescriptor(fd) };
  }
  return lend(new Loan(owned(fd)), channel);
}

function giveBack(fd: number, endpoint: RelayEndpoint): void {
  forgetDescriptor(fd);
  endpoint.leave();
}

function lend(
  loan: Loan,
  channel: Channel,
): { message: Handed; send(): void } {
  const id = channel.reserve();
  return {
    message: { lent: [id, loan.state()] },
    send() {
      channel.lendAs(id, loan);
      loan.start();
    },
  };
}

/** What came back to this thread goes to another one. */
function handOn(
  fd: number,
  endpoint: RelayEndpoint,
  loan: Loan,
  channel: Channel,
): { message: Handed; send(): void } {
  deliverHere();
  const back = endpoint.returned();
  const id = channel.reserve();
  return {
    message: { lent: [id, loan.state(back.state)] },
    send() {
      takeBackHere(back);
      giveBack(fd, endpoint);
      channel.lendAs(id, loan);
      loan.start();
    },
  };
}

/** The settings of an endpoint that nothing was done with; else `null`. */
function newSettings(endpoint: Endpoint): Setting[] | null {
  const phase = phaseOf(endpoint);
  const unused = phase === "new" ||
    phase === "datagram" && attempt(() => endpoint.getpeername()) === null;
  const sockname = endpoint.getsockname();
  const unbound = sockname === "" || sockname[1] === 0;
  if (!unused || !unbound || endpoint.configured) return null;
  const { family, type, proto } = endpoint;
  const fresh = createEndpoint(family, type, proto);
  const settings: Setting[] = [];
  for (const [level, name] of SETTINGS) {
    const value = attempt(() => endpoint.getsockopt(level, name));
    const usual = attempt(() => fresh.getsockopt(level, name));
    if (value !== null && String(value) !== String(usual)) {
      settings.push([level, name, value]);
    }
  }
  fresh.close();
  return settings;
}

function owned(fd: number): Owned {
  const endpoint = endpointOf(fd);
  return {
    endpoint,
    shared: () => sharesOf(fd) > 1,
    release: () => closeDescriptor(fd),
    fd,
  };
}

/** Brings what was handed over to life; the descriptor that it is open under. */
export function accept(handed: Handed, channel: Channel): number {
  if ("new" in handed) {
    const endpoint = createEndpoint(...handed.new);
    for (const setting of handed.settings) endpoint.setsockopt(...setting);
    return openDescriptor(endpoint);
  }
  if ("lent" in handed) return openDescriptor(channel.borrow(handed.lent));
  const loan = channel.takeBack(handed.back);
  const owned = loan.unwrap();
  if (owned === null) return openDescriptor(lendHere(loan));
  // Others may have shares in what is open under that descriptor.
  return owned.fd ?? openDescriptor(owned.endpoint);
}
