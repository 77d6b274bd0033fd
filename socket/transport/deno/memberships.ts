/**
 * The multicast groups of a UDP socket.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { AF_INET6 } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { inet_ntoa, inet_ntop } from "../../names/inet.ts";
import { addressOf, missing, nameOf } from "../../names/interfaces.ts";
import { LITTLE_ENDIAN } from "./option_table.ts";

/** A group, and where its datagrams come in. */
export interface Membership {
  readonly group: string;
  /** An interface as node:dgram names it; the system chooses one otherwise. */
  readonly via: string | undefined;
}

/**
 * The groups that a socket is in. Deno reports failures without their reason,
 * which the list of groups tells.
 */
export class Memberships {
  readonly #joined: Membership[] = [];

  /** Joins a group; `act` does it, or raises an error with that number. */
  join(
    membership: Membership,
    act: (membership: Membership, refusal: number) => void,
  ): void {
    const { group, via } = membership;
    if (!isMulticast(group)) throw new OSError(errno.EINVAL);
    const known = this.#joined.filter((joined) => joined.group === group);
    if (known.some((joined) => joined.via === via)) {
      throw new OSError(errno.EADDRINUSE);
    }
    // The system may choose an interface that was named before.
    act(
      membership,
      via === undefined && known.length > 0 ? errno.EADDRINUSE : errno.ENODEV,
    );
    this.#joined.push(membership);
  }

  /** Leaves a group; `act` does it, or raises an error with that number. */
  leave(
    membership: Membership,
    act: (membership: Membership, refusal: number) => void,
  ): void {
    const { group, via } = membership;
    const known = this.#joined.filter((joined) => joined.group === group);
    // The system may choose an interface that was named before.
    const joined = known.find((joined) => joined.via === via) ?? known[0];
    if (!joined) throw new OSError(errno.EADDRNOTAVAIL);
    act(membership, errno.EADDRNOTAVAIL);
    this.#joined.splice(this.#joined.indexOf(joined), 1);
  }
}

function isMulticast(group: string): boolean {
  return group.includes(":")
    ? group.startsWith("ff") && group.indexOf(":") === 4
    : (Number.parseInt(group) & 0xf0) === 0xe0;
}

/** `struct ip_mreq`, or `ip_mreqn` with the index of an interface. */
export function mreq(value: Uint8Array<ArrayBuffer>): Membership {
  if (value.length < 8) throw new OSError(errno.EINVAL);
  return {
    group: inet_ntoa(value.subarray(0, 4)),
    via: via(value.subarray(4)),
  };
}

/**
 * An IPv4 interface: its address, behind which its index may follow. The index
 * counts for more.
 */
export function via(value: Uint8Array<ArrayBuffer>): string | undefined {
  const index = value.length < 8 ? 0 : view(value).getUint32(4, LITTLE_ENDIAN);
  if (index !== 0) return found(addressOf(index));
  const address = inet_ntoa(value.subarray(0, 4));
  return address === "0.0.0.0" ? undefined : address;
}

/** `struct ipv6_mreq`. */
export function mreq6(value: Uint8Array<ArrayBuffer>): Membership {
  if (value.length < 20) throw new OSError(errno.EINVAL);
  return {
    group: inet_ntop(AF_INET6, value.subarray(0, 16)),
    via: zone(view(value).getUint32(16, LITTLE_ENDIAN)),
  };
}

/** An IPv6 interface, by its index. */
export function zone(index: number): string | undefined {
  return index === 0 ? undefined : `::%${found(nameOf(index))}`;
}

function found(interfaceName: string | null | undefined): string {
  if (interfaceName === undefined) throw missing();
  if (interfaceName === null) throw new OSError(errno.ENODEV);
  return interfaceName;
}

function view({ buffer, byteOffset }: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(buffer, byteOffset);
}
