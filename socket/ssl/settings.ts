/**
 * The settings of a context, without what makes sockets of it.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { bytes, integer } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { describe, identity, type PeerCertificate } from "./certificate.ts";
import { Authorities } from "./chain.ts";
import { chooseCiphers, type Cipher, NEWER, OLDER } from "./ciphers.ts";
import * as c from "./constants.ts";
import {
  authoritiesFrom,
  authoritiesIn,
  authoritiesUnder,
  defaultAuthorities,
  type Identification,
  identification,
  type Password,
} from "./credentials.ts";
import { SSLError } from "./errors.ts";
import { certificatesIn, PEM_cert_to_DER_cert } from "./pem.ts";
import type { Profile } from "./profile.ts";
import { newStats, type SessionStats } from "./stats.ts";
import { Versions } from "./versions.ts";

const OPTIONS = c.OP_ALL + c.OP_NO_SSLv3 + c.OP_CIPHER_SERVER_PREFERENCE +
  c.OP_NO_COMPRESSION + c.OP_ENABLE_MIDDLEBOX_COMPAT;
const REVOCATION = c.VERIFY_CRL_CHECK_CHAIN;

/** The settings of a context for a connection that begins now. */
export let profileOf: (settings: ContextSettings) => Profile;

/** The settings that a context has: {@linkcode SSLContext} without `wrap_socket()`. */
export class ContextSettings {
  /** The `PROTOCOL_` number that the context was made with. */
  readonly protocol: number;
  /**
   * Whether a certificate without other names may have its host as its common
   * name; `true` at first.
   *
   * Follows Python's
   * [`SSLContext.hostname_checks_common_name`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.hostname_checks_common_name).
   */
  hostname_checks_common_name = true;
  #checkHostname = false;
  #verifyMode: number = c.CERT_NONE;
  readonly #versions: Versions;
  #options = OPTIONS;
  #verifyFlags = c.VERIFY_X509_TRUSTED_FIRST;
  #identification: Identification | null = null;
  /** The trusted certificates, in PEM. */
  readonly #authorities = new Set<string>();
  #added: Authorities | null = null;
  /** Those of the runtime are trusted too. */
  #defaults = false;
  #protocols: readonly string[] = [];
  #ciphers: readonly Cipher[] | null = null;
  readonly #stats = newStats();

  /**
   * Makes a context.
   *
   * @param protocol `PROTOCOL_TLS_CLIENT` (verifies certificates and names),
   * `PROTOCOL_TLS_SERVER`, or `PROTOCOL_TLS` for both, which verifies nothing
   * at first.
   * @throws {RangeError} If it is no protocol.
   */
  constructor(protocol: number = c.PROTOCOL_TLS) {
    this.#versions = new Versions(protocol);
    this.protocol = protocol;
    if (protocol === c.PROTOCOL_TLS_CLIENT) this.check_hostname = true;
  }

  // What is verified

  /**
   * Whether a server has to be the host that it was connected to as. Setting it
   * to `true` sets `verify_mode` to `CERT_REQUIRED` if it was
   * `CERT_NONE`.
   *
   * Follows Python's
   * [`SSLContext.check_hostname`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.check_hostname).
   */
  get check_hostname(): boolean {
    return this.#checkHostname;
  }

  set check_hostname(check: boolean) {
    this.#checkHostname = Boolean(check);
    if (check && this.#verifyMode === c.CERT_NONE) {
      this.#verifyMode = c.CERT_REQUIRED;
    }
  }

  /**
   * Whether the peer's certificate is verified: `CERT_NONE`, `CERT_OPTIONAL` or
   * `CERT_REQUIRED`.
   *
   * Follows Python's
   * [`SSLContext.verify_mode`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.verify_mode).
   *
   * @throws {RangeError} For another value, and for `CERT_NONE` while
   * `check_hostname` is set.
   */
  get verify_mode(): number {
    return this.#verifyMode;
  }

  set verify_mode(mode: number) {
    if (![c.CERT_NONE, c.CERT_OPTIONAL, c.CERT_REQUIRED].includes(mode)) {
      throw new RangeError("invalid value for verify_mode");
    }
    if (mode === c.CERT_NONE && this.#checkHostname) {
      throw new RangeError(
        "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
      );
    }
    this.#verifyMode = mode;
  }

