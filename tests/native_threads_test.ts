/**
 * Native sockets in threads: they go by their descriptors, and each is closed
 * once, whoever has it when it ends.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { errno, select, socket, thread } from "../mod.ts";
import { endpointOf } from "../socket/descriptors.ts";
import { transport } from "../socket/transport/default.ts";
import { terminate } from "../thread/pool.ts";
import { testIf } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { testNative } from "./native_programs.ts";
import { deno } from "./peer.ts";
import * as threads from "./programs/native_threads.ts";
import { block, step, type Steps, steps, taken } from "./programs/steps.ts";
import { pair } from "./thread_cases.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { native } from "./transports.ts";

const { start_new_thread } = thread;
const { MSG_PEEK, MSG_WAITALL, SHUT_WR } = socket;
const here = {
  module: new URL("programs/native_threads.ts", import.meta.url),
  dedicated: true,
};
if (native) await loadInWorker(here.module);

const NONE = new Uint8Array(0);

/** A test whose workers end with it. */
function testThreads(name: string, fn: () => Promise<void>): void {
  testIf(native, name, async () => {
    try {
      await fn();
    } finally {
      await terminate();
    }
  });
}

function told(): threads.Told {
  return new thread.SimpleQueue();
}

function road(): threads.Road {
  return new thread.SimpleQueue();
}

testThreads("a socket keeps its number and itself, both ways", async () => {
  const kinds = [
    socket.socket(),
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    socket.create_server(["127.0.0.1", 0]),
    ...await pair(),
    ...await socket.socketpair(),
  ];
  const [say, back] = [told(), road()];
  for (const s of kinds) {
    const before = threads.identity(s);
    start_new_thread(threads.identify, [s, say, back], null, here);
    assertEquals([s.closed, s.fileno()], [true, -1]);
    // The module was loaded with native sockets.
    assertEquals(await say.get(), `${before} native`);
    using same = await back.get();
    assertEquals(threads.identity(same), before);
  }
});

testThreads("a thread's own socket comes with its number", async () => {
  const [say, back] = [told(), road()];
  start_new_thread(threads.originate, [say, back], null, here);
  using s = await back.get();
  assertEquals(threads.identity(s), await say.get());
  assertEquals(text(await s.recv(100, MSG_WAITALL)), "from its peer");
});

testThreads("no byte passes through the main thread", async () => {
  const [a, b] = await pair();
  const [one, other] = [steps(), steps()];
  const count = 100_000;
  start_new_thread(threads.echo, [a, count, one], null, here);
  await taken(one, 1);
  start_new_thread(threads.call, [b, count, other], null, here);
  await taken(other, 1);
  // This thread does nothing any more.
  block(other, 2);
  assertEquals(Atomics.load(other, 0), 2);
});

testThreads("a socket goes from thread to thread through queues", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const roads = Array.from({ length: 4 }, road);
  for (let i = 0; i < 3; i++) {
    const args = [roads[i]!, roads[i + 1]!, ` ${i}`] as const;
    start_new_thread(threads.pass, args, null, here);
  }
  const before = threads.identity(conn);
  await client.sendall("abc");
  await roads[0]!.put(conn);
  using same = await roads[3]!.get();
  assertEquals(threads.identity(same), before);
  assertEquals(text(await client.recv(9, MSG_WAITALL)), "a 0b 1c 2");
  // And here it is used as if it had never been away.
  await client.sendall("end");
  assertEquals(text(await same.recv(10)), "end");
});

testThreads("a copy stays while the other one goes, and may end", async () => {
  const [client, conn] = await pair();
  using _ = client;
  using kept = conn.dup();
  const say = told();
  start_new_thread(threads.read, [conn, say], null, here);
  await client.sendall("for the thread");
  client.shutdown(SHUT_WR);
  assertEquals(await say.get(), "for the thread");
  // The thread has closed its own: this one is the connection still.
  await kept.sendall("kept");
  assertEquals(text(await client.recv(4, MSG_WAITALL)), "kept");
  kept.close();
  assertEquals(await client.recv(1), NONE);
});

testThreads("bytes that were looked at go along", async () => {
  const [client, conn] = await pair();
  using _ = client;
  await client.sendall("first, ");
  // More than there is: the kernel has to make room for it.
  conn.settimeout(0.01);
  await assertRejects(
    () => conn.recv(100, MSG_PEEK | MSG_WAITALL),
    socket.TimeoutError,
  );
  conn.settimeout(null);
  await client.sendall("second");
  client.shutdown(SHUT_WR);
  const say = told();
  start_new_thread(threads.read, [conn, say], null, here);
  assertEquals(await say.get(), "first, second");
});

