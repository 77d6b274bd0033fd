/**
 * What a connection takes from its context.
 *
 * @module
 */

import type { SecureContextOptions } from "node:tls";
import type { Authorities } from "./chain.ts";

/** The counters of `session_stats()` that connections count. */
export type Counter =
  | "connect"
  | "connect_good"
  | "accept"
  | "accept_good"
  | "hits";

/** The settings of a context, as they are when a handshake begins. */
export interface Profile {
  /** The certificate of this side and the versions, for Node's TLS. */
  readonly secure: SecureContextOptions;
  /** The certificates that are trusted, in PEM. */
  readonly trusted: readonly string[];
  /** Those of the runtime are trusted too. */
  readonly defaults: boolean;
  /** The first of these, read. */
  readonly authorities: Authorities;
  /** Any trusted certificate is enough, also one that was issued by another. */
  readonly partial: boolean;
  /** No version of TLS is left. */
  readonly impossible: boolean;
  /** `CERT_NONE`, `CERT_OPTIONAL` or `CERT_REQUIRED`. */
  readonly verifyMode: number;
  readonly checkHostname: boolean;
  /** Whether a certificate's common name counts if it has no other names. */
  readonly commonNames: boolean;
  /** The protocols for ALPN, most wanted first. */
  readonly protocols: readonly string[];
  /** The names of the ciphers that may be used with TLS 1.2. */
  readonly ciphers: ReadonlySet<string> | null;
  /** An end of the connection counts as the end of the TLS layer. */
  readonly ignoreEof: boolean;
  count(counter: Counter): void;
}

/** One side of a connection. */
export interface Side {
  readonly profile: Profile;
  readonly server: boolean;
  /** The host that a client wants to talk to. */
  readonly hostname: string | null;
}

/** What an endpoint is to its peers, and those that it accepts after it. */
export interface Role {
  /** The settings for a connection that begins now. */
  profile(): Profile;
  readonly server: boolean;
  /** The host that a client wants to talk to. */
  readonly hostname: string | null;
  /** An end of the connection without that of TLS is an end like any other. */
  readonly suppressRaggedEofs: boolean;
  /** Connecting and accepting make the handshake too. */
  readonly handshakeOnConnect: boolean;
}
