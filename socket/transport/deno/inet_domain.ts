/**
 * TCP over IPv4 and IPv6.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { AF_INET, AF_INET6, EAI_ADDRFAMILY } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { gaiError } from "../../names/lookup_errors.ts";
import {
  fromInternet,
  inScope,
  type InternetAddress,
  localhost,
  scopedHost,
  toInternet,
} from "../../names/numeric.ts";
import type { SocketAddress } from "../transport.ts";
import { dialFrom } from "./dial_from.ts";
import type { Binding, Destination, Domain, Stream } from "./domain.ts";
import { oserror } from "../../oserror.ts";
import { permitted } from "../../permissions.ts";
import { type Claim, claim, release } from "./ports.ts";
import { isTaken, Probe } from "./probe.ts";

/**
 * The flag `--unstable-net` was given. `Deno.listen({ reusePort })` ends the
 * process without it.
 */
const UNSTABLE_NET: boolean = "listenDatagram" in Deno;

/** A free port may be taken by another bound socket: then the next is tried. */
const ATTEMPTS = 32;

/** IPv4 or IPv6. */
class InetDomain implements Domain {
  readonly family: number;

  constructor(family: number) {
    this.family = family;
  }

  bind(address: SocketAddress, reusePort: boolean): Binding {
    return new InetBinding(this, toInternet(address), reusePort);
  }

  address(addr: Deno.Addr, related: SocketAddress | null): SocketAddress {
    const { hostname, port } = addr as Deno.NetAddr;
    const scope = related && toInternet(related)[3];
    return fromInternet(inScope(this.family, hostname, port, scope));
  }

  /** Whether Deno chose an address of this family for a name. */
  owns(addr: Deno.Addr): boolean {
    const { hostname } = addr as Deno.NetAddr;
    return hostname.includes(":") === (this.family === AF_INET6);
  }

  async dial({ address, name, binding, signal }: Destination): Promise<Stream> {
    const to = toInternet(address);
    const [host, port] = to;
    if (port === 0) throw new OSError(errno.ECONNREFUSED);
    if (binding) return await (binding as InetBinding).dial(to, signal);
    try {
      // A permission may be for the name only.
      const byName = name !== undefined && !permitted(host, port);
      const conn = await Deno.connect({
        hostname: byName ? name : scopedHost(to),
        port,
        autoSelectFamily: false,
        signal,
      });
      if (this.owns(conn.remoteAddr)) return conn;
      conn.close();
    } catch (cause) {
      throw oserror(cause);
    }
    throw gaiError(EAI_ADDRFAMILY);
  }
}

/** An address to listen at, or to connect from. */
class InetBinding implements Binding {
  readonly #domain: InetDomain;
  readonly #reusePort: boolean;
  readonly #wanted: InternetAddress;
  /** The host for Deno: names stay, as a permission may be for the name. */
  #hostname: string;
  #address: InternetAddress;
  #claim: Claim;
  #probe!: Probe;
  /** The port may still change: the system chose it, and no caller knows it. */
  #unseen: boolean;

  constructor(domain: InetDomain, wanted: InternetAddress, reusePort: boolean) {
    this.#domain = domain;
    this.#wanted = wanted;
    this.#reusePort = reusePort;
    this.#hostname = scopedHost(wanted);
    this.#unseen = wanted[1] === 0;
    [this.#address, this.#claim] = this.#choose(wanted[1]);
  }

  #choose(port: number): [InternetAddress, Claim] {
    for (let attempt = 1;; attempt++) {
      const address = this.#try(port);
      try {
        const [host, chosen] = address;
        const shared = this.#reusePort;
        return [address, claim({ host, port: chosen, shared })];
      } catch (error) {
        if (port !== 0 || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #try(port: number): InternetAddress {
    const listener = this.#open(port);
    const { addr } = listener;
    listener.close();
    this.#probe = new Probe();
    if (this.#domain.owns(addr)) {
      const wanted = fromInternet(this.#wanted);
      return toInternet(this.#domain.address(addr, wanted));
    }
    // Deno takes the first address that a name has, of whatever family.
    if (this.#hostname !== "localhost") throw gaiError(EAI_ADDRFAMILY);
    this.#hostname = localhost(this.#domain.family);
    return this.#try(port);
  }

  get address(): SocketAddress {
    this.#unseen = false;
    return fromInternet(this.#address);
  }

  /** Connects from here. */
  async dial(to: InternetAddress, signal: AbortSignal): Promise<Stream> {
    const [host, , ...rest] = this.#address;
    const any = [host, 0, ...rest] as InternetAddress;
    const from = this.#unseen ? any : this.#address;
    return await this.#probe.openLater(() =>
      dialFrom(from, to, signal).catch((cause) => {
        throw oserror(cause);
      })
    );
  }

  listen(backlog: number): Deno.Listener {
    const tcpBacklog = Math.min(backlog, 0x7fffffff);
    for (let attempt = 1;; attempt++) {
      try {
        const open = () => this.#open(this.#address[1], tcpBacklog);
        const listener = this.#unseen ? open() : this.#probe.open(open);
        release(this.#claim);
        return listener;
      } catch (error) {
        const retries = this.#unseen && attempt < ATTEMPTS;
        if (!isTaken(error) || !retries) throw error;
        // The port was taken since, but any other will do.
        release(this.#claim);
        [this.#address, this.#claim] = this.#choose(0);
      }
    }
  }

  release(): void {
    release(this.#claim);
  }

  #open(port: number, tcpBacklog?: number): Deno.Listener {
    const options = {
      hostname: this.#hostname,
      port,
      reusePort: this.#reusePort && UNSTABLE_NET,
      // Shares one listener among the threads of the process, which Deno knows
      // by the address: all that ask for any port would get the same.
      loadBalanced: this.#reusePort && !UNSTABLE_NET && port !== 0,
      ...tcpBacklog !== undefined && { tcpBacklog },
    };
    try {
      return Deno.listen(options);
    } catch (cause) {
      throw oserror(cause);
    }
  }
}

/** TCP over IPv4. */
export const inet4: Domain = new InetDomain(AF_INET);
/** TCP over IPv6. */
export const inet6: Domain = new InetDomain(AF_INET6);
