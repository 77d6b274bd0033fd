/**
 * Handshakes of Node's TLS over a stream.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type {
  DetailedPeerCertificate,
  PeerCertificate,
  TLSSocket,
} from "node:tls";
import { nodeTls } from "./builtin.ts";
import { identity } from "./certificate.ts";
import { forgery } from "./chain.ts";
import { CERT_NONE, CERT_REQUIRED } from "./constants.ts";
import type { SSLCertVerificationError } from "./errors.ts";
import { mismatch, numericAddress } from "./hostname.ts";
import type { Profile, Side } from "./profile.ts";
import { certificateError } from "./reasons.ts";

/** Gets the connection once the handshake is done. */
type Secured = (socket: TLSSocket) => void;
/** Gets the error of the handshake, or one that comes later. */
type Failed = (cause: unknown) => void;

/** Begins the handshake of a client. */
export function connectTls(
  stream: Duplex,
  { profile, hostname }: Side,
  secured: Secured,
  failed: Failed,
): void {
  const verifies = profile.verifyMode !== CERT_NONE;
  const tls = nodeTls();
  const secureContext = tls.createSecureContext(profile.secure);
  for (const each of profile.additional) secureContext.context.addCACert(each);
  const named = hostname !== null && numericAddress(hostname) === null;
  const socket = tls.connect({
    socket: stream,
    secureContext,
    ...(named && { servername: hostname }),
    rejectUnauthorized: verifies,
    checkServerIdentity: (_host, certificate) =>
      verifies
        ? verify(certificate, profile, hostname) ?? undefined
        : undefined,
    ...(profile.protocols.length > 0 &&
      { ALPNProtocols: [...profile.protocols] }),
  });
  socket.on("secureConnect", () => secured(socket));
  socket.on("error", failed);
}

/** What Node's TLS leaves to be verified once it trusts who issued it. */
function verify(
  peer: PeerCertificate,
  { secure, additional, checkHostname, commonNames }: Profile,
  hostname: string | null,
): SSLCertVerificationError | null {
  const chain = chainOf(peer as DetailedPeerCertificate);
  const trusted = [...(secure.ca as string[] | undefined) ?? [], ...additional];
  const forged = trusted.length > 0 ? forgery(chain, trusted) : null;
  if (forged) return forged;
  const certificate = identity(chain[0]!);
  const now = Date.now();
  // Deno takes a certificate that is trusted itself without another look.
  if (now < certificate.notBefore) {
    return certificateError("CERT_NOT_YET_VALID");
  }
  if (now > certificate.notAfter) return certificateError("CERT_HAS_EXPIRED");
  return checkHostname && hostname !== null
    ? mismatch(certificate, hostname, commonNames)
    : null;
}

/** A certificate and those of its issuers, in DER. */
function chainOf(peer: DetailedPeerCertificate): Uint8Array<ArrayBuffer>[] {
  const chain = [];
  let next: DetailedPeerCertificate | undefined = peer;
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
  secured: Secured,
  failed: Failed,
): void {
  const { verifyMode } = profile;
  const server = nodeTls().createServer({
    ...profile.secure,
    requestCert: verifyMode !== CERT_NONE,
    rejectUnauthorized: verifyMode === CERT_REQUIRED,
    // The time-out is the socket's.
    handshakeTimeout: -1,
    ...(protocol !== undefined && { ALPNProtocols: [protocol] }),
  });
  server.on("secureConnection", (socket) => {
    socket.on("error", failed);
    // A certificate need not be there, but if it is there it counts.
    const error = verifyMode !== CERT_NONE && hasCertificate(socket)
      ? certificateError(socket.authorizationError)
      : null;
    if (!error) return secured(socket);
    socket.destroy();
    failed(error);
  });
  server.on("tlsClientError", (error, socket) => {
    failed(certificateError(socket?.authorizationError, error) ?? error);
  });
  server.emit("connection", stream);
}

function hasCertificate(socket: TLSSocket): boolean {
  return Object.keys(socket.getPeerCertificate()).length > 0;
}
