// Which thread closes what, where it would go wrong only at one instant.

import { assertEquals } from "@std/assert";
import { errno, socket, thread } from "../mod.ts";
import { endpointOf } from "../socket/descriptors.ts";
import { transport } from "../socket/transport/default.ts";
import { terminate } from "../thread/pool.ts";
import { testIf } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { rejects } from "./raises.ts";
import { all } from "./thread_cases.ts";
import { text } from "./traffic.ts";
import { adopt } from "./native_threads.ts";
import { native } from "./transports.ts";

const here = { module: new URL("native_threads.ts", import.meta.url) };
if (native) await loadInWorker(here.module);

testIf(native, "a thread doesn't own what it was refused", async () => {
  try {
    const [a, b] = await socket.socketpair();
    using _ = a;
    const next = socket.socket();
    const fd = next.fileno();
    next.close();
    // The system gives the lowest free number.
    using file = await Deno.open("/dev/null", { read: true });
    thread.start_new_thread(adopt, [b, fd], null, here);
    assertEquals(await all(a), String(errno.ENOTSOCK));
    await terminate();
    await transport.idle?.();
    assertEquals(await file.read(new Uint8Array(1)), null);
  } finally {
    await terminate();
  }
});

testIf(
  native,
  "the receiver may close a descriptor before the sender gives it up",
  async () => {
    const { close } = (await import("../socket/transport/native/libc.ts")).libc;
    const [a, b] = await socket.socketpair();
    const second = a.dup();
    const fd = a.fileno();
    // The poller watches it.
    const received = a.recv(1);
    await b.sendall("x");
    await received;
    const { peer, ended } = transport.fork!();
    const lend = () => {
      throw new Error("lent");
    };
    const departure = endpointOf(fd).depart!(fd, { depart: lend, peer })!;
    close(fd);
    departure.send!();
    a.detach();
    // The same number, for the same socket.
    using third = second.dup();
    assertEquals(third.fileno(), fd);
    const rest = third.recv(9);
    await b.sendall("rest");
    assertEquals(text(await rest), "rest");
    b.close();
    second.close();
    await ended();
  },
);

testIf(native, "a departure that is called off changes nothing", async () => {
  const [a, b] = await socket.socketpair();
  const { peer, ended } = transport.fork!();
  const lend = () => {
    throw new Error("lent");
  };
  const fd = a.fileno();
  const received = a.recv(9);
  const departure = endpointOf(fd).depart!(fd, { depart: lend, peer })!;
  departure.cancel!();
  await b.sendall("still here");
  assertEquals(text(await received), "still her");
  await ended();
  assertEquals(text(await a.recv(1)), "e");
  a.close();
  b.close();
});

testIf(native, "sizes beyond what the kernel takes at once", async () => {
  const [a, b] = await socket.socketpair();
  // Memory that nothing writes to is none.
  const large = new Uint8Array(2 ** 32);
  await b.sendall("one");
  assertEquals(await a.recv_into(large), 3);
  await b.sendall("two");
  assertEquals(text((await a.recvfrom(2 ** 32))[0]), "two");
  await b.sendall("three");
  assertEquals(text(await a.recv(2 ** 32)), "three");
  b.setblocking(false);
  const sent = await b.send(large);
  assertEquals((await a.recv(sent, socket.MSG_WAITALL)).length, sent);
  assertEquals(await b.sendmsg([large]), sent);
  await rejects(errno.EAGAIN, b.send(large));
  a.close();
  b.close();
});
