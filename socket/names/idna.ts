/**
 * Host arguments as the ASCII text that the system's resolver takes.
 *
 * @module
 */

import { domainToASCII } from "node:url";
import { isBuffer } from "../arguments.ts";
import { bytes, kind, latin1 } from "../bytes.ts";

/** Separators of labels: the full stop and the ideographic ones. */
const DOTS = /[.\u3002\uff0e\uff61]/;

/** Left out of names: soft hyphens, joiners, spaces without width. */
const NOTHING = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** The host argument of a function, in ASCII; a `TypeError` for other types. */
export function hostArgument(
  host: unknown,
  caller: string,
  types = "a string or a buffer",
): string {
  if (typeof host === "string" || isBuffer(host)) return hostToASCII(host);
  throw new TypeError(
    `${caller} argument 1 must be ${types}, not ${kind(host)}`,
  );
}

/**
 * A host name or address in ASCII: names in other scripts in their encoded
 * form (`xn--…`), by the rules of [RFC 3490](https://www.rfc-editor.org/rfc/rfc3490)
 * as Python's `idna` codec has them. Bytes stay as they are, one a character.
 *
 * A `RangeError` (Python's `UnicodeError`) if a label is empty or longer than
 * 63 characters, or has characters that no name may have.
 */
export function hostToASCII(host: string | BufferSource): string {
  if (typeof host !== "string") return latin1(bytes(host));
  if (host === "") return "";
  const labels = host.split(ASCII.test(host) ? "." : DOTS).map(labelToASCII);
  for (const [index, label] of labels.entries()) {
    // An empty last label is the root's.
    const empty = label === "" && index < labels.length - 1;
    if (empty || label.length > 63) {
      throw new RangeError("label empty or too long");
    }
  }
  return labels.join(".");
}

function labelToASCII(label: string): string {
  if (ASCII.test(label)) return label;
  // Python follows RFC 3490, not the newer RFC 5891.
  const prepared = label.normalize("NFKC").toLowerCase()
    .replace(NOTHING, "").replaceAll("ß", "ss").replaceAll("ς", "σ");
  const ascii = ASCII.test(prepared) ? prepared : domainToASCII(prepared);
  if (ascii === "") throw new RangeError(`not a host name: ${label}`);
  return ascii;
}
