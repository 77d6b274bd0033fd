/**
 * Certificates (X.509), as Python shows them.
 *
 * @module
 */

import { latin1 } from "../bytes.ts";
import { inet_ntop } from "../names/inet.ts";
import { AF_INET, AF_INET6 } from "../constants.ts";
import { first, oid, string, Tag, time, type Value, values } from "./der.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A name: its parts, each of one attribute or more. */
export type DistinguishedName = readonly (readonly (readonly [
  type: string,
  value: string,
])[])[];

/**
 * A certificate, as {@linkcode SSLSocket.prototype.getpeercert | getpeercert}
 * returns it.
 *
 * Follows Python's
 * [`SSLSocket.getpeercert`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.getpeercert).
 */
export interface PeerCertificate {
  /** Whom it is for. */
  subject?: DistinguishedName;
  /** Who issued it. */
  issuer?: DistinguishedName;
  /** The version, 3 for nearly all. */
  version?: number;
  /** The number that its issuer gave it, as hexadecimal digits. */
  serialNumber?: string;
  /** From when on it is valid; `cert_time_to_seconds()` reads it. */
  notBefore?: string;
  /** Until when it is valid. */
  notAfter?: string;
  /** The names and addresses that it is for. */
  subjectAltName?: readonly (readonly [
    type: string,
    value: string | DistinguishedName,
  ])[];
  /** Where its state can be asked for. */
  OCSP?: readonly string[];
  /** Where the certificate of its issuer is. */
  caIssuers?: readonly string[];
  /** Where lists of revoked certificates are. */
  crlDistributionPoints?: readonly string[];
}

/** The long names of attributes, as OpenSSL has them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  "2.5.4.3": "commonName",
  "2.5.4.4": "surname",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "countryName",
  "2.5.4.7": "localityName",
  "2.5.4.8": "stateOrProvinceName",
  "2.5.4.9": "streetAddress",
  "2.5.4.10": "organizationName",
  "2.5.4.11": "organizationalUnitName",
  "2.5.4.12": "title",
  "2.5.4.13": "description",
  "2.5.4.15": "businessCategory",
  "2.5.4.17": "postalCode",
  "2.5.4.42": "givenName",
  "2.5.4.43": "initials",
  "2.5.4.46": "dnQualifier",
  "2.5.4.97": "organizationIdentifier",
  "0.9.2342.19200300.100.1.1": "userId",
  "0.9.2342.19200300.100.1.25": "domainComponent",
  "1.2.840.113549.1.9.1": "emailAddress",
  "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionLocalityName",
  "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionStateOrProvinceName",
  "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionCountryName",
};

const SUBJECT_ALT_NAME = "2.5.29.17";
const CRL_DISTRIBUTION_POINTS = "2.5.29.31";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
/** The bit of the key usage that lets a certificate issue others. */
const KEY_CERT_SIGN = 0x04;
const AUTHORITY_INFO = "1.3.6.1.5.5.7.1.1";
const OCSP = "1.3.6.1.5.5.7.48.1";
const CA_ISSUERS = "1.3.6.1.5.5.7.48.2";

/** The kinds of names in a certificate, by their context tag. */
const RFC822 = 0x81, DNS = 0x82, DIRECTORY = 0xa4, URI = 0x86, ADDRESS = 0x87;
const REGISTERED = 0x88;

/** The parts of a certificate. */
interface Parts {
  readonly version: number;
  readonly serial: Value;
  readonly issuer: Value;
  readonly validity: Value;
  readonly subject: Value;
  /** The contents of the extensions, by their identifiers. */
  readonly extensions: ReadonlyMap<string, Bytes>;
}

function parse(der: Bytes): Parts {
  const [tbs] = values(first(der).content);
  const fields = values(tbs!.content);
  let version = 1;
  if (fields[0]!.tag === 0xa0) {
    version = values(fields.shift()!.content)[0]!.content.at(-1)! + 1;
  }
  const [serial, , issuer, validity, subject, , ...rest] = fields;
  const extensions = new Map<string, Bytes>();
  for (const { tag, content } of rest) {
    if (tag !== 0xa3) continue;
    for (const extension of values(first(content).content)) {
      const parts = values(extension.content);
      extensions.set(oid(parts[0]!), parts.at(-1)!.content);
    }
  }
  return {
    version,
    serial: serial!,
    issuer: issuer!,
    validity: validity!,
    subject: subject!,
    extensions,
  };
}

/** A certificate as Python's `dict`. */
export function describe(der: Bytes): PeerCertificate {
  const { version, serial, issuer, validity, subject, extensions } = parse(der);
  const [from, to] = values(validity.content);
  const described: PeerCertificate = {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    version,
    serialNumber: digits(serial.content),
    notBefore: time(from!),
    notAfter: time(to!),
  };
  const names = extensions.get(SUBJECT_ALT_NAME);
  if (names) {
    described.subjectAltName = values(first(names).content).map(generalName);
  }
  const info = extensions.get(AUTHORITY_INFO);
  if (info) {
    const places = values(first(info).content).map((each) =>
      values(each.content)
    );
    const ofKind = (kind: string) =>
      places.filter(([method, at]) => oid(method!) === kind && at!.tag === URI)
        .map(([, at]) => latin1(at!.content));
    const [ocsp, issuers] = [ofKind(OCSP), ofKind(CA_ISSUERS)];
    if (ocsp.length > 0) described.OCSP = ocsp;
    if (issuers.length > 0) described.caIssuers = issuers;
  }
  const lists = extensions.get(CRL_DISTRIBUTION_POINTS);
  if (lists) {
    const places = uris(first(lists));
    if (places.length > 0) described.crlDistributionPoints = places;
  }
  return described;
}

