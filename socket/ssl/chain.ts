/**
 * A second look at who has issued a certificate.
 *
 * Deno compares only names where it can't read a certificate, such as one of
 * version 1, and it takes the proof that the peer has the key unseen. A forged
 * certificate would pass that needs no more than the name of an authority.
 *
 * @module
 */

import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "./builtin.ts";
import { type Identity, identity } from "./certificate.ts";
import { SSLCertVerificationError } from "./errors.ts";
import { PEM_cert_to_DER_cert } from "./pem.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const UNSPECIFIED = 1;
const SIGNATURE_FAILURE = 7;
/** No chain of certificates is longer. */
const LONGEST = 10;

/** A certificate with what is asked of it. */
interface Link extends Identity {
  readonly certificate: X509Certificate;
  readonly der: string;
}

function link(der: Bytes): Link {
  const certificate = new (nodeCrypto().X509Certificate)(der);
  return { ...identity(der), certificate, der: String(der) };
}

const authorities = new Map<string, Link>();

function authority(pem: string): Link {
  let known = authorities.get(pem);
  if (!known) authorities.set(pem, known = link(PEM_cert_to_DER_cert(pem)));
  return known;
}

/**
 * The error if a certificate claims to be from an authority that it isn't from.
 * Those of the runtime's authorities are verified without.
 *
 * @param chain The peer's certificates, its own first.
 * @param trusted The authorities besides those of the runtime, in PEM.
 */
export function forgery(
  chain: readonly Bytes[],
  trusted: readonly string[],
): SSLCertVerificationError | null {
  const links = chain.map(link);
  let current = links[0]!;
  if (current.version !== 3) {
    return new SSLCertVerificationError(
      UNSPECIFIED,
      `a certificate of version ${current.version} can't be verified here`,
    );
  }
  const known = trusted.map(authority);
  for (let length = 0; length < LONGEST; length++) {
    if (known.some(({ der }) => der === current.der)) return null;
    const { issuer } = current;
    const named = known.filter(({ subject }) => subject === issuer);
    const issuers = named.length > 0
      ? named
      : links.filter((each) => each.subject === issuer && each !== current);
    if (issuers.length === 0) return null;
    const from = issuers.find(({ certificate }) =>
      current.certificate.verify(certificate.publicKey)
    );
    if (!from) break;
    if (named.length > 0) return null;
    current = from;
  }
  return new SSLCertVerificationError(
    SIGNATURE_FAILURE,
    "certificate signature failure",
  );
}
