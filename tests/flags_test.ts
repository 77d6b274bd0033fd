import { assert, assertEquals } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { persist, rejects } from "./raises.ts";
import { pattern, text } from "./traffic.ts";
import { testEach, testOverDeno } from "./transports.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } = socket;

testEach("MSG_PEEK leaves the bytes in place", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("abc");
  assertEquals(text(await b.recv(2, MSG_PEEK)), "ab");
  const buffer = new Uint8Array(10);
  assertEquals(await b.recv_into(buffer, 0, MSG_PEEK), 3);
  assertEquals(text(buffer.subarray(0, 3)), "abc");
  assertEquals(text(await b.recv(10)), "abc");
});

testEach("MSG_PEEK sees bytes that arrive behind unread ones", async (net) => {
  const [a, b] = await net.pair();
  for (const timeout of [null, 5, 0]) {
    b.settimeout(timeout);
    let seen = "";
    for (let sent = 0; seen.length < 5;) {
      if (sent++ < 5) await a.sendall("abcde".charAt(sent - 1));
      seen = text(await persist(() => b.recv(5, MSG_PEEK)));
      assertEquals(seen, "abcde".slice(0, seen.length));
      await net.tick();
    }
    assertEquals(text(await b.recv(10)), "abcde");
  }
});

testEach("MSG_WAITALL waits for all, or for the end", async (net) => {
  const [a, b] = await net.pair();
  const buffer = new Uint8Array(6);
  for (
    const receive of [
      () => b.recv(6, MSG_WAITALL),
      () => b.recv_into(buffer, 0, MSG_WAITALL).then(() => buffer),
    ]
  ) {
    const received = receive();
    await a.sendall("ab");
    await net.tick();
    await a.sendall("cd");
    assert(await net.waits(received));
    await a.sendall("efgh");
    assertEquals(text(await received), "abcdef");
    assertEquals(text(await b.recv(10)), "gh");
  }
  const size = 1024 * 1024;
  const [large] = await Promise.all([
    b.recv(size, MSG_WAITALL),
    a.sendall(pattern(size)),
  ]);
  assertEquals(large, pattern(size));
  const last = b.recv(6, MSG_WAITALL);
  await a.sendall("ij");
  a.close();
  assertEquals(text(await last), "ij");
});

testEach(
  "MSG_PEEK with MSG_WAITALL waits for all and leaves it in place",
  async (net) => {
    const [a, b] = await net.pair();
    await a.sendall("abc");
    const peeked = b.recv(6, MSG_PEEK | MSG_WAITALL);
    assert(await net.waits(peeked));
    await a.sendall("defgh");
    assertEquals(text(await peeked), "abcdef");
    assertEquals(text(await b.recv(8, MSG_WAITALL)), "abcdefgh");
    const end = b.recv(6, MSG_PEEK | MSG_WAITALL);
    await a.sendall("ij");
    a.close();
    assertEquals(text(await end), "ij");
    assertEquals(text(await b.recv(6)), "ij");
  },
);

testEach(
  "MSG_WAITALL takes the available bytes when it may not wait",
  async (net) => {
    const [a, b] = await net.pair();
    await a.sendall("abc");
    const flags = MSG_WAITALL | MSG_DONTWAIT;
    assertEquals(text(await persist(() => b.recv(6, flags))), "abc");
    await rejects(errno.EAGAIN, b.recv(6, flags));
    b.setblocking(false);
    await a.sendall("def");
    assertEquals(text(await persist(() => b.recv(6, MSG_WAITALL))), "def");
    // A time-out loses no received bytes.
    b.settimeout(0.05);
    await a.sendall("ghi");
    assertEquals(text(await b.recv(6, MSG_WAITALL)), "ghi");
    await rejects(null, b.recv(6, MSG_WAITALL));
  },
);

// Each transport decides which flags it takes.
testOverDeno("other flags raise EOPNOTSUPP", async (net) => {
  const [a, b] = await net.pair();
  const { MSG_ERRQUEUE, MSG_MORE, MSG_NOSIGNAL, MSG_OOB, MSG_TRUNC } = socket;
  for (const flags of [MSG_OOB, MSG_ERRQUEUE, MSG_TRUNC | MSG_PEEK]) {
    await rejects(errno.EOPNOTSUPP, b.recv(1, flags));
    await rejects(errno.EOPNOTSUPP, b.recv_into(new Uint8Array(1), 0, flags));
    await rejects(errno.EOPNOTSUPP, b.recv(1, flags | MSG_WAITALL));
  }
  for (const flags of [MSG_OOB, MSG_MORE, MSG_PEEK]) {
    await rejects(errno.EOPNOTSUPP, a.send("a", flags));
    await rejects(errno.EOPNOTSUPP, a.sendall("a", flags));
  }
  // There is no SIGPIPE, so MSG_NOSIGNAL is always obeyed.
  assertEquals(await a.send("b", MSG_NOSIGNAL), 1);
  assertEquals(text(await b.recv(10)), "b");
});

testOverDeno("messages name flags as programs do", async (net) => {
  const [a] = await net.pair();
  const { MSG_CONFIRM, MSG_ERRQUEUE, MSG_OOB } = socket;
  for (
    const call of [
      () => a.recv(1, MSG_OOB | MSG_ERRQUEUE),
      () => a.send("x", MSG_OOB | MSG_ERRQUEUE),
    ]
  ) {
    const { message } = await rejects(errno.EOPNOTSUPP, call());
    assert(message.endsWith(" MSG_OOB | MSG_ERRQUEUE"), message);
  }
  const unnamed = 0x10_0000 | MSG_CONFIRM;
  const { message } = await rejects(errno.EOPNOTSUPP, a.send("x", unnamed));
  assert(message.endsWith(" MSG_CONFIRM | 0x100000"), message);
});
