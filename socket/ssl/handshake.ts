/**
 * Handshakes of Node's TLS over a stream.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type {
  DetailedPeerCertificate,
  SecureContext,
  TLSSocket,
} from "node:tls";
import { nodeTls } from "./builtin.ts";
import type { Identity } from "./certificate.ts";
import { pathFrom, unreadable } from "./chain.ts";
import { CERT_NONE, CERT_REQUIRED } from "./constants.ts";
import { defaultAuthorities } from "./credentials.ts";
import { SSLError, sslError } from "./errors.ts";
import { mismatch, numericAddress } from "./hostname.ts";
import type { Profile, Side } from "./profile.ts";
import { certificateError } from "./reasons.ts";
import { CLIENT, misuse, type Purpose, SERVER } from "./usage.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Gets the outcome of a handshake. */
export interface Outcome {
  /** It is done. */
  secured(socket: TLSSocket): void;
  /** It has failed; or the connection has, later. */
  failed(cause: unknown): void;
  /** The peer is refused, and must not come to know that it was understood. */
  refused(error: SSLError): void;
}

/** Begins the handshake of a client. */
export function connectTls(
  stream: Duplex,
  { profile, hostname }: Side,
  outcome: Outcome,
): void {
  const verifies = profile.verifyMode !== CERT_NONE;
  const named = hostname !== null && numericAddress(hostname) === null;
  const socket = nodeTls().connect({
    socket: stream,
    secureContext: clientContext(profile),
    ...(named && { servername: hostname }),
    // Deno itself refuses what its authorities haven't issued. With others, more
    // can be told of a certificate, once it was accepted: it is verified below.
    rejectUnauthorized: verifies && profile.defaults,
    checkServerIdentity: () => undefined,
    ...(profile.protocols.length > 0 &&
      { ALPNProtocols: [...profile.protocols] }),
  });
  readSafely(socket);
  socket.on("secureConnect", () => {
    const error = verifies
      ? judged(() => verify(socket, profile, hostname))
      : null;
    if (!error) return outcome.secured(socket);
    outcome.refused(error);
    socket.destroy();
  });
  socket.on("error", (cause) => outcome.failed(cause));
}

/**
 * Deno reads the peer's certificates in the middle of its own events, where
 * nobody catches what is thrown for one that can't be read.
 */
function readSafely(socket: TLSSocket): void {
  const read = socket.getPeerCertificate.bind(socket) as (
    detailed?: boolean,
  ) => DetailedPeerCertificate;
  socket.getPeerCertificate = (detailed?: boolean) => {
    try {
      return read(detailed);
    } catch {
      return {} as DetailedPeerCertificate;
    }
  };
}

/** What was found, or an error for a certificate that can't be read. */
function judged(verification: () => SSLError | null): SSLError | null {
  try {
    return verification();
  } catch (cause) {
    return unreadable(cause);
  }
}

function clientContext({ secure, trusted, defaults }: Profile): SecureContext {
  const tls = nodeTls();
  if (!defaults) {
    return tls.createSecureContext({ ...secure, ca: [...trusted] });
  }
  const context = tls.createSecureContext(secure);
  for (const each of trusted) context.context.addCACert(each);
  return context;
}

/** The error if a server is not to be trusted, in OpenSSL's order. */
function verify(
  socket: TLSSocket,
  profile: Profile,
  hostname: string | null,
): SSLError | null {
  const { defaults, checkHostname, commonNames } = profile;
  const chain = chainOf(socket);
  // A certificate of an earlier connection was perhaps not trusted then.
  if (chain.length === 0 || !defaults && socket.isSessionReused()) {
    return refusal(socket);
  }
  if (checkHostname && hostname === null) {
    return new SSLError(0, "check_hostname requires server_hostname");
  }
  return untrusted(
    socket,
    chain,
    profile,
    SERVER,
    (certificate) =>
      checkHostname ? mismatch(certificate, hostname!, commonNames) : null,
  );
}

/** The error if certificates don't lead to a trusted one, or aren't valid. */
function untrusted(
  socket: TLSSocket,
  chain: readonly Bytes[],
  { authorities, defaults, partial }: Profile,
  purpose: Purpose,
  check: (certificate: Identity) => SSLError | null = () => null,
): SSLError | null {
  const path = pathFrom(chain, authorities, { others: defaults, partial });
  if (path instanceof Error) return path;
  const identities = path.map(({ identity }) => identity);
  return misuse(identities, purpose) ?? check(identities[0]!) ??
    outdated(identities) ?? (socket.authorized ? null : refusal(socket));
}

/** The error if one of the certificates is not valid now. */
function outdated(path: readonly Identity[]): SSLError | null {
  const now = Date.now();
  for (const { notBefore, notAfter } of path) {
    // Also a time that can't be read makes it invalid.
    if (!(now >= notBefore)) return certificateError("CERT_NOT_YET_VALID");
    if (!(now <= notAfter)) return certificateError("CERT_HAS_EXPIRED");
  }
  return null;
}

/** What Deno has against a certificate. */
function refusal({ authorizationError }: TLSSocket): SSLError {
  return certificateError(authorizationError) ??
    certificateError("UNABLE_TO_GET_ISSUER_CERT_LOCALLY")!;
}

/** The certificates of the peer, its own first, in DER. */
function chainOf(socket: TLSSocket): Bytes[] {
  const chain: Bytes[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(
    true,
  );
  for (; next?.raw; next = next.issuerCertificate) {
    chain.push(Uint8Array.from(next.raw));
    if (next.issuerCertificate === next) break;
  }
  return chain;
}

/** Begins the handshake of a server; the stream has the client's first message. */
export function acceptTls(
  stream: Duplex,
  { profile }: Side,
  protocol: string | undefined,
  outcome: Outcome,
): void {
  const { verifyMode, trusted, defaults, secure } = profile;
  const ca = [...defaults ? defaultAuthorities() : [], ...trusted];
  const server = nodeTls().createServer({
    ...secure,
    // They are sent along.
    ...(ca.length > 0 && { ca }),
    requestCert: verifyMode !== CERT_NONE,
    // As for a client. It would be refused much later than its end is seen.
    rejectUnauthorized: false,
    // The time-out is the socket's.
    handshakeTimeout: -1,
    ...(protocol !== undefined && { ALPNProtocols: [protocol] }),
  });
  server.on("secureConnection", (socket) => {
    socket.on("error", (cause) => outcome.failed(cause));
    const error = verifyMode === CERT_NONE
      ? null
      : judged(() => verifyClient(socket, profile));
    if (!error) return outcome.secured(socket);
    outcome.refused(error);
    socket.destroy();
  });
  server.on("tlsClientError", (cause, socket) => {
    outcome.failed(
      certificateError(socket?.authorizationError, cause) ?? cause,
    );
  });
  server.emit("connection", stream);
}

/** The error if a client is not to be trusted. */
function verifyClient(
  socket: TLSSocket,
  profile: Profile,
): SSLError | null {
  const chain = chainOf(socket);
  if (chain.length === 0) {
    if (socket.getPeerX509Certificate()) return unreadable();
    return profile.verifyMode === CERT_REQUIRED
      ? sslError("PEER_DID_NOT_RETURN_A_CERTIFICATE")
      : null;
  }
  return untrusted(socket, chain, profile, CLIENT);
}