/** All addresses in a structure. */
function uris({ tag, content }: Value): string[] {
  if (tag === URI) return [latin1(content)];
  return tag & 0x20 ? values(content).flatMap(uris) : [];
}

function nameOf({ content }: Value): DistinguishedName {
  return values(content).map((part) =>
    values(part.content).map((attribute) => {
      const [type, value] = values(attribute.content);
      const id = oid(type!);
      return [ATTRIBUTES[id] ?? id, string(value!)] as const;
    })
  );
}

function digits(bytes: Bytes): string {
  const number = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("").toUpperCase();
  // The first byte of a positive number may only be there for its sign.
  return number.length > 2 ? number.replace(/^00/, "") : number;
}

function generalName(
  { tag, content, encoded }: Value,
): readonly [type: string, value: string | DistinguishedName] {
  switch (tag) {
    case RFC822:
      return ["email", latin1(content)];
    case DNS:
      return ["DNS", latin1(content)];
    case URI:
      return ["URI", latin1(content)];
    case DIRECTORY:
      return ["DirName", nameOf(first(content))];
    case ADDRESS:
      return ["IP Address", address(content)];
    case REGISTERED:
      return ["Registered ID", oid({ tag: Tag.OBJECT, content, encoded })];
    default:
      return ["othername", "<unsupported>"];
  }
}

function address(packed: Bytes): string {
  if (packed.length === 4) return inet_ntop(AF_INET, packed);
  if (packed.length !== 16) return "<invalid>";
  // OpenSSL shortens nothing.
  const groups = [];
  for (let at = 0; at < 16; at += 2) {
    groups.push((packed[at]! * 256 + packed[at + 1]!).toString(16));
  }
  return groups.join(":").toUpperCase();
}

/** What a certificate says of whom it is for, to compare hosts with. */
export interface Identity {
  readonly version: number;
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly commonNames: readonly string[];
  /** In milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whom it is for and who has issued it, as text to be compared. */
  readonly subject: string;
  readonly issuer: string;
  /** It may issue others. */
  readonly authority: boolean;
  /** It may, if it has issued itself, by what was the rule before version 3. */
  readonly formerAuthority: boolean;
  /** So many others may be between it and the peer's, not to count the latter. */
  readonly pathLength: number | null;
  /** What its key may be used for: the bits of the first byte; `null` for all. */
  readonly keyUsage: number | null;
  /** What it is for, as object identifiers; `null` for all. */
  readonly purposes: readonly string[] | null;
}

/** The identity in a certificate. */
export function identity(der: Bytes): Identity {
  const { version, subject, issuer, validity, extensions } = parse(der);
  const names = extensions.get(SUBJECT_ALT_NAME);
  const all = names ? values(first(names).content) : [];
  const common = nameOf(subject).flat()
    .filter(([type]) => type === "commonName");
  const [from, to] = values(validity.content);
  return {
    version,
    hosts: all.filter(({ tag }) => tag === DNS)
      .map(({ content }) => latin1(content)),
    addresses: all.filter(({ tag }) => tag === ADDRESS)
      .map(({ content }) =>
        content.length === 4
          ? inet_ntop(AF_INET, content)
          : content.length === 16
          ? inet_ntop(AF_INET6, content)
          : ""
      ),
    commonNames: common.map(([, value]) => value),
    notBefore: Date.parse(time(from!)),
    notAfter: Date.parse(time(to!)),
    subject: latin1(subject.encoded),
    issuer: latin1(issuer.encoded),
    ...usage(version, extensions),
  };
}

type Usage = Pick<
  Identity,
  "authority" | "formerAuthority" | "pathLength" | "keyUsage" | "purposes"
>;

function usage(version: number, extensions: Parts["extensions"]): Usage {
  const bits = extensions.get(KEY_USAGE);
  // Before the bits stands how many of the last byte are none.
  const keyUsage = bits ? first(bits).content[1] ?? 0 : null;
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  const [flag, length] = constraints ? values(first(constraints).content) : [];
  const issues = flag?.tag === Tag.BOOLEAN && flag.content[0] !== 0;
  const purposes = extensions.get(EXTENDED_KEY_USAGE);
  const signs = keyUsage === null || (keyUsage & KEY_CERT_SIGN) !== 0;
  return {
    authority: issues && signs,
    formerAuthority: !constraints && signs &&
      (version === 1 || keyUsage !== null),
    pathLength: length ? number(length) : null,
    keyUsage,
    purposes: purposes ? values(first(purposes).content).map(oid) : null,
  };
}

function number({ content }: Value): number {
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}