  /**
   * `VERIFY_` flags. `VERIFY_X509_PARTIAL_CHAIN` has an effect. Those that ask
   * for lists of revoked certificates can't be set.
   *
   * Follows Python's
   * [`SSLContext.verify_flags`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.verify_flags).
   *
   * @throws {OSError} `EOPNOTSUPP` for `VERIFY_CRL_CHECK_LEAF` and
   * `VERIFY_CRL_CHECK_CHAIN`.
   */
  get verify_flags(): number {
    return this.#verifyFlags;
  }

  set verify_flags(flags: number) {
    if (integer(flags, "verify_flags") & REVOCATION) {
      throw new OSError(
        errno.EOPNOTSUPP,
        "Deno reads no lists of revoked certificates",
      );
    }
    this.#verifyFlags = flags;
  }

  // Versions and options

  /**
   * The oldest version of TLS that may be used: a number of `TLSVersion`. Deno
   * has none before TLS 1.2.
   *
   * Follows Python's
   * [`SSLContext.minimum_version`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.minimum_version).
   *
   * @throws {RangeError} For another number, or if the context's protocol has
   * one version.
   */
  get minimum_version(): number {
    return this.#versions.minimum;
  }

  set minimum_version(version: number) {
    this.#versions.minimum = version;
  }

  /**
   * The newest version of TLS that may be used: a number of `TLSVersion`.
   *
   * Follows Python's
   * [`SSLContext.maximum_version`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.maximum_version).
   *
   * @throws {RangeError} As `minimum_version` does.
   */
  get maximum_version(): number {
    return this.#versions.maximum;
  }

  set maximum_version(version: number) {
    this.#versions.maximum = version;
  }

  /**
   * `OP_` flags. `OP_NO_TLSv1_2`, `OP_NO_TLSv1_3` and `OP_IGNORE_UNEXPECTED_EOF`
   * have an effect.
   *
   * Follows Python's
   * [`SSLContext.options`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.options).
   */
  get options(): number {
    return this.#options;
  }

  set options(options: number) {
    // `|=` makes a negative number of the highest bit.
    this.#options = integer(options, "options") >>> 0;
  }

  // Certificates

  /**
   * Loads the certificate of this side, with those of its issuers, and its
   * private key.
   *
   * Follows Python's
   * [`SSLContext.load_cert_chain`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_cert_chain).
   *
   * @param certfile The path of a file in PEM, which is read at once
   * (`--allow-read`); or, as MicroPython has it, bytes in PEM or DER.
   * @param keyfile The same for the key; it is in `certfile` if left out.
   * @param password Opens an encrypted key. Nobody is asked for it.
   * @throws {SSLError} If a file isn't in PEM, the password is missing or
   * wrong, or the key isn't that of the certificate.
   * @throws {OSError} `FileNotFoundError` and what else opening a file raises.
   */
  load_cert_chain(
    certfile: string | URL | BufferSource,
    keyfile: string | URL | BufferSource | null = null,
    password: Password | null = null,
  ): void {
    this.#identification = identification(certfile, keyfile, password);
  }

  /**
   * Trusts more certificates.
   *
   * ```ts
   * import { ssl } from "@berkeley/socket";
   *
   * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
   * context.load_verify_locations("tests/certs/ca.pem");
   * ```
   *
   * Follows Python's
   * [`SSLContext.load_verify_locations`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_verify_locations).
   *
   * @param cafile The path of a file in PEM, which is read at once
   * (`--allow-read`).
   * @param capath The path of a folder with such files, which are all read at
   * once, whatever their names are.
   * @param cadata A text in PEM, or bytes in DER.
   * @throws {SSLError} If there is no certificate.
   * @throws {OSError} `FileNotFoundError` and what else opening a file raises.
   * @throws {TypeError} If all are left out.
   */
  load_verify_locations(
    cafile: string | URL | null = null,
    capath: string | URL | null = null,
    cadata: string | BufferSource | null = null,
  ): void {
    if (cafile === null && capath === null && cadata === null) {
      throw new TypeError("cafile, capath and cadata cannot be all omitted");
    }
    const found = [
      ...(cadata === null ? [] : authoritiesFrom(cadata)),
      ...(cafile === null ? [] : authoritiesIn(cafile)),
      ...(capath === null ? [] : authoritiesUnder(capath)),
    ];
    for (const pem of found) this.#authorities.add(pem);
    this.#added = null;
  }

  /**
   * Trusts the certificates that Deno trusts: Mozilla's, or what
   * `DENO_TLS_CA_STORE`, `--cert` or `DENO_CERT` say.
   *
   * Follows Python's
   * [`SSLContext.load_default_certs`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_default_certs).
   *
   * @param _purpose Without effect: they are the same for both.
   */
  load_default_certs(
    _purpose: c.ObjectIdentifier = c.Purpose.SERVER_AUTH,
  ): void {
    this.#defaults = true;
  }

