/**
 * The first message of a client, which tells a server what the client knows.
 *
 * @module
 */

import { concat, latin1 } from "../bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The first message of a client, as far as a server has to know it. */
export interface ClientHello {
  /** The host that the client asks for. */
  readonly serverName: string | null;
  /** The protocols that it offers, most wanted first. */
  readonly protocols: readonly string[];
}

/** What came is no message of TLS. */
export type NotTls =
  | "HTTP_REQUEST"
  | "HTTPS_PROXY_REQUEST"
  | "WRONG_VERSION_NUMBER";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;

/** Longer ones exist only to cause trouble. */
const LONGEST = 64 * 1024;

/** So do those in more records. */
const MOST_RECORDS = 64;

/**
 * Reads the message that `bytes` begin with. If there is more to come, it is how
 * many bytes there have to be before it is worth another look; `null` if Node's
 * TLS had better say what is wrong with it.
 */
export function readHello(
  bytes: Bytes,
): ClientHello | NotTls | null | number {
  const start = latin1(bytes.subarray(0, 8));
  if (/^(GET|POST|HEAD|PUT) /.test(start)) return "HTTP_REQUEST";
  if (/^CONNE/.test(start)) return "HTTPS_PROXY_REQUEST";
  if (bytes.length < RECORD_HEADER) return RECORD_HEADER;
  if (bytes[0] !== HANDSHAKE || bytes[1] !== 3) return "WRONG_VERSION_NUMBER";
  const message = messageIn(bytes);
  if (typeof message === "number") return message;
  if (message === null) return null;
  try {
    return parse(new Fields(message.subarray(MESSAGE_HEADER)));
  } catch {
    return null;
  }
}

/** The first message, which may be spread over several records. */
function messageIn(bytes: Bytes): Bytes | number | null {
  const parts: Bytes[] = [];
  let at = 0;
  while (at + RECORD_HEADER <= bytes.length) {
    if (bytes.length >= LONGEST || parts.length === MOST_RECORDS) return null;
    const length = bytes[at + 3]! << 8 | bytes[at + 4]!;
    const start = at + RECORD_HEADER;
    at = start + length;
    parts.push(bytes.subarray(start, at));
    const joined = concat(parts);
    if (joined.length >= MESSAGE_HEADER) {
      const [type, high, middle, low] = joined as unknown as number[];
      const whole = MESSAGE_HEADER + (high! << 16 | middle! << 8 | low!);
      if (type !== CLIENT_HELLO || whole > LONGEST) return null;
      if (joined.length >= whole) return joined.subarray(0, whole);
    }
    if (at > bytes.length) return at;
  }
  return at + RECORD_HEADER;
}

/** Numbers and vectors, one behind the other. */
class Fields {
  #rest: Bytes;

  constructor(bytes: Bytes) {
    this.#rest = bytes;
  }

  get empty(): boolean {
    return this.#rest.length === 0;
  }

  bytes(count: number): Bytes {
    if (count > this.#rest.length) throw new RangeError();
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return bytes;
  }

  number(size: number): number {
    return this.bytes(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** A vector behind its length, which is a number of `size` bytes. */
  vector(size: number): Fields {
    return new Fields(this.bytes(this.number(size)));
  }

  text(size: number): string {
    return latin1(this.bytes(this.number(size)));
  }
}

function parse(fields: Fields): ClientHello {
  fields.bytes(2 + 32); // The version and a random number.
  fields.vector(1); // The session.
  fields.vector(2); // The ciphers.
  fields.vector(1); // The compressions.
  let serverName = null;
  const protocols: string[] = [];
  const extensions = fields.empty ? fields : fields.vector(2);
  while (!extensions.empty) {
    const type = extensions.number(2);
    const extension = extensions.vector(2);
    if (type === SERVER_NAME && !extension.empty) {
      const names = extension.vector(2);
      names.number(1);
      serverName = names.text(2);
    } else if (type === ALPN) {
      const names = extension.vector(2);
      while (!names.empty) protocols.push(names.text(1));
    }
  }
  return { serverName, protocols };
}
