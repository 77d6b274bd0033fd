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

/** A group, and the interface where its datagrams come in. */
export interface Membership {
  readonly group: string;
  /** The interface as node:dgram names it, unless the system chooses. */
  readonly via: string | undefined;
}

/** Joins or leaves a group, or raises an error with the number `refusal`. */
type Act = (membership: Membership, refusal: number) => void;

/** The groups that a socket is in. Deno's errors carry no code: this finds it. */
export class Memberships {
  readonly #joined: Membership[] = [];

  /** Joins a group. */
  join(membership: Membership, act: Act): void {
    const { group, via } = membership;
    if (!isMulticast(group)) throw new OSError(errno.EINVAL);
    const known = this.#joined.filter((joined) => joined.group === group);
    if (known.some((joined) => joined.via === via)) {
      throw new OSError(errno.EADDRINUSE);
    }
    // The system may choose an interface that was named before.
    const again = via === undefined && known.length > 0;
    act(membership, again ? errno.EADDRINUSE : errno.ENODEV);
    this.#joined.push(membership);
  }

  /** Leaves a group. */
  leave(membership: Membership, act: Act): void {
    const { group, via } = membership;
    const known = this.#joined.filter((joined) => joined.group === group);
    // The system may have chosen an interface that is named now.
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

/** An IPv4 interface: by its index behind the address if there is one. */
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
