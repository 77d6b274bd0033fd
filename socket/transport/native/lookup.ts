/**
 * The names of hosts that are left in an address: those that `bind()` got,
 * which can't wait, and those that only the transport may look up.
 *
 * @module
 */

import { AF_INET, AF_INET6, EAI_SYSTEM, SOCK_STREAM } from "../../constants.ts";
import { gaiError } from "../../names/lookup_errors.ts";
import {
  fromInternet,
  type InternetAddress,
  numericHost,
  toInternet,
} from "../../names/numeric.ts";
import type { SocketAddress } from "../transport.ts";
import { ADDRINFO } from "./layout.ts";
import { libc, raiseLast } from "./libc.ts";
import { AddressBuffer } from "./sockaddr.ts";

/** An address with a host that is no name. */
export function located(family: number, address: SocketAddress): SocketAddress {
  if (family !== AF_INET && family !== AF_INET6) return address;
  const [host, port, flowinfo = 0, scope_id = 0] = toInternet(address);
  if (isNumeric(family, host)) return address;
  const found = lookUp(family, host);
  const parts: InternetAddress = family === AF_INET6
    ? [found[0], port, flowinfo, scope_id || (found[3] ?? 0)]
    : [found[0], port];
  return fromInternet(parts);
}

function isNumeric(family: number, host: string): boolean {
  // The scope of an address is not in its text.
  return !host.includes("%") && numericHost(host, family, 0) !== null;
}

/** The first address that libc finds. */
function lookUp(family: number, host: string): InternetAddress {
  const name = new TextEncoder().encode(`${host}\0`);
  const hints = new Int32Array(ADDRINFO.size / 4);
  hints[ADDRINFO.family / 4] = family;
  hints[ADDRINFO.type / 4] = SOCK_STREAM;
  const result = new BigUint64Array(1);
  const code = libc.getaddrinfo(name, null, hints, result);
  if (code === EAI_SYSTEM) raiseLast();
  if (code !== 0) throw gaiError(code);
  const list = Deno.UnsafePointer.create(result[0]!)!;
  try {
    const info = new Deno.UnsafePointerView(list);
    const found = new AddressBuffer();
    const length = info.getUint32(ADDRINFO.addrlen);
    const bytes = Deno.UnsafePointerView.getArrayBuffer(
      info.getPointer(ADDRINFO.addr)!,
      length,
    );
    found.bytes.set(new Uint8Array(bytes));
    found.length[0] = length;
    return toInternet(found.address!);
  } finally {
    libc.freeaddrinfo(list);
  }
}
