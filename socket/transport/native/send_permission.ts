/**
 * Permission to send datagrams, asked for less often than they are sent: asking
 * takes about as long as half a system call.
 *
 * @module
 */

import { SOCK_DGRAM } from "../../constants.ts";
import {
  fromInternet,
  loopback,
  toInternet,
  wildcard,
} from "../../names/numeric.ts";
import { permitted } from "../../permissions.ts";
import type { Endpoint, SocketAddress } from "../transport.ts";
import { checkAnyPort, checkConnect, isInternet } from "./permissions.ts";

/**
 * So many datagrams go to addresses that were allowed before: so long may a
 * permission count that the program has revoked.
 */
const AGAIN = 64;

const allowed = new Set<string>();
let left = 0;

/** Sockets that have a port, or need none. */
const settled = new WeakSet<Endpoint>();

/** To be called before a record is sent to an address; refuses some. */
export function checkSend(endpoint: Endpoint, to: SocketAddress): void {
  if (!settled.has(endpoint)) {
    settle(endpoint, to);
    settled.add(endpoint);
  }
  if (--left < 0) {
    left = AGAIN;
    allowed.clear();
  }
  const key = `${endpoint.family} ${to}`;
  if (allowed.has(key)) return;
  checkConnect(endpoint.family, to);
  allowed.add(key);
}

/**
 * A socket without a port is about to get one, where anybody may send to then.
 * That takes the permission to bind it: to the loopback only, if no other is
 * there and the record goes there.
 */
function settle(endpoint: Endpoint, to: SocketAddress): void {
  const { family, type } = endpoint;
  if (type !== SOCK_DGRAM || !isInternet(family)) return;
  if (toInternet(endpoint.getsockname())[1] !== 0) return;
  const own = loopback(toInternet(to)[0]);
  if (own !== null && !permitted(wildcard(family), 0) && permitted(own, 0)) {
    endpoint.bind(fromInternet([own, 0]));
  } else checkAnyPort(family);
}