  /** The same as `load_default_certs`. */
  set_default_verify_paths(): void {
    this.load_default_certs();
  }

  #trusted(): string[] {
    const defaults = this.#defaults ? defaultAuthorities() : [];
    return [...defaults, ...this.#authorities];
  }

  /**
   * The trusted certificates that may issue others, described as
   * {@linkcode SSLSocket.prototype.getpeercert | getpeercert} does it. Those that
   * Deno trusts can only be read with `--allow-sys=ca`.
   *
   * Follows Python's
   * [`SSLContext.get_ca_certs`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ca_certs).
   *
   * @param binary_form `true` for bytes in DER.
   */
  get_ca_certs(binary_form?: false): PeerCertificate[];
  /** The same certificates, in DER. */
  get_ca_certs(binary_form: true): Uint8Array<ArrayBuffer>[];
  get_ca_certs(
    binary_form = false,
  ): PeerCertificate[] | Uint8Array<ArrayBuffer>[] {
    const found = this.#trusted().map(PEM_cert_to_DER_cert).filter((der) =>
      identity(der).authority
    );
    return binary_form ? found : found.map(describe);
  }

  /**
   * How many certificates are trusted, and how many of them may issue others.
   *
   * Follows Python's
   * [`SSLContext.cert_store_stats`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.cert_store_stats).
   */
  cert_store_stats(): { x509: number; crl: number; x509_ca: number } {
    const all = certificatesIn(this.#trusted().join("\n"));
    const authorities = all.filter((der) => identity(der).authority).length;
    return { x509: all.length, crl: 0, x509_ca: authorities };
  }

  // The protocol

  /**
   * Sets the protocols that the two sides can choose from (ALPN), most wanted
   * first.
   *
   * Follows Python's
   * [`SSLContext.set_alpn_protocols`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_alpn_protocols).
   *
   * @throws {SSLError} If one is empty or longer than 255 bytes.
   */
  set_alpn_protocols(alpn_protocols: Iterable<string>): void {
    const protocols = [...alpn_protocols];
    for (const protocol of protocols) {
      const { length } = bytes(protocol);
      if (length < 1 || length > 255) {
        throw new SSLError("ALPN protocols must be 1 to 255 in length");
      }
    }
    this.#protocols = protocols;
  }

  /**
   * Sets the ciphers that may be used with TLS 1.2, in OpenSSL's form, such as
   * `"ECDHE+AESGCM:!aRSA"`. Deno offers all of its own nevertheless: if the two
   * sides come to agree on another one, the handshake fails.
   *
   * Follows Python's
   * [`SSLContext.set_ciphers`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_ciphers).
   *
   * @throws {SSLError} If that leaves none of those that Deno has.
   */
  set_ciphers(ciphers: string): void {
    this.#ciphers = chooseCiphers(ciphers);
  }

  /**
   * The ciphers that may be used.
   *
   * Follows Python's
   * [`SSLContext.get_ciphers`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ciphers).
   */
  get_ciphers(): Cipher[] {
    return [...NEWER, ...this.#ciphers ?? OLDER];
  }

  /**
   * How many handshakes were begun and done, and how many of them went on with
   * an earlier session (`hits`).
   *
   * Follows Python's
   * [`SSLContext.session_stats`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.session_stats).
   */
  session_stats(): SessionStats {
    return { ...this.#stats };
  }

  static {
    profileOf = (settings) => settings.#profile();
  }

  #profile(): Profile {
    const verifies = this.#verifyMode !== c.CERT_NONE;
    const versions = this.#versions.left(this.#options);
    return {
      secure: { ...this.#identification, ...versions },
      trusted: verifies ? [...this.#authorities] : [],
      defaults: verifies && this.#defaults,
      authorities: this.#added ??= new Authorities(this.#authorities),
      partial: (this.#verifyFlags & c.VERIFY_X509_PARTIAL_CHAIN) !== 0,
      impossible: versions === null,
      verifyMode: this.#verifyMode,
      checkHostname: this.#checkHostname,
      commonNames: this.hostname_checks_common_name,
      protocols: this.#protocols,
      ciphers: this.#ciphers && new Set(this.#ciphers.map(({ name }) => name)),
      ignoreEof: (this.#options & c.OP_IGNORE_UNEXPECTED_EOF) !== 0,
      count: (counter) => void this.#stats[counter]++,
    };
  }
}
