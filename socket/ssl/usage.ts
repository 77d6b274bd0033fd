/**
 * Whether certificates are used for what they were issued for, by OpenSSL's
 * rules.
 *
 * Deno doesn't ask that of the certificates that are trusted, nor what the key
 * of any may be used for: whoever has the key of a trusted certificate that is
 * no authority's could issue others.
 *
 * @module
 */

import type { Identity } from "./certificate.ts";
import { Purpose as Purposes } from "./constants.ts";
import { SSLCertVerificationError } from "./errors.ts";
import { certificateError } from "./reasons.ts";

const INVALID_CA = 79;
const PATH_LENGTH_EXCEEDED = 25;

const DIGITAL_SIGNATURE = 0x80, KEY_ENCIPHERMENT = 0x20, KEY_AGREEMENT = 0x08;

/** What a peer's certificate must be for. */
export interface Purpose {
  /** One of these uses of its key. */
  readonly keyUsage: number;
  /** Among its purposes. */
  readonly oid: string;
}

/** The certificate of a server. */
export const SERVER: Purpose = {
  keyUsage: DIGITAL_SIGNATURE | KEY_ENCIPHERMENT | KEY_AGREEMENT,
  oid: Purposes.SERVER_AUTH.oid,
};

/** The certificate of a client. */
export const CLIENT: Purpose = {
  keyUsage: DIGITAL_SIGNATURE | KEY_AGREEMENT,
  oid: Purposes.CLIENT_AUTH.oid,
};

/**
 * The error if one of the certificates is not for its use.
 *
 * @param path The peer's own first, each issued by the next.
 */
export function misuse(
  path: readonly Identity[],
  purpose: Purpose,
): SSLCertVerificationError | null {
  const [own, ...issuers] = path;
  if (own!.keyUsage !== null && !(own!.keyUsage & purpose.keyUsage)) {
    return unsuitable();
  }
  if (!serves(own!, purpose)) return unsuitable();
  let between = 0;
  for (const issuer of issuers) {
    const itself = issuer.subject === issuer.issuer;
    const last = issuer === path.at(-1) && itself;
    if (!(issuer.authority || last && issuer.formerAuthority)) {
      return new SSLCertVerificationError(INVALID_CA, "invalid CA certificate");
    }
    if (!serves(issuer, purpose)) return unsuitable();
    if (between > (issuer.pathLength ?? Infinity)) {
      const words = "path length constraint exceeded";
      return new SSLCertVerificationError(PATH_LENGTH_EXCEEDED, words);
    }
    if (!itself) between++;
  }
  return null;
}

function serves({ purposes }: Identity, { oid }: Purpose): boolean {
  return purposes === null || purposes.includes(oid);
}

function unsuitable(): SSLCertVerificationError {
  return certificateError("INVALID_PURPOSE")!;
}
