/**
 * TCP over IPv4 and IPv6.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { AF_INET, AF_INET6, EAI_ADDRFAMILY } from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import { dialFrom } from "./dial_from.ts";
import type { Binding, Destination, Domain } from "./domain.ts";
import { oserror } from "../../oserror.ts";
import { permitted } from "./permitted.ts";
import { type Claim, claim, release } from "./ports.ts";
import type { Stream } from "./stream.ts";
import { UNSTABLE_NET } from "./unstable.ts";

type Inet = Exclude<SocketAddress, string>;

/** Any free port may be taken by another bound socket: then the next one is tried. */
const ATTEMPTS = 32;

/** IPv4 or IPv6. */
class InetDomain implements Domain {
  readonly #family: number;
  readonly unbound: Inet;

  constructor(family: number) {
    this.#family = family;
    this.unbound = family === AF_INET6 ? ["::", 0, 0, 0] : ["0.0.0.0", 0];
  }

  bind(address: SocketAddress, reusePort: boolean): Binding {
    const [host, port] = inet(address);
    return new InetBinding(this, host || this.unbound[0], port, reusePort);
  }

  /** An address that the system has, whatever its name. */
  name(addr: Deno.Addr): Inet {
    const { hostname, port } = addr as Deno.NetAddr;
    return this.#family === AF_INET6
      ? [hostname, port, 0, 0]
      : [hostname, port];
  }

  /** Whether Deno chose an address of this family for a name. */
  owns(addr: Deno.Addr): boolean {
    const { hostname } = addr as Deno.NetAddr;
    return hostname.includes(":") === (this.#family === AF_INET6);
  }

  /** What `localhost` is, whatever else it is, too. */
  get localhost(): string {
    return this.#family === AF_INET6 ? "::1" : "127.0.0.1";
  }

  async dial({ address, name, binding, signal }: Destination): Promise<Stream> {
    const [host, port] = inet(address);
    if (port === 0) throw new OSError(errno.ECONNREFUSED);
    try {
      if (binding) {
        const { origin } = binding as InetBinding;
        return await dialFrom(origin, [host, port], signal);
      }
      const conn = await Deno.connect({
        hostname: permittedHost(host, port, name),
        port,
        autoSelectFamily: false,
        signal,
      });
      if (this.owns(conn.remoteAddr)) return conn;
      conn.close();
    } catch (cause) {
      throw oserror(cause);
    }
    throw wrongFamily();
  }
}

/**
 * A place to listen at. The system is asked for it by listening there for an
 * instant, as Deno binds and listens in one step.
 */
class InetBinding implements Binding {
  readonly #domain: InetDomain;
  readonly #reusePort: boolean;
  /** The host as the caller named it, which is what permissions are given for. */
  #hostname: string;
  #address: Inet;
  #claim: Claim;
  /** The port may still change: the system chose it, and nobody has seen it. */
  #unseen: boolean;

  constructor(
    domain: InetDomain,
    hostname: string,
    port: number,
    reusePort: boolean,
  ) {
    this.#domain = domain;
    this.#reusePort = reusePort;
    this.#hostname = hostname;
    this.#unseen = port === 0;
    [this.#address, this.#claim] = this.#choose(port);
  }

  #choose(port: number): [Inet, Claim] {
    for (let attempt = 1;; attempt++) {
      const address = this.#probe(port);
      try {
        const [host] = address;
        const shared = this.#reusePort;
        return [address, claim({ host, port: address[1], shared })];
      } catch (error) {
        if (port !== 0 || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #probe(port: number): Inet {
    const listener = this.#open(port);
    const { addr } = listener;
    listener.close();
    if (this.#domain.owns(addr)) return this.#domain.name(addr);
    // Deno takes the first address that a name has, of whatever family.
    if (this.#hostname !== "localhost") throw wrongFamily();
    this.#hostname = this.#domain.localhost;
    return this.#probe(port);
  }

  get address(): Inet {
    this.#unseen = false;
    return this.#address;
  }

  /** Where a connection from here has to come from. */
  get origin(): Inet {
    return this.#unseen ? [this.#address[0], 0] : this.#address;
  }

  listen(backlog: number): Deno.Listener {
    const tcpBacklog = Math.min(backlog, 0x7fffffff);
    for (let attempt = 1;; attempt++) {
      try {
        const listener = this.#open(this.#address[1], tcpBacklog);
        release(this.#claim);
        return listener;
      } catch (error) {
        const taken = (error as OSError).errno === errno.EADDRINUSE;
        if (!taken || !this.#unseen || attempt === ATTEMPTS) throw error;
        // Somebody was faster, but any other port will do.
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

/**
 * The address, unless only its name is permitted: `--allow-net=example.com`
 * says nothing about the addresses of example.com.
 */
function permittedHost(host: string, port: number, name?: string): string {
  if (name === undefined || name === host) return host;
  return permitted(host, port) ? host : name;
}

function wrongFamily(): gaierror {
  return new gaierror(
    EAI_ADDRFAMILY,
    "Address family for hostname not supported",
  );
}

function inet(address: SocketAddress): Inet {
  if (typeof address === "string") throw new OSError(errno.EINVAL);
  return address;
}

/** TCP over IPv4. */
export const inet4: Domain = new InetDomain(AF_INET);
/** TCP over IPv6. */
export const inet6: Domain = new InetDomain(AF_INET6);
