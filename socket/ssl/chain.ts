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
const INVALID_CA = 79;
/** No chain of certificates is longer. */
const LONGEST = 10;

/** A certificate with what is asked of it. */
class Link {
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
}

/**
 * The error if a chain of certificates doesn't lead to a trusted one.
 *
 * @param chain In DER, the peer's own first.
 * @param others There are other authorities, of the runtime: it has verified
 * what leads to them.
 */
export function untrusted(
  chain: readonly Bytes[],
  trusted: Authorities,
  others: boolean,
): SSLCertVerificationError | null {
  const links = chain.map((der) => new Link(der));
  let current = links[0]!;
  if (current.identity.version !== 3) {
    const words =
      `a certificate of version ${current.identity.version} can't be verified here`;
    return new SSLCertVerificationError(UNSPECIFIED, words);
  }
  for (let length = 0; length < LONGEST; length++) {
    const { subject, issuer } = current.identity;
    if (trusted.named(subject).some((each) => each.is(current))) return null;
    const roots = trusted.named(issuer);
    if (roots.length > 0) {
      return roots.some((root) => current.isFrom(root))
        ? null
        : signatureFailure();
    }
    const issuers = links.filter((each) =>
      each.identity.subject === issuer && !each.is(current)
    );
    if (issuers.length === 0) {
      return others ? null : certificateError(endOf(length, current));
    }
    const next = issuers.find((each) => current.isFrom(each));
    if (!next) return signatureFailure();
    if (!next.identity.authority) {
      return new SSLCertVerificationError(INVALID_CA, "invalid CA certificate");
    }
    current = next;
  }
  return certificateError("UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
}

function signatureFailure(): SSLCertVerificationError {
  const words = "certificate signature failure";
  return new SSLCertVerificationError(SIGNATURE_FAILURE, words);
}

/** Why a chain can't go on, by Node's codes. */
function endOf(length: number, { identity }: Link): string {
  if (identity.subject !== identity.issuer) {
    return "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  }
  return length === 0
    ? "DEPTH_ZERO_SELF_SIGNED_CERT"
    : "SELF_SIGNED_CERT_IN_CHAIN";
}
