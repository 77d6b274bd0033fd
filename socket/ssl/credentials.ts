/**
 * Certificates and keys, from files and from memory.
 *
 * @module
 */

import type { KeyObject } from "node:crypto";
import { isBuffer } from "../arguments.ts";
import { kind, view } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { oserror } from "../oserror.ts";
import { nodeCrypto, nodeTls } from "./builtin.ts";
import { values } from "./der.ts";
import { SSLError, sslError, type SSLErrorOptions } from "./errors.ts";
import { certificatesIn, DER_cert_to_PEM_cert } from "./pem.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Opens an encrypted private key: a text or its bytes, or what returns them. */
export type Password =
  | string
  | BufferSource
  | (() => string | BufferSource);

/** OpenSSL's number for a text that is no PEM. */
const ERR_LIB_PEM = 0x80009;
const KEY_VALUES_MISMATCH = 116;
const NO_CERTIFICATE_OR_CRL_FOUND = 136;
const EE_KEY_TOO_SMALL = 399;

/** A certificate with those of its issuers, and its key, in PEM. */
export interface Identification {
  readonly cert: string;
  readonly key: string;
}

function pemError(cause?: unknown): SSLError {
  const options: SSLErrorOptions = { library: "SSL", cause };
  return new SSLError(ERR_LIB_PEM, "[SSL] PEM lib", options);
}

/** The text of a file, or the system's error. */
function readText(path: string | URL): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw oserror(cause);
  }
}

/** A file, or its contents: `MicroPython` takes these. */
export type Source = string | URL | BufferSource;

function textOf(source: Source, label: string): string {
  if (!isBuffer(source)) return readText(source);
  const bytes = view(source);
  const text = new TextDecoder("latin1").decode(bytes);
  if (text.includes("-----BEGIN")) return text;
  // It is DER.
  return DER_cert_to_PEM_cert(bytes).replaceAll("CERTIFICATE", label);
}

/** See `SSLContext.load_cert_chain()`. */
export function identification(
  certfile: Source,
  keyfile: Source | null,
  password: Password | null,
): Identification {
  const cert = textOf(certfile, "CERTIFICATE");
  const key = keyfile === null ? cert : textOf(keyfile, "PRIVATE KEY");
  const [first] = certificatesIn(cert);
  if (!first) throw pemError();
  const { X509Certificate } = nodeCrypto();
  const opened = privateKey(key, password);
  let matches;
  try {
    matches = new X509Certificate(first).checkPrivateKey(opened);
  } catch (cause) {
    throw pemError(cause);
  }
  if (!matches) {
    const reason = "KEY_VALUES_MISMATCH";
    const words = `[X509: ${reason}] key values mismatch`;
    const options = { library: "X509", reason };
    throw new SSLError(KEY_VALUES_MISMATCH, words, options);
  }
  const found = {
    cert: certificatesIn(cert).map(DER_cert_to_PEM_cert).join(""),
    key: pkcs8(opened),
  };
  checkUse(found);
  return found;
}

function pkcs8(key: KeyObject): string {
  try {
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch (cause) {
    throw pemError(cause);
  }
}

/** What Node refuses at each handshake is refused at once. */
function checkUse(found: Identification): void {
  try {
    nodeTls().createSecureContext({ ...found });
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code !== "ERR_OSSL_SSL_KEY_TOO_SMALL") throw pemError(cause);
    throw sslError("EE_KEY_TOO_SMALL", { code: EE_KEY_TOO_SMALL, cause });
  }
}

const PRIVATE_KEY =
  /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^]*?-----END \1PRIVATE KEY-----/;

function privateKey(text: string, password: Password | null): KeyObject {
  const [pem, type] = PRIVATE_KEY.exec(text) ?? [];
  if (pem === undefined) throw pemError();
  const encrypted = type === "ENCRYPTED " || pem.includes("ENCRYPTED");
  if (encrypted && password === null) {
    throw new SSLError(
      ERR_LIB_PEM,
      "[SSL] PEM lib: the private key is encrypted, and nobody is asked for " +
        "its password: give it to load_cert_chain()",
      { library: "SSL" },
    );
  }
  const passphrase = encrypted ? passwordText(password!) : undefined;
  try {
    return passphrase === undefined
      ? nodeCrypto().createPrivateKey(pem)
      : nodeCrypto().createPrivateKey({ key: pem, passphrase });
  } catch (cause) {
    throw pemError(cause);
  }
}

function passwordText(password: Password): string {
  const called = typeof password === "function";
  const value = called ? password() : password;
  if (typeof value === "string") return value;
  if (isBuffer(value)) return new TextDecoder().decode(view(value));
  throw new TypeError(
    called
      ? "password callback must return a string"
      : "password should be a string or callable",
  );
}

/** The certificates that the runtime trusts. */
export function defaultAuthorities(): string[] {
  try {
    return nodeTls().getCACertificates("default");
  } catch (cause) {
    throw oserror(cause);
  }
}

/** The certificates in a file. */
export function authoritiesIn(file: string | URL): string[] {
  const found = certificatesIn(readText(file));
  if (found.length === 0) {
    const reason = "NO_CERTIFICATE_OR_CRL_FOUND";
    throw new SSLError(
      NO_CERTIFICATE_OR_CRL_FOUND,
      `[X509: ${reason}] no certificate or crl found`,
      { library: "X509", reason },
    );
  }
  return found.map(DER_cert_to_PEM_cert);
}

/** The certificates in the files of a folder; a missing one has none. */
export function authoritiesUnder(folder: string | URL): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (cause) {
    const error = oserror(cause);
    if (cause instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries
    .filter(({ isDirectory }) => !isDirectory)
    .flatMap(({ name }) => {
      const path = folder instanceof URL
        ? new URL(name, `${folder.href.replace(/\/$/, "")}/`)
        : `${folder}/${name}`;
      try {
        return certificatesIn(readText(path)).map(DER_cert_to_PEM_cert);
      } catch (error) {
        // What else is in the folder doesn't matter, unlike a permission.
        if (error instanceof OSError && error.cause instanceof Error) {
          if (error.cause instanceof Deno.errors.NotCapable) throw error;
        }
        return [];
      }
    });
}

/** The certificates in a text of PEM, or in bytes of DER. */
export function authoritiesFrom(data: string | BufferSource): string[] {
  if (typeof data !== "string" && !isBuffer(data)) {
    throw new TypeError(
      `cadata should be an ASCII string or a bytes-like object, not ${
        kind(data)
      }`,
    );
  }
  const bytes = typeof data === "string" ? null : view(data);
  if ((bytes ?? data as string).length === 0) {
    throw new RangeError("Empty certificate data");
  }
  const found = bytes ? derCertificates(bytes) : certificatesIn(data as string);
  if (found.length > 0) return found.map(DER_cert_to_PEM_cert);
  throw new SSLError(
    0,
    `${
      bytes ? "not enough data" : "no start line"
    }: cadata does not contain a certificate`,
  );
}

function derCertificates(bytes: Bytes): Bytes[] {
  try {
    return values(bytes).map(({ encoded }) => encoded);
  } catch {
    return [];
  }
}