testThreads("a listener goes, and comes back with a connection", async () => {
  const server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const back = road();
  start_new_thread(threads.accept, [server, back], null, here);
  using client = await socket.create_connection(address);
  using conn = await back.get();
  assertEquals(conn.getpeername(), client.getsockname());
  await conn.sendall("accepted there");
  assertEquals(text(await client.recv(100)), "accepted there");
  using same = await back.get();
  assertEquals(same.getsockname(), address);
  using next = await socket.create_connection(address);
  const [accepted] = await same.accept();
  accepted.close();
  assertEquals(await next.recv(1), NONE);
});

testThreads("a socket goes while it connects", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = socket.socket();
  client.setblocking(false);
  const code = await client.connect_ex(server.getsockname());
  assert([0, errno.EINPROGRESS].includes(code), String(code));
  const say = told();
  start_new_thread(threads.connected, [client, say], null, here);
  const [conn] = await server.accept();
  using _ = conn;
  assertEquals(await say.get(), "0");
  assertEquals(text(await conn.recv(100)), "connected");
});

testThreads("a socket that a call waits for stays", async () => {
  const [client, conn] = await pair();
  using _ = client;
  using _there = conn;
  const received = conn.recv(10);
  let message = "";
  try {
    start_new_thread(threads.read, [conn, told()], null, here);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "args[0]: Socket is in use by a call that waits");
  await client.sendall("here");
  assertEquals(text(await received), "here");
});

testThreads("what can't be sent leaves the socket as it was", async () => {
  const [client, conn] = await pair();
  using _ = client;
  using kept = conn;
  const poll = select.epoll();
  poll.register(conn, select.EPOLLIN);
  const before = threads.identity(conn);
  const args = [conn, { list: [() => {}] }] as const;
  try {
    start_new_thread(threads.read, args as never, null, here);
    throw new Error("It should have failed");
  } catch (error) {
    assert(error instanceof TypeError, String(error));
  }
  assertEquals(threads.identity(kept), before);
  const polled = poll.poll();
  await client.sendall("here");
  assertEquals((await polled).map(([s]) => s === conn), [true]);
  poll.close();
});

for (const end of ["close", "throw", "compute", "wait"] as const) {
  testThreads(`a worker's end closes all that it had (${end})`, async () => {
    const [client, conn] = await pair();
    using _ = client;
    const back = road();
    const at: Steps = steps();
    const prevent = (event: Event) => event.preventDefault();
    addEventListener("error", prevent);
    start_new_thread(threads.hold, [conn, back, at, end], null, here);
    const peer = await back.get();
    await taken(at, 1);
    const ended = end === "compute" || end === "wait" ? terminate() : null;
    // It isn't interrupted while it computes, and keeps what it has.
    if (end === "compute") step(at, 2);
    await ended;
    assertEquals(await client.recv(1), NONE);
    assertEquals(await peer.recv(1), NONE);
    peer.close();
    await transport.idle?.();
    removeEventListener("error", prevent);
  });
}

testNative("a worker's end leaves no wait of its poller", async () => {
  const program = new URL("programs/parked.ts", import.meta.url).pathname;
  await using child = deno(["--allow-all"], program);
  assertEquals(await child.rest(), "0\n");
});

testThreads("a thread that can't start closes what it was given", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const prevent = (event: Event) => event.preventDefault();
  addEventListener("error", prevent);
  const module = new URL("missing.ts", import.meta.url);
  start_new_thread(threads.read, [conn, told()], null, { module });
  assertEquals(await client.recv(1), NONE);
  removeEventListener("error", prevent);
});

testThreads("much goes through a thread whole", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const size = 3_000_000;
  start_new_thread(threads.echo, [conn, size, steps()], null, here);
  const sent = client.sendall(pattern(size));
  await receivePattern(client, size);
  await sent;
  assertEquals(await client.recv(1), NONE);
});

testNative("what can't go by its descriptor is lent", async () => {
  const program = new URL("programs/native_late.ts", import.meta.url).pathname;
  const flags = ["--allow-net=127.0.0.1", "--allow-read", "--allow-ffi"];
  await using child = deno(flags, program);
  assertEquals((await child.rest()).split("\n"), [
    ...["over Deno, and back", "0", "FROM THE THREAD", "0"],
    ...["native, to an early thread, and back", "0"],
    "part, and the rest",
    ...["FROM THE THREAD", "0"],
    "over Deno, to a native thread, and back",
    ...["END", ""],
  ]);
});

testThreads("bytes that were put back go once, or not at all", async () => {
  const [a, b] = await socket.socketpair();
  const twin = b.dup();
  endpointOf(b.fileno()).putBack!(new TextEncoder().encode("abc"));
  const say = told();
  const unsendable = Symbol() as unknown as threads.Told;
  const args: Parameters<typeof threads.drain> = [b, twin, unsendable];
  assertThrows(() => start_new_thread(threads.drain, args, null, here));
  assertEquals(text(await twin.recv(9, MSG_PEEK)), "abc");
  a.close();
  start_new_thread(threads.drain, [b, twin, say], null, here);
  assertEquals(await say.get(), "abc");
});
