import { assert, assertEquals, assertRejects } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { rejects } from "./raises.ts";
import { pattern, receiveAll, receivePattern } from "./traffic.ts";
import { testEach } from "./transports.ts";

const PATH = new URL(import.meta.url);
const CONTENT = await Deno.readFile(PATH);

/** Where a file is. */
const at = (file: Deno.FsFile) => file.seek(0, Deno.SeekMode.Current);

/** A file that can't be moved about in. */
class Pipe implements socket.FileLike {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  // deno-lint-ignore require-await
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const part = this.#bytes.subarray(this.#at, this.#at + buffer.length);
    buffer.set(part);
    this.#at += part.length;
    return part.length || null;
  }
}

testEach("sendfile() sends a file, or a part of it", async (net) => {
  const size = CONTENT.length;
  const parts: [number | undefined, number | null | undefined, number][] = [
    [undefined, undefined, size],
    [0, null, size],
    [100, null, size - 100],
    [0, 100, 100],
    [33, 1, 1],
    [33, 100, 100],
    [33, size, size - 33],
    [size, null, 0],
    [size + 10, 5, 0],
  ];
  for (const timeout of [null, 60]) {
    for (const [offset, count, sent] of parts) {
      const [a, b] = await net.pair();
      a.settimeout(timeout);
      using file = await Deno.open(PATH);
      // The position of the file doesn't matter.
      await file.seek(7, Deno.SeekMode.Start);
      assertEquals(await a.sendfile(file, offset, count), sent);
      const start = offset ?? 0;
      assertEquals(await at(file), sent > 0 ? start + sent : start);
      a.close();
      assertEquals(
        await receiveAll(b),
        CONTENT.subarray(start, start + sent),
      );
    }
  }
});

testEach(
  "sendfile() sends any object with a file's reading methods",
  async (net) => {
    const [a, b] = await net.pair();
    const size = 5 * 1024 * 1024 + 3;
    // So that a block is taken in parts.
    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10_007);
    a.settimeout(60);
    const sent = a.sendfile(new Pipe(pattern(size)));
    await receivePattern(b, size);
    assertEquals(await sent, size);
    assertEquals(await a.sendfile(new Pipe(new Uint8Array(0))), 0);
    await assertRejects(() => a.sendfile(new Pipe(CONTENT), 1), TypeError);
  },
);

testEach("sendfile() leaves the file where it failed", async (net) => {
  const [a, b] = await net.pair();
  a.settimeout(0.01);
  // Large enough for no way to take it.
  const size = 64 * 1024 * 1024;
  const whole = pattern(size);
  let position = 0;
  const file: socket.FileLike = {
    // deno-lint-ignore require-await
    async read(buffer) {
      const part = whole.subarray(position, position + buffer.length);
      buffer.set(part);
      position += part.length;
      return part.length;
    },
    // deno-lint-ignore require-await
    async seek(offset) {
      return position = offset;
    },
  };
  await rejects(null, a.sendfile(file, 5));
  assert(position > 5 && position < size);
  const sent = position - 5;
  a.close();
  await receivePattern(b, sent, 5);
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testEach("sendfile() refuses the same arguments as Python's", async (net) => {
  const [a] = await net.pair();
  using file = await Deno.open(PATH);
  await assertRejects(() => a.sendfile(file, -1), RangeError);
  await assertRejects(() => a.sendfile(file, 0.5), TypeError);
  await assertRejects(() => a.sendfile(file, 0, 0), RangeError, "positive");
  await assertRejects(() => a.sendfile(file, 0, -1), RangeError, "positive");
  await assertRejects(() => a.sendfile(file, 0, 1.5), TypeError);
  for (const strange of [null, {}, "path"]) {
    await assertRejects(
      () => a.sendfile(strange as unknown as Deno.FsFile),
      TypeError,
    );
  }
  a.setblocking(false);
  await assertRejects(
    () => a.sendfile(file),
    RangeError,
    "non-blocking sockets are not supported",
  );
  const code = net.nativeUnix ? errno.ENOTCONN : errno.EPIPE;
  await rejects(code, net.socket().sendfile(file));
});

test("sendfile() is for streams", async () => {
  using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  using file = await Deno.open(PATH);
  await assertRejects(() => s.sendfile(file), RangeError, "SOCK_STREAM");
});

testEach("an error of the file is an OSError", async (net) => {
  const [a] = await net.pair();
  const closed = await Deno.open(PATH);
  closed.close();
  const error = await rejects(errno.EBADF, a.sendfile(closed));
  assert(error.cause instanceof Deno.errors.BadResource);
  using folder = await Deno.open(new URL(".", PATH));
  await rejects(errno.EISDIR, a.sendfile(folder));
  // The caller's own errors pass unchanged.
  const broken = { read: () => Promise.reject(new SyntaxError("mine")) };
  await assertRejects(() => a.sendfile(broken), SyntaxError, "mine");
});

testEach("impossible results of a file's read() are refused", async (net) => {
  const junk: [unknown, typeof RangeError | typeof TypeError][] = [
    [-1, RangeError],
    [65_537, RangeError],
    [Infinity, TypeError],
    [1.5, TypeError],
    [NaN, TypeError],
    [undefined, TypeError],
    ["1", TypeError],
    [1n, TypeError],
  ];
  for (const count of [null, 65_536]) {
    for (const [result, type] of junk) {
      const [a, b] = await net.pair();
      let calls = 0;
      const file: socket.FileLike = {
        // deno-lint-ignore require-await
        async read(buffer) {
          if (calls++ === 0) return buffer.length;
          // A loop would never end.
          return calls > 9 ? null : result as number;
        },
      };
      const sent = a.sendfile(file, 0, count === null ? null : 2 * count);
      const received = receiveAll(b);
      await assertRejects(() => sent, type);
      a.close();
      assertEquals([(await received).length, calls], [65_536, 2]);
    }
  }
});
