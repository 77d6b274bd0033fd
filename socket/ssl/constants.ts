/**
 * The numbers of Python's module, with OpenSSL's values.
 *
 * @module
 */

/** How much of the peer's certificate is verified: nothing. */
export const CERT_NONE: number = 0;
/**
 * A server asks for a certificate, and verifies it if it gets one. For a client
 * it is the same as {@linkcode CERT_REQUIRED}.
 */
export const CERT_OPTIONAL: number = 1;
/** The peer has to have a certificate, which is verified. */
export const CERT_REQUIRED: number = 2;

/** A context for both sides, which verifies nothing at first. */
export const PROTOCOL_TLS: number = 2;
/** Python's alias of {@linkcode PROTOCOL_TLS}. */
export const PROTOCOL_SSLv23: number = 2;
/** TLS 1.0 alone, which Deno doesn't have: the handshake fails. */
export const PROTOCOL_TLSv1: number = 3;
/** TLS 1.1 alone, which Deno doesn't have: the handshake fails. */
export const PROTOCOL_TLSv1_1: number = 4;
/** TLS 1.2 alone. */
export const PROTOCOL_TLSv1_2: number = 5;
/** A context for clients, which verifies certificates and names of hosts. */
export const PROTOCOL_TLS_CLIENT: number = 16;
/** A context for servers. */
export const PROTOCOL_TLS_SERVER: number = 17;

/** Versions of TLS, with bounds. */
export const TLSVersion: {
  /** The oldest that Deno has, which is TLS 1.2. */
  readonly MINIMUM_SUPPORTED: -2;
  /** SSL 3.0, which Deno doesn't have. */
  readonly SSLv3: 768;
  /** TLS 1.0, which Deno doesn't have. */
  readonly TLSv1: 769;
  /** TLS 1.1, which Deno doesn't have. */
  readonly TLSv1_1: 770;
  /** TLS 1.2. */
  readonly TLSv1_2: 771;
  /** TLS 1.3. */
  readonly TLSv1_3: 772;
  /** The newest that Deno has, which is TLS 1.3. */
  readonly MAXIMUM_SUPPORTED: -1;
} = {
  MINIMUM_SUPPORTED: -2,
  SSLv3: 768,
  TLSv1: 769,
  TLSv1_1: 770,
  TLSv1_2: 771,
  TLSv1_3: 772,
  MAXIMUM_SUPPORTED: -1,
};

/** A use of certificates, as `create_default_context()` takes it. */
export interface ObjectIdentifier {
  /** OpenSSL's number. */
  readonly nid: number;
  /** Its short name. */
  readonly shortname: string;
  /** Its long name. */
  readonly longname: string;
  /** The identifier itself. */
  readonly oid: string;
}

/** What the peer's certificates are for. */
export const Purpose: {
  /** A client verifies servers. */
  readonly SERVER_AUTH: ObjectIdentifier;
  /** A server may verify clients. */
  readonly CLIENT_AUTH: ObjectIdentifier;
} = {
  SERVER_AUTH: {
    nid: 129,
    shortname: "serverAuth",
    longname: "TLS Web Server Authentication",
    oid: "1.3.6.1.5.5.7.3.1",
  },
  CLIENT_AUTH: {
    nid: 130,
    shortname: "clientAuth",
    longname: "TLS Web Client Authentication",
    oid: "1.3.6.1.5.5.7.3.2",
  },
};

/** A failure of the protocol. */
export const SSL_ERROR_SSL: number = 1;
/** Something has to arrive first. */
export const SSL_ERROR_WANT_READ: number = 2;
/** There has to be room first. */
export const SSL_ERROR_WANT_WRITE: number = 3;
/** Not used here. */
export const SSL_ERROR_WANT_X509_LOOKUP: number = 4;
/** A failure of the system. */
export const SSL_ERROR_SYSCALL: number = 5;
/** The peer has closed the TLS layer. */
export const SSL_ERROR_ZERO_RETURN: number = 6;
/** Not used here. */
export const SSL_ERROR_WANT_CONNECT: number = 7;
/** The connection has ended without the end of the TLS layer. */
export const SSL_ERROR_EOF: number = 8;
/** Not used here. */
export const SSL_ERROR_INVALID_ERROR_CODE: number = 10;
/** Workarounds for old peers: without effect here. */
export const OP_ALL: number = 2147483728;
/** No SSL 2.0, which Deno never speaks. */
export const OP_NO_SSLv2: number = 0;
/** No SSL 3.0, which Deno never speaks. */
export const OP_NO_SSLv3: number = 33554432;
/** No TLS 1.0, which Deno never speaks. */
export const OP_NO_TLSv1: number = 67108864;
/** No TLS 1.1, which Deno never speaks. */
export const OP_NO_TLSv1_1: number = 268435456;
/** No TLS 1.2. */
export const OP_NO_TLSv1_2: number = 134217728;
/** No TLS 1.3. */
export const OP_NO_TLSv1_3: number = 536870912;
/** No renegotiation, which Deno never does. */
export const OP_NO_RENEGOTIATION: number = 1073741824;
/** The server chooses the cipher, as Deno always does. */
export const OP_CIPHER_SERVER_PREFERENCE: number = 4194304;
/** Without effect, as in OpenSSL 3. */
export const OP_SINGLE_DH_USE: number = 0;
/** Without effect, as in OpenSSL 3. */
export const OP_SINGLE_ECDH_USE: number = 0;
/** Looks like TLS 1.2 to the network, as Deno always does. */
export const OP_ENABLE_MIDDLEBOX_COMPAT: number = 1048576;
/** No compression, which Deno never does. */
export const OP_NO_COMPRESSION: number = 131072;
/** Without effect here. */
export const OP_NO_TICKET: number = 16384;
/** An end of the connection counts as the end of the TLS layer. */
export const OP_IGNORE_UNEXPECTED_EOF: number = 128;
/** Nothing beyond the usual. */
export const VERIFY_DEFAULT: number = 0;
/** Revocation lists, which Deno has not. */
export const VERIFY_CRL_CHECK_LEAF: number = 4;
/** Revocation lists, which Deno has not. */
export const VERIFY_CRL_CHECK_CHAIN: number = 12;
/** No workarounds for broken certificates, as always here. */
export const VERIFY_X509_STRICT: number = 32;
/** Proxy certificates, which Deno has not. */
export const VERIFY_ALLOW_PROXY_CERTS: number = 64;
/** Trusted certificates are preferred, as always here. */
export const VERIFY_X509_TRUSTED_FIRST: number = 32768;
/** A trusted certificate need not be a root, as always here. */
export const VERIFY_X509_PARTIAL_CHAIN: number = 524288;
/** There is ALPN. */
export const HAS_ALPN: boolean = true;
/** The common name can be left out when hosts are compared. */
export const HAS_NEVER_CHECK_COMMON_NAME: boolean = true;
/** There are elliptic curves. */
export const HAS_ECDH: boolean = true;
/** There is SNI. */
export const HAS_SNI: boolean = true;
/** There is no NPN. */
export const HAS_NPN: boolean = false;
/** There is no SSL 2.0. */
export const HAS_SSLv2: boolean = false;
/** There is no SSL 3.0. */
export const HAS_SSLv3: boolean = false;
/** There is no TLS 1.0. */
export const HAS_TLSv1: boolean = false;
/** There is no TLS 1.1. */
export const HAS_TLSv1_1: boolean = false;
/** There is TLS 1.2. */
export const HAS_TLSv1_2: boolean = true;
/** There is TLS 1.3. */
export const HAS_TLSv1_3: boolean = true;

