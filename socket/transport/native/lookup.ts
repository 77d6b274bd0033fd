/**
 * Addresses of names: `getaddrinfo(3)`, on this thread or another one.
 *
 * @module
 */

import { EAI_SYSTEM } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { pton4, pton6 } from "../../names/inet.ts";
import { exhausted, gaiError } from "../../names/lookup_errors.ts";
import {
  fromInternet,
  type InternetAddress,
  toInternet,
} from "../../names/numeric.ts";
import type { Found, Hints } from "../../names/resolver.ts";
import type { Endpoint, SocketAddress } from "../transport.ts";
import { ADDRINFO, POINTER } from "./layout.ts";
import { lastErrno, libc } from "./libc.ts";
import {
  bytesAt,
  Memory,
  pointerAt,
  terminated,
  textAt,
  viewAt,
} from "./memory.ts";
import { checkName, isInternet } from "./permissions.ts";
import { AddressBuffer } from "./sockaddr.ts";
import { offThread } from "./turns.ts";

/** A question to the resolver: hints, a pointer to the answer, and the texts. */
class Question implements Disposable {
  readonly #memory: Memory;
  readonly #arguments: [bigint, bigint, bigint, bigint];

  constructor(name: string | null, service: string | null, hints: Hints) {
    const texts = [name, service].map((text) =>
      text === null ? null : terminated(text)
    );
    const result = ADDRINFO.size;
    let end = result + POINTER;
    const offsets = texts.map((text) => {
      const offset = end;
      end += text?.length ?? 0;
      return offset;
    });
    const memory = this.#memory = new Memory(end);
    const { family = 0, type = 0, proto = 0, flags = 0 } = hints;
    const header = Int32Array.of(flags, family, type, proto);
    memory.write(0, new Uint8Array(header.buffer));
    const [node, port] = texts.map((text, index) => {
      if (text === null) return 0n;
      memory.write(offsets[index]!, text);
      return memory.at(offsets[index]!);
    }) as [bigint, bigint];
    this.#arguments = [node, port, memory.at(0), memory.at(result)];
  }

  /** Asks on another thread. */
  async ask(): Promise<Found[]> {
    const code = await offThread(() =>
      libc.getaddrinfo_off(...this.#arguments)
    );
    // The number of the error is that thread's own, so it is asked again here.
    return code === EAI_SYSTEM ? this.askNow() : this.#answer(code);
  }

  /** Asks on this thread. */
  askNow(): Found[] {
    const code = libc.getaddrinfo(...this.#arguments);
    if (code === EAI_SYSTEM) throw new OSError(lastErrno());
    return this.#answer(code);
  }

  #answer(code: number): Found[] {
    if (code !== 0) throw exhausted() ?? gaiError(code);
    const first = pointerAt(this.#arguments[3]);
    try {
      return entriesAt(first);
    } finally {
      libc.freeaddrinfo(first);
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}

/** The list that begins at an address. */
function entriesAt(address: bigint): Found[] {
  const found: Found[] = [];
  while (address !== 0n) {
    const entry = viewAt(address, ADDRINFO.size);
    found.push({
      family: entry.getInt32(ADDRINFO.family, true),
      type: entry.getInt32(ADDRINFO.type, true),
      proto: entry.getInt32(ADDRINFO.proto, true),
      canonname: textAt(entry.getBigUint64(ADDRINFO.canonname, true)),
      address: addressAt(
        entry.getBigUint64(ADDRINFO.address, true),
        entry.getUint32(ADDRINFO.addressLength, true),
      ),
    });
    address = entry.getBigUint64(ADDRINFO.next, true);
  }
  return found;
}

const buffer = new AddressBuffer();

function addressAt(address: bigint, length: number): SocketAddress {
  buffer.bytes.set(bytesAt(address, length));
  buffer.length[0] = length;
  return buffer.address!;
}

/** The ways to reach a service, found on another thread. */
export async function search(
  name: string | null,
  service: string | null,
  hints: Hints,
): Promise<Found[]> {
  using question = new Question(name, service, hints);
  return await question.ask();
}

/**
 * An address whose host may still be a name, and that name. The look-up holds
 * this thread up, as Python's `bind()` does.
 */
export function resolveNow(
  { family, type }: Endpoint,
  address: SocketAddress,
): { found: SocketAddress; name?: string } {
  if (!isInternet(family)) return { found: address };
  const [host, port, flowinfo, scope_id] = toInternet(address);
  if (pton4(host) ?? pton6(host)) return { found: address };
  checkName(host, port);
  using question = new Question(host, null, { family, type });
  const [{ address: first } = { address }] = question.askNow();
  const [numeric, , , scope = 0] = toInternet(first);
  const parts = scope_id === undefined
    ? [numeric, port]
    : [numeric, port, flowinfo, scope_id || scope];
  return { found: fromInternet(parts as InternetAddress), name: host };
}
