/**
 * Connections from a bound address, which `node:net` can open and `Deno.connect`
 * can't.
 *
 * @module
 */

import net from "node:net";
import { type InternetAddress, scopedHost } from "../../names/numeric.ts";
import type { Stream } from "./domain.ts";

/** Connects from one address to another. */
export function dialFrom(
  from: InternetAddress,
  to: InternetAddress,
  signal: AbortSignal,
): Promise<Stream> {
  const socket = new net.Socket({ allowHalfOpen: true });
  return new Promise<Stream>((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.connect({
      host: scopedHost(to),
      port: to[1],
      localAddress: scopedHost(from),
      localPort: from[1],
    }, () => {
      socket.off("error", reject);
      signal.removeEventListener("abort", abort);
      resolve(new NodeStream(socket));
    });
  });
}

/** A `net.Socket` with the methods of a `Deno.Conn`. */
class NodeStream implements Stream {
  readonly #socket: net.Socket;
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  readonly #uses = { reading: 0, writing: 0 };
  #error: Error | null = null;
  #ended = false;
  /** Reads keep the process alive. */
  #alive = true;
  /** The reads that wait, in their order. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.localAddr = addr(socket.localAddress!, socket.localPort!);
    this.remoteAddr = addr(socket.remoteAddress!, socket.remotePort!);
    socket.on("error", (error) => this.#error = error);
    socket.on("end", () => this.#ended = true);
    // Paused: the socket reads only what is asked for.
    socket.pause();
    this.#keepAlive();
  }

  /** As `Deno.Conn.ref`. */
  ref(): void {
    this.#alive = true;
    this.#keepAlive();
  }

  /** As `Deno.Conn.unref`. */
  unref(): void {
    this.#alive = false;
    this.#keepAlive();
  }

  /** Node's socket keeps the process alive by being open, Deno's by its use. */
  #keepAlive(): void {
    const { reading, writing } = this.#uses;
    if (writing > 0 || this.#alive && reading > 0) this.#socket.ref();
    else this.#socket.unref();
  }

  async #during<T>(use: "reading" | "writing", work: Promise<T>): Promise<T> {
    this.#uses[use]++;
    this.#keepAlive();
    try {
      return await work;
    } finally {
      this.#uses[use]--;
      this.#keepAlive();
    }
  }

  /** As `Deno.Conn.read`. */
  read(buffer: Uint8Array): Promise<number | null> {
    const read = this.#tail.then(() =>
      this.#during("reading", this.#take(buffer))
    );
    this.#tail = read.catch(() => {});
    return read;
  }

  async #take(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#socket.readableLength > 0) {
        const count = Math.min(buffer.length, this.#socket.readableLength);
        buffer.set(this.#socket.read(count));
        return count;
      }
      if (this.#error) throw this.#error;
      if (this.#ended) return null;
      if (this.#socket.destroyed) throw new Deno.errors.BadResource();
      // Asks for more. Node emits `end` only once all bytes were taken.
      this.#socket.read(0);
      await this.#event("readable", "end", "close");
    }
  }

  /** As `Deno.Conn.write`. */
  async write(data: Uint8Array): Promise<number> {
    if (this.#error) throw this.#error;
    if (this.#socket.destroyed) throw new Deno.errors.BadResource();
    const count = data.length;
    const written = new Promise<void>((resolve, reject) =>
      this.#socket.write(data, (error) => error ? reject(error) : resolve())
    );
    await this.#during("writing", written);
    return count;
  }

  /** As `Deno.Conn.closeWrite`. */
  async closeWrite(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#socket.end(resolve));
    await this.#during("writing", ended);
  }

  /** As `Deno.Conn.close`. */
  close(): void {
    this.#socket.destroy();
  }

  /** As `Deno.TcpConn.setNoDelay`. */
  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  /** As `Deno.TcpConn.setKeepAlive`. */
  setKeepAlive(on: boolean): void {
    this.#socket.setKeepAlive(on);
  }

  #event(...names: string[]): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        for (const name of names) this.#socket.off(name, done);
        resolve();
      };
      for (const name of names) this.#socket.once(name, done);
    });
  }
}

function addr(hostname: string, port: number): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}