/** The number of the alert `access_denied`. */
export const ALERT_DESCRIPTION_ACCESS_DENIED: number = 49;
/** The number of the alert `bad_certificate`. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE: number = 42;
/** The number of the alert `bad_certificate_hash_value`. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE: number = 114;
/** The number of the alert `bad_certificate_status_response`. */
export const ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE: number = 113;
/** The number of the alert `bad_record_mac`. */
export const ALERT_DESCRIPTION_BAD_RECORD_MAC: number = 20;
/** The number of the alert `certificate_expired`. */
export const ALERT_DESCRIPTION_CERTIFICATE_EXPIRED: number = 45;
/** The number of the alert `certificate_revoked`. */
export const ALERT_DESCRIPTION_CERTIFICATE_REVOKED: number = 44;
/** The number of the alert `certificate_unknown`. */
export const ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN: number = 46;
/** The number of the alert `certificate_unobtainable`. */
export const ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE: number = 111;
/** The number of the alert `close_notify`. */
export const ALERT_DESCRIPTION_CLOSE_NOTIFY: number = 0;
/** The number of the alert `decode_error`. */
export const ALERT_DESCRIPTION_DECODE_ERROR: number = 50;
/** The number of the alert `decompression_failure`. */
export const ALERT_DESCRIPTION_DECOMPRESSION_FAILURE: number = 30;
/** The number of the alert `decrypt_error`. */
export const ALERT_DESCRIPTION_DECRYPT_ERROR: number = 51;
/** The number of the alert `handshake_failure`. */
export const ALERT_DESCRIPTION_HANDSHAKE_FAILURE: number = 40;
/** The number of the alert `illegal_parameter`. */
export const ALERT_DESCRIPTION_ILLEGAL_PARAMETER: number = 47;
/** The number of the alert `insufficient_security`. */
export const ALERT_DESCRIPTION_INSUFFICIENT_SECURITY: number = 71;
/** The number of the alert `internal_error`. */
export const ALERT_DESCRIPTION_INTERNAL_ERROR: number = 80;
/** The number of the alert `no_renegotiation`. */
export const ALERT_DESCRIPTION_NO_RENEGOTIATION: number = 100;
/** The number of the alert `protocol_version`. */
export const ALERT_DESCRIPTION_PROTOCOL_VERSION: number = 70;
/** The number of the alert `record_overflow`. */
export const ALERT_DESCRIPTION_RECORD_OVERFLOW: number = 22;
/** The number of the alert `unexpected_message`. */
export const ALERT_DESCRIPTION_UNEXPECTED_MESSAGE: number = 10;
/** The number of the alert `unknown_ca`. */
export const ALERT_DESCRIPTION_UNKNOWN_CA: number = 48;
/** The number of the alert `unknown_psk_identity`. */
export const ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY: number = 115;
/** The number of the alert `unrecognized_name`. */
export const ALERT_DESCRIPTION_UNRECOGNIZED_NAME: number = 112;
/** The number of the alert `unsupported_certificate`. */
export const ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE: number = 43;
/** The number of the alert `unsupported_extension`. */
export const ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION: number = 110;
/** The number of the alert `user_cancelled`. */
export const ALERT_DESCRIPTION_USER_CANCELLED: number = 90;

/** The types that `get_channel_binding()` of CPython knows. */
export const CHANNEL_BINDING_TYPES: readonly string[] = ["tls-unique"];
