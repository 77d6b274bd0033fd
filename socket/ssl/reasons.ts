/**
 * The errors of Node's TLS as OpenSSL and Python have them.
 *
 * @module
 */

import { OSError } from "../errors.ts";
import { oserror } from "../oserror.ts";
import { SSL_ERROR_SSL } from "./constants.ts";
import { SSLCertVerificationError, SSLError, sslError } from "./errors.ts";

/** OpenSSL's numbers and words for what is wrong with a certificate. */
const CERTIFICATE: Readonly<Record<string, [number, string]>> = {
  CERT_NOT_YET_VALID: [9, "certificate is not yet valid"],
  CERT_HAS_EXPIRED: [10, "certificate has expired"],
  DEPTH_ZERO_SELF_SIGNED_CERT: [18, "self-signed certificate"],
  SELF_SIGNED_CERT_IN_CHAIN: [
    19,
    "self-signed certificate in certificate chain",
  ],
  UNABLE_TO_GET_ISSUER_CERT: [2, "unable to get issuer certificate"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    20,
    "unable to get local issuer certificate",
  ],
  // OpenSSL has come to the missing issuer before.
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    20,
    "unable to get local issuer certificate",
  ],
  CERT_REVOKED: [23, "certificate revoked"],
  INVALID_PURPOSE: [26, "unsuitable certificate purpose"],
};

/** The alerts of the peer, by the names that Deno's messages have for them. */
const ALERTS: Readonly<Record<string, string>> = {
  UnexpectedMessage: "SSLV3_ALERT_UNEXPECTED_MESSAGE",
  BadRecordMac: "SSLV3_ALERT_BAD_RECORD_MAC",
  RecordOverflow: "TLSV1_ALERT_RECORD_OVERFLOW",
  HandshakeFailure: "SSLV3_ALERT_HANDSHAKE_FAILURE",
  BadCertificate: "SSLV3_ALERT_BAD_CERTIFICATE",
  UnsupportedCertificate: "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
  CertificateRevoked: "SSLV3_ALERT_CERTIFICATE_REVOKED",
  CertificateExpired: "SSLV3_ALERT_CERTIFICATE_EXPIRED",
  CertificateUnknown: "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
  IllegalParameter: "SSLV3_ALERT_ILLEGAL_PARAMETER",
  UnknownCA: "TLSV1_ALERT_UNKNOWN_CA",
  AccessDenied: "TLSV1_ALERT_ACCESS_DENIED",
  DecodeError: "TLSV1_ALERT_DECODE_ERROR",
  DecryptError: "TLSV1_ALERT_DECRYPT_ERROR",
  ProtocolVersion: "TLSV1_ALERT_PROTOCOL_VERSION",
  InsufficientSecurity: "TLSV1_ALERT_INSUFFICIENT_SECURITY",
  InternalError: "TLSV1_ALERT_INTERNAL_ERROR",
  InappropriateFallback: "TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
  UserCanceled: "TLSV1_ALERT_USER_CANCELLED",
  NoRenegotiation: "TLSV1_ALERT_NO_RENEGOTIATION",
  MissingExtension: "TLSV13_ALERT_MISSING_EXTENSION",
  UnsupportedExtension: "TLSV1_UNSUPPORTED_EXTENSION",
  UnrecognisedName: "TLSV1_UNRECOGNIZED_NAME",
  BadCertificateStatusResponse: "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE",
  UnknownPSKIdentity: "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY",
  CertificateRequired: "TLSV13_ALERT_CERTIFICATE_REQUIRED",
  NoApplicationProtocol: "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
};

/** Failures that Deno has no code for, by what its messages contain. */
const FAILURES: readonly [RegExp, string][] = [
  [/cannot decrypt peer/, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"],
  [/NoCipherSuitesInCommon/, "NO_SHARED_CIPHER"],
  [/NoKxGroupsInCommon|NoEcdheGroupsInCommon/, "NO_SUITABLE_KEY_SHARE"],
  [
    /SupportedVersions|Tls1[23]NotOffered|DoesNotSupportTls|Tls1[23]NotEnabled/,
    "UNSUPPORTED_PROTOCOL",
  ],
  [/NoSignatureSchemesInCommon/, "NO_SUITABLE_SIGNATURE_ALGORITHM"],
  [/unexpected message/, "UNEXPECTED_MESSAGE"],
];

/** Whether a code of Node tells of a certificate. */
export function certificateError(
  code: unknown,
  cause?: unknown,
): SSLCertVerificationError | null {
  const known = CERTIFICATE[String(code)];
  return known ? new SSLCertVerificationError(...known, { cause }) : null;
}

/** The `OSError` for an error of Node's TLS, which becomes its `cause`. */
export function tlsError(cause: unknown): OSError {
  if (cause instanceof OSError) return cause;
  if (!(cause instanceof Error)) return oserror(cause);
  const { code } = cause as { code?: unknown };
  const certificate = certificateError(code, cause);
  if (certificate) return certificate;
  const alert = /received fatal alert: (\w+)/.exec(cause.message)?.[1];
  if (alert !== undefined && Object.hasOwn(ALERTS, alert)) {
    return sslError(withVersion(ALERTS[alert]!, code), { cause });
  }
  const failure = FAILURES.find(([pattern]) => pattern.test(cause.message));
  if (failure) return sslError(failure[1], { cause });
  const reason = /^ERR_(?:OSSL_)?SSL_(\w+)$/.exec(String(code))?.[1];
  if (reason === undefined) return oserror(cause);
  // Whatever Deno has no code for has this one.
  if (reason !== "SSLV3_ALERT_HANDSHAKE_FAILURE") {
    return sslError(reason, { cause });
  }
  const options = { library: "SSL", cause };
  return new SSLError(SSL_ERROR_SSL, `[SSL] ${cause.message}`, options);
}

/** Where the version counts, Deno's code knows better than the alert's name. */
function withVersion(alert: string, code: unknown): string {
  return alert === ALERTS.CertificateRequired
    ? String(code).replace("ERR_SSL_", "")
    : alert;
}
