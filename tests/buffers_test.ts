import { assert, assertEquals, assertRejects } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { rejects } from "./raises.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { testEach } from "./transports.ts";

const { SHUT_RD, SHUT_WR } = socket;

/** Takes the memory of a buffer away, as sending it to a worker does. */
function detach(buffer: Uint8Array<ArrayBuffer>): void {
  structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
}

testEach(
  "a buffer is no longer used after shutdown(SHUT_RD)",
  async (net) => {
    for (const timeout of [null, 60]) {
      const [a, b] = await net.pair();
      b.settimeout(timeout);
      const buffer = new Uint8Array(4);
      const received = b.recv_into(buffer);
      assert(await net.waits(received));
      b.shutdown(SHUT_RD);
      assertEquals(await received, 0);
      buffer.fill(7);
      // Within the machine the sender hears that nobody receives.
      if (net.nativeUnix) await rejects(errno.EPIPE, a.sendall("late"));
      else await a.sendall("late");
      await net.tick();
      assertEquals(buffer, new Uint8Array(4).fill(7));
    }
  },
);

testEach("a buffer is no longer used after close()", async (net) => {
  const [a, b] = await net.pair();
  a.setblocking(false);
  // Enough data that the closed connection stays open to deliver it.
  const sent = await fill(a);
  a.setblocking(true);
  const buffer = new Uint8Array(4);
  const received = a.recv_into(buffer).catch(() => -1);
  assert(await net.waits(received));
  a.close();
  assertEquals(await received, -1);
  buffer.fill(7);
  await b.sendall("late").catch(() => {});
  await net.tick();
  assertEquals(buffer, new Uint8Array(4).fill(7));
  await receivePattern(b, sent).catch(() => {});
});

testEach(
  "detaching a buffer to receive into loses no bytes",
  async (net) => {
    const calls = [
      (s: socket.Socket, buffer: Uint8Array<ArrayBuffer>) =>
        s.recv_into(buffer),
      (s: socket.Socket, buffer: Uint8Array<ArrayBuffer>) =>
        s.recv_into(buffer, 0, socket.MSG_WAITALL),
      (s: socket.Socket, buffer: Uint8Array<ArrayBuffer>) =>
        s.recvfrom_into(buffer),
      (s: socket.Socket, buffer: Uint8Array<ArrayBuffer>) =>
        s.recvmsg_into([buffer]),
    ];
    for (const timeout of [null, 60]) {
      for (const call of calls) {
        const [a, b] = await net.pair();
        b.settimeout(timeout);
        const buffer = new Uint8Array(5);
        const received = call(b, buffer).catch((error) => error);
        assert(await net.waits(received));
        detach(buffer);
        await a.sendall("hello");
        const error = await received;
        assert(error instanceof TypeError, String(error));
        assert(/detached/.test(error.message), error.message);
        assertEquals(text(await b.recv(5, socket.MSG_WAITALL)), "hello");
      }
    }
  },
);

testEach(
  "shrinking a buffer while it is received into loses no bytes",
  async (net) => {
    const [a, b] = await net.pair();
    const memory = new ArrayBuffer(100, { maxByteLength: 100 });
    const received = b.recv_into(new Uint8Array(memory)).catch((error) =>
      error
    );
    assert(await net.waits(received));
    memory.resize(2);
    await a.sendall("hello");
    assert(await received instanceof TypeError);
    assertEquals(text(await b.recv(5, socket.MSG_WAITALL)), "hello");
  },
);

testEach(
  "detaching a buffer while it is sent fails that call alone",
  async (net) => {
    for (const timeout of [null, 60]) {
      const [a, b] = await net.pair();
      a.settimeout(timeout);
      const large = pattern(64 * 1024 * 1024);
      const sent = a.sendall(large).catch((error) => error);
      assert(await net.waits(sent));
      const next = a.sendall("next").then(() => a.shutdown(SHUT_WR));
      detach(large);
      const received = await receiveAll(b);
      const error = await sent;
      assert(error instanceof TypeError, String(error));
      assert(/detached/.test(error.message), error.message);
      await next;
      assertEquals(text(received.subarray(-4)), "next");
    }
  },
);

testEach("a buffer that shrinks while it is sent", async (net) => {
  const [a, b] = await net.pair();
  const memory = new ArrayBuffer(1 << 26, { maxByteLength: 1 << 26 });
  const sent = a.sendall(new Uint8Array(memory)).catch((error) => error);
  assert(await net.waits(sent));
  memory.resize(2);
  const next = a.sendall("next").then(() => a.shutdown(SHUT_WR));
  const received = await receiveAll(b);
  assert(await sent instanceof TypeError);
  await next;
  assertEquals(text(received.subarray(-4)), "next");
});

test("a buffer detached while its datagram is sent", async () => {
  using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  receiver.bind(["127.0.0.1", 0]);
  receiver.settimeout(10);
  for (const timeout of [null, 60, 0]) {
    using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    sender.settimeout(timeout);
    // The address is looked up first.
    const first = new Uint8Array(100);
    const sent = sender.sendto(first, receiver.getsockname());
    detach(first);
    const error = await assertRejects(() => sent, TypeError);
    assert(/detached/.test(error.message), error.message);
    // A datagram is sent as it was when the call began.
    await sender.connect(receiver.getsockname());
    const second = pattern(100);
    const two = sender.send(second);
    detach(second);
    assertEquals(await two, 100);
    assertEquals(await receiver.recv(200), pattern(100));
    await sender.send("next");
    assertEquals(text(await receiver.recv(10)), "next");
  }
});
