/**
 * The ciphers that Deno has, and OpenSSL's way to choose among them.
 *
 * @module
 */

import { SSLError } from "./errors.ts";

/**
 * A cipher, as `get_ciphers()` describes it.
 *
 * Follows Python's
 * [`SSLContext.get_ciphers`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ciphers).
 */
export interface Cipher {
  /** OpenSSL's number. */
  readonly id: number;
  /** OpenSSL's name. */
  readonly name: string;
  /** The version of TLS that it came with. */
  readonly protocol: string;
  /** All of it in a line. */
  readonly description: string;
  /** How many bits have to be guessed. */
  readonly strength_bits: number;
  /** How many bits the key has. */
  readonly alg_bits: number;
  /** It encrypts and authenticates in one. */
  readonly aead: boolean;
  /** How it encrypts. */
  readonly symmetric: string;
  /** `null`: none needs one. */
  readonly digest: null;
  /** How the key is agreed on. */
  readonly kea: string;
  /** How the server proves who it is. */
  readonly auth: string;
}

function cipher(id: number, name: string): Cipher {
  const newer = name.startsWith("TLS_");
  const chacha = name.includes("CHACHA20");
  const bits = name.includes("128") ? 128 : 256;
  const auth = newer ? "any" : name.includes("ECDSA") ? "ECDSA" : "RSA";
  const protocol = newer ? "TLSv1.3" : "TLSv1.2";
  const algorithm = chacha ? "CHACHA20/POLY1305" : "AESGCM";
  const description = [
    name.padEnd(30),
    protocol,
    `Kx=${newer ? "any" : "ECDH"}`.padEnd(11),
    `Au=${auth}`.padEnd(8),
    `Enc=${algorithm}(${bits})`.padEnd(26),
    "Mac=AEAD",
  ].join(" ");
  return {
    id: 0x03000000 + id,
    name,
    protocol,
    description,
    strength_bits: bits,
    alg_bits: bits,
    aead: true,
    symmetric: chacha ? "chacha20-poly1305" : `aes-${bits}-gcm`,
    digest: null,
    kea: newer ? "kx-any" : "kx-ecdhe",
    auth: `auth-${auth.toLowerCase()}`,
  };
}

/** Those of TLS 1.3, of which there is no choice. */
export const NEWER: readonly Cipher[] = [
  cipher(0x1302, "TLS_AES_256_GCM_SHA384"),
  cipher(0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
  cipher(0x1301, "TLS_AES_128_GCM_SHA256"),
];

/** Those of TLS 1.2, in OpenSSL's order. */
export const OLDER: readonly Cipher[] = [
  cipher(0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"),
  cipher(0xc030, "ECDHE-RSA-AES256-GCM-SHA384"),
  cipher(0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"),
  cipher(0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"),
  cipher(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"),
  cipher(0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"),
];

/** How many bits the key of a cipher has. */
export function keyBits(name: string): number {
  return [...NEWER, ...OLDER].find((each) => each.name === name)?.alg_bits ?? 0;
}

/** What OpenSSL's words choose. */
const WORDS: Readonly<Record<string, (cipher: Cipher) => boolean>> = {
  ALL: () => true,
  DEFAULT: () => true,
  COMPLEMENTOFDEFAULT: () => false,
  HIGH: () => true,
  "TLSv1.2": () => true,
  ECDHE: () => true,
  EECDH: () => true,
  kECDHE: () => true,
  kEECDH: () => true,
  ECDSA: ({ auth }) => auth === "auth-ecdsa",
  aECDSA: ({ auth }) => auth === "auth-ecdsa",
  RSA: ({ auth }) => auth === "auth-rsa",
  aRSA: ({ auth }) => auth === "auth-rsa",
  AES: ({ symmetric }) => symmetric.startsWith("aes"),
  AESGCM: ({ symmetric }) => symmetric.startsWith("aes"),
  AES128: ({ symmetric }) => symmetric.startsWith("aes-128"),
  AES256: ({ symmetric }) => symmetric.startsWith("aes-256"),
  CHACHA20: ({ symmetric }) => symmetric.startsWith("chacha"),
  SHA256: ({ name }) => name.endsWith("SHA256"),
  SHA384: ({ name }) => name.endsWith("SHA384"),
};

/**
 * The ciphers of TLS 1.2 that a list in OpenSSL's form chooses, in its order.
 *
 * @throws {SSLError} If that is none.
 */
export function chooseCiphers(list: string): Cipher[] {
  let chosen: Cipher[] = [];
  const excluded = new Set<Cipher>();
  for (const item of list.split(/[:, ]+/)) {
    const [, sign, words] = /^([!+-]?)(.*)$/.exec(item)!;
    // Levels of security and an order by strength change nothing here.
    if (words === "" || words!.startsWith("@")) continue;
    const found = OLDER.filter((each) =>
      words!.split("+").every((word) =>
        word === each.name ||
        Object.hasOwn(WORDS, word) && WORDS[word]!(each)
      )
    );
    if (sign === "!") { for (const each of found) excluded.add(each); }
    // A later word moves what it names to the end, or takes it out.
    if (sign !== "") {
      const moved = chosen.filter((each) => found.includes(each));
      chosen = chosen.filter((each) => !found.includes(each));
      if (sign === "+") chosen.push(...moved);
    } else chosen.push(...found.filter((each) => !chosen.includes(each)));
  }
  chosen = chosen.filter((each) => !excluded.has(each));
  if (chosen.length > 0) return chosen;
  throw new SSLError("No cipher can be selected.");
}
