/**
 * Whether a certificate comes from an authority that is trusted.
 *
 * Deno has verified that too, but it compares only names where it can't read a
 * certificate, such as one of version 1, and then takes the proof that the peer
 * has the key unseen. A forged certificate would pass that needs no more than
 * the name of an authority. And it tells several reasons by the same code.
 *
 * @module
 */

import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "./builtin.ts";
import { type Identity, identity } from "./certificate.ts";
import { SSLCertVerificationError } from "./errors.ts";
import { PEM_cert_to_DER_cert } from "./pem.ts";
import { certificateError } from "./reasons.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const UNSPECIFIED = 1;
const SIGNATURE_FAILURE = 7;
/** No chain of certificates is longer. */
const LONGEST = 10;

/** A certificate with what is asked of it. */
export class Link {
  readonly der: Bytes;
  readonly identity: Identity;
  #certificate: X509Certificate | null = null;

  constructor(der: Bytes) {
    this.der = der;
    this.identity = identity(der);
  }

  /** Whether another one is the same. */
  is(other: Link): boolean {
    const { der } = this;
    return der.length === other.der.length &&
      der.every((byte, index) => byte === other.der[index]);
  }

  /** Whether an issuer has signed it. */
  isFrom(issuer: Link): boolean {
    return this.#x509.verify(issuer.#x509.publicKey);
  }

  get #x509(): X509Certificate {
    return this.#certificate ??= new (nodeCrypto().X509Certificate)(this.der);
  }
}

/** Trusted certificates, by the names of those whom they are for. */
export class Authorities {
  readonly #bySubject = new Map<string, Link[]>();

  /** @param pems In PEM. */
  constructor(pems: Iterable<string>) {
    for (const pem of pems) {
      let link;
      try {
        link = new Link(PEM_cert_to_DER_cert(pem));
      } catch {
        // What can't be read is trusted by nobody.
        continue;
      }
      const { subject } = link.identity;
      const same = this.#bySubject.get(subject);
      if (same) same.push(link);
      else this.#bySubject.set(subject, [link]);
    }
  }

  /** Those of a name. */
  named(subject: string): readonly Link[] {
    return this.#bySubject.get(subject) ?? [];
  }

  /** Whether this one is trusted. */
  has(link: Link): boolean {
    return this.named(link.identity.subject).some((each) => each.is(link));
  }
}

/** How far a path of certificates has to go. */
export interface Reach {
  /**
   * There are other authorities, of the runtime: it has verified what leads to
   * them.
   */
  readonly others: boolean;
  /** It may end at any trusted certificate, rather than at one that issued itself. */
  readonly partial: boolean;
}

/**
 * The path from the peer's own certificate to a trusted one, or why there is
 * none.
 *
 * @param chain What the peer sent, in DER, its own first.
 */
export function pathFrom(
  chain: readonly Bytes[],
  trusted: Authorities,
  { others, partial }: Reach,
): readonly Link[] | SSLCertVerificationError {
  const sent = chain.map((der) => new Link(der));
  const path = [sent[0]!];
  const { version } = path[0]!.identity;
  if (version !== 3) {
    return new SSLCertVerificationError(
      UNSPECIFIED,
      `a certificate of version ${version} can't be verified here`,
    );
  }
  while (path.length <= LONGEST) {
    const current = path.at(-1)!;
    const { subject, issuer } = current.identity;
    const known = trusted.has(current);
    if (known && (partial || subject === issuer)) return path;
    const issuers = [
      ...trusted.named(issuer),
      ...sent.filter(({ identity }) => identity.subject === issuer),
    ].filter((each) => !path.some((link) => link.is(each)));
    if (issuers.length === 0) {
      return others ? path : certificateError(endOf(path, known))!;
    }
    const next = issuers.find((each) => current.isFrom(each));
    if (!next) return signatureFailure();
    path.push(next);
  }
  return certificateError("UNABLE_TO_GET_ISSUER_CERT_LOCALLY")!;
}

/** The error for a certificate that can't be read. */
export function unreadable(cause?: unknown): SSLCertVerificationError {
  const words = "a certificate of the peer can't be read";
  return new SSLCertVerificationError(UNSPECIFIED, words, { cause });
}

function signatureFailure(): SSLCertVerificationError {
  const words = "certificate signature failure";
  return new SSLCertVerificationError(SIGNATURE_FAILURE, words);
}

/** Why a path can't go on, by Node's codes. */
function endOf(path: readonly Link[], known: boolean): string {
  const { subject, issuer } = path.at(-1)!.identity;
  if (subject === issuer) {
    return path.length === 1
      ? "DEPTH_ZERO_SELF_SIGNED_CERT"
      : "SELF_SIGNED_CERT_IN_CHAIN";
  }
  return known && path.length > 1
    ? "UNABLE_TO_GET_ISSUER_CERT"
    : "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
}
