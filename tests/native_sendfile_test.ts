/**
 * Files that the kernel sends by itself.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { errno, socket } from "../mod.ts";
import type { Socket } from "../socket/mod.ts";
import { testIf } from "./cases.ts";
import { hasPython } from "./oracle.ts";
import { python } from "./peer.ts";
import { rejects } from "./raises.ts";
import { receiveAll } from "./traffic.ts";
import { native } from "./transports.ts";

const PATH = new URL(import.meta.url);
const CONTENT = await Deno.readFile(PATH);
/** A file that is larger than what any way holds. */
const LARGE = Deno.execPath();

/** A test that needs the native transport. */
function testNative(name: string, fn: () => Promise<void>): void {
  testIf(native, name, fn);
}

/** Two connected sockets that are closed with this. */
async function pair(): Promise<Disposable & { near: Socket; far: Socket }> {
  const [near, far] = await socket.socketpair();
  return {
    near,
    far,
    [Symbol.dispose]() {
      near.close();
      far.close();
    },
  };
}

/** An open file that the program can't read. */
async function unreadable(path: URL | string): Promise<Deno.FsFile> {
  const file = await Deno.open(path);
  file.read = () => Promise.reject(new Error("the program has read the file"));
  return file;
}

/** Where a file is. */
function position(file: Deno.FsFile): Promise<number> {
  return file.seek(0, Deno.SeekMode.Current);
}

testNative("a file doesn't pass through the program", async () => {
  using file = await unreadable(PATH);
  const parts = [[0, null], [7, null], [3, 50], [0, 1e9], [1e9, 5]] as const;
  for (const [offset, count] of parts) {
    const way = await pair();
    const sent = await way.near.sendfile(file, offset, count);
    const part = CONTENT.subarray(offset, offset + (count ?? CONTENT.length));
    assertEquals([sent, await position(file)], [part.length, offset + sent]);
    way.near.close();
    assertEquals(await receiveAll(way.far), part);
    way.far.close();
  }
});

testNative("the right file is found among others", async () => {
  using way = await pair();
  const files = await Promise.all(
    Array.from(
      { length: 20 },
      (_, index) => unreadable(index % 2 ? PATH : new URL("cases.ts", PATH)),
    ),
  );
  // All are of one file or the other, and at the same place.
  for (const index of [7, 7, 12, 1, 0, 19]) {
    const sent = await way.near.sendfile(files[index]!, 0, 40);
    assertEquals(sent, 40);
    const text = new TextDecoder().decode(await way.far.recv(100));
    assertEquals(text.includes("kernel"), index % 2 === 1, text);
    const moved = await Promise.all(files.map(position));
    assertEquals(moved.filter((place) => place > 0).length, 1);
    await files[index]!.seek(0, Deno.SeekMode.Start);
  }
  for (const file of files) file.close();
});

testNative("what the kernel doesn't send is read", async () => {
  using way = await pair();
  using zeros = await Deno.open("/dev/zero");
  assertEquals(await way.near.sendfile(zeros, 0, 1000), 1000);
  assertEquals(await way.far.recv(2000), new Uint8Array(1000));
  using folder = await Deno.open(new URL(".", PATH));
  await rejects(errno.EISDIR, way.near.sendfile(folder));
});

testNative("a time-out leaves the file behind what was sent", async () => {
  using way = await pair();
  using file = await unreadable(LARGE);
  way.near.settimeout(0.01);
  await rejects(null, way.near.sendfile(file, 1000));
  const end = await position(file);
  assertGreater(end, 1000);
  way.near.close();
  using same = await Deno.open(LARGE);
  await same.seek(1000, Deno.SeekMode.Start);
  const sent = new Uint8Array(end - 1000);
  assertEquals(await same.read(sent), sent.length);
  assertEquals(await receiveAll(way.far), sent);
});

testNative("a socket that is closed meanwhile ends the call", async () => {
  for (const which of ["near", "far"] as const) {
    using way = await pair();
    using file = await unreadable(LARGE);
    const sending = way.near.sendfile(file);
    // It is under way once there is something.
    await way.far.recv(1);
    way[which].close();
    const code = which === "near" ? errno.EBADF : errno.EPIPE;
    await rejects(code, sending);
    assertGreater(await position(file), 0);
  }
});

testNative(
  "a file that is closed meanwhile is sent, but not moved",
  async () => {
    using way = await pair();
    const file = await unreadable(LARGE);
    const count = 5_000_000;
    const sending = way.near.sendfile(file, 0, count);
    const ended = rejects(errno.EBADF, sending);
    // It is under way once there is something.
    await way.far.recv(1);
    file.close();
    const rest = await way.far.recv(count - 1, socket.MSG_WAITALL);
    assertEquals(rest.length, count - 1);
    await ended;
  },
);

testNative("a file goes to several sockets at the same time", async () => {
  using one = await pair();
  using two = await pair();
  using file = await unreadable(LARGE);
  const count = 5_000_000;
  const ways = [one, two];
  const [first, second] = await Promise.all([
    ...ways.map(({ far }) => far.recv(count, socket.MSG_WAITALL)),
    ...ways.map(({ near }) => near.sendfile(file, 1_000_000, count)),
  ]) as [Uint8Array, Uint8Array];
  assertEquals(first.length, count);
  assertEquals(first, second);
});

testIf(
  native && hasPython,
  "a large file arrives whole, and others have their turn",
  async () => {
    await using peer = python(
      `
import hashlib
with open(args[0], "rb") as file: expected = hashlib.sha256(file.read())
server = socket.create_server(("127.0.0.1", 0))
say(server.getsockname()[1])
conn, address = server.accept()
received = hashlib.sha256()
while data := conn.recv(1 << 20): received.update(data)
say(received.digest() == expected.digest())
`,
      LARGE,
    );
    const port = Number(await peer.line());
    using client = await socket.create_connection(["127.0.0.1", port]);
    using file = await unreadable(LARGE);
    const { size } = await file.stat();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    assertEquals(await client.sendfile(file), size);
    clearInterval(timer);
    client.close();
    assertEquals(await peer.line(), "True");
    await peer.rest();
    assert(turns > 1);
    assertLess(turns, size);
  },
);
