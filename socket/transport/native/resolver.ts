/**
 * Names of hosts and services, as the C library finds them. What
 * may have to wait happens on another thread, and keeps the process alive.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_UNSPEC,
  AI_NUMERICHOST,
  EAI_SYSTEM,
  NI_NUMERICHOST,
} from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import { inet_ntop, inet_pton } from "../../names/inet.ts";
import { exhausted, gaiError, hError } from "../../names/lookup_errors.ts";
import { numericHost, toInternet } from "../../names/numeric.ts";
import type {
  Found,
  Hints,
  HostEntry,
  Resolver,
} from "../../names/resolver.ts";
import { getservbyname } from "../../names/services.ts";
import type { SocketAddress } from "../transport.ts";
import { HOSTENT, POINTER } from "./layout.ts";
import { lastErrno, libc } from "./libc.ts";
import { search } from "./lookup.ts";
import {
  bytesAt,
  Memory,
  pointerAt,
  pointersAt,
  terminated,
  textAt,
  viewAt,
} from "./memory.ts";
import { checkLookUp } from "./permissions.ts";
import { sockaddr } from "./sockaddr.ts";
import { offThread } from "./turns.ts";

/** `NI_MAXHOST` and `NI_MAXSERV`, in bytes. */
const HOST_SIZE = 1025;
const SERVICE_SIZE = 32;

/** Room for a host and its names at first, in bytes: as CPython has it. */
const ENTRY_ROOM = 16 * 1024;

/** Whether a host has to be looked up. */
function isName(host: string, { flags = 0 }: Hints): boolean {
  if (flags & AI_NUMERICHOST) return false;
  try {
    return numericHost(host, AF_UNSPEC, 0) === null;
  } catch (error) {
    if (error instanceof gaierror) return false;
    throw error;
  }
}

/** The port that a service has, if that is known without the C library. */
function portOf(service: string | null): number {
  if (service === null) return 0;
  if (/^[0-9]+$/.test(service)) return Number(service) & 0xffff;
  try {
    return getservbyname(service);
  } catch {
    return 0;
  }
}

async function find(
  name: string | null,
  service: string | null,
  hints: Hints,
): Promise<Found[]> {
  if (name !== null && name !== "*" && isName(name, hints)) {
    checkLookUp(name, portOf(service));
  }
  return await search(name, service, hints);
}

async function nameInfo(
  family: number,
  address: SocketAddress,
  flags: number,
): Promise<[host: string, service: string]> {
  const [host, port] = toInternet(address);
  if (!(flags & NI_NUMERICHOST)) checkLookUp(host, port);
  const name = sockaddr(family, address);
  const at = name.length;
  using memory = new Memory(at + HOST_SIZE + SERVICE_SIZE);
  memory.write(0, name);
  const hostAt = memory.at(at);
  const serviceAt = memory.at(at + HOST_SIZE);
  const question = [
    ...[memory.address, at, hostAt, HOST_SIZE, serviceAt, SERVICE_SIZE],
    flags,
  ] as Parameters<typeof libc.getnameinfo>;
  let code = await offThread(() => libc.getnameinfo_off(...question));
  if (code === EAI_SYSTEM) {
    // The number of the error is that thread's own, so it is asked again here.
    code = libc.getnameinfo(...question);
    if (code === EAI_SYSTEM) throw new OSError(lastErrno());
  }
  if (code !== 0) throw exhausted() ?? gaiError(code);
  return [textAt(hostAt), textAt(serviceAt)];
}

/** Where the parts of a call of `gethostbyname_r(3)` are in its memory. */
const RESULT = HOSTENT.size;
const H_ERRNO = RESULT + POINTER;
const KEY = H_ERRNO + POINTER;

/** `h_errno` for an error of the system, whose number the call returns. */
const NETDB_INTERNAL = -1;

type Ask = (memory: Memory, room: bigint, size: number) => Promise<number>;

/** A host, by its name or address, which is `key`. */
async function hostEntry(
  key: Uint8Array<ArrayBuffer>,
  ask: Ask,
): Promise<HostEntry> {
  for (let size = ENTRY_ROOM;; size *= 2) {
    // Pointers stand in the room, so it begins where one may.
    const room = KEY + Math.ceil(key.length / POINTER) * POINTER;
    using memory = new Memory(room + size);
    memory.write(KEY, key);
    const code = await offThread(() => ask(memory, memory.at(room), size));
    if (code === errno.ERANGE) continue;
    const result = pointerAt(memory.at(RESULT));
    if (result !== 0n) return entryAt(result);
    const reason = viewAt(memory.at(H_ERRNO), 4).getInt32(0, true);
    if (reason === NETDB_INTERNAL) throw new OSError(code);
    throw exhausted() ?? hError(reason);
  }
}

function entryAt(address: bigint): HostEntry {
  const entry = viewAt(address, HOSTENT.size);
  const family = entry.getInt32(HOSTENT.type, true);
  const length = entry.getInt32(HOSTENT.length, true);
  return {
    name: textAt(entry.getBigUint64(HOSTENT.name, true)),
    aliases: pointersAt(entry.getBigUint64(HOSTENT.aliases, true)).map(textAt),
    addresses: pointersAt(entry.getBigUint64(HOSTENT.addresses, true))
      .map((address) => inet_ntop(family, bytesAt(address, length))),
  };
}

async function hostByName(name: string): Promise<HostEntry> {
  if (isName(name, {})) checkLookUp(name, 0);
  return await hostEntry(
    terminated(name),
    (memory, room, size) =>
      libc.gethostbyname_r(
        memory.at(KEY),
        memory.address,
        room,
        BigInt(size),
        memory.at(RESULT),
        memory.at(H_ERRNO),
      ),
  );
}

async function hostByAddress(
  family: number,
  address: string,
): Promise<HostEntry> {
  checkLookUp(address, 0);
  const key = inet_pton(family, address);
  return await hostEntry(
    key,
    (memory, room, size) =>
      libc.gethostbyaddr_r(
        memory.at(KEY),
        key.length,
        family,
        memory.address,
        room,
        BigInt(size),
        memory.at(RESULT),
        memory.at(H_ERRNO),
      ),
  );
}

/** The resolver of the C library. */
export const resolver: Resolver = {
  search: find,
  nameInfo,
  hostByName,
  hostByAddress,
};
