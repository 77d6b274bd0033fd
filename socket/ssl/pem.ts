/**
 * PEM, the text form of certificates.
 *
 * @module
 */

import { latin1 } from "../bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const HEADER = "-----BEGIN CERTIFICATE-----";
const FOOTER = "-----END CERTIFICATE-----";

/** The certificates in a text. */
export function certificatesIn(text: string): Bytes[] {
  return Array.from(text.matchAll(CERTIFICATE), ([, body]) => decode(body!));
}

function decode(base64: string): Bytes {
  return Uint8Array.from(
    atob(base64.replace(/\s+/g, "")),
    (character) => character.charCodeAt(0),
  );
}

/**
 * A certificate in PEM, from one in DER.
 *
 * Follows Python's
 * [`ssl.DER_cert_to_PEM_cert`](https://docs.python.org/3/library/ssl.html#ssl.DER_cert_to_PEM_cert).
 */
export function DER_cert_to_PEM_cert(
  der_cert_bytes: Uint8Array<ArrayBuffer>,
): string {
  const lines = btoa(latin1(der_cert_bytes)).match(/.{1,64}/g) ?? [];
  return [HEADER, ...lines, FOOTER, ""].join("\n");
}

/**
 * A certificate in DER, from one in PEM.
 *
 * ```ts
 * import { ssl } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const der = new TextEncoder().encode("not really a certificate");
 * const pem = ssl.DER_cert_to_PEM_cert(der);
 * assertEquals(ssl.PEM_cert_to_DER_cert(pem), der);
 * ```
 *
 * Follows Python's
 * [`ssl.PEM_cert_to_DER_cert`](https://docs.python.org/3/library/ssl.html#ssl.PEM_cert_to_DER_cert).
 *
 * @throws {RangeError} If the text doesn't begin and end as PEM does.
 */
export function PEM_cert_to_DER_cert(
  pem_cert_string: string,
): Uint8Array<ArrayBuffer> {
  const text = pem_cert_string.trim();
  if (!pem_cert_string.startsWith(HEADER)) {
    throw new RangeError(
      `Invalid PEM encoding; must start with ${HEADER}`,
    );
  }
  if (!text.endsWith(FOOTER)) {
    throw new RangeError(`Invalid PEM encoding; must end with ${FOOTER}`);
  }
  return decode(text.slice(HEADER.length, -FOOTER.length));
}
