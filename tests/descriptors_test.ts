import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { rejects, throws } from "./raises.ts";
import { some } from "./some.ts";
import { text } from "./traffic.ts";
import { native, testEach, testTcp } from "./transports.ts";

testEach(
  "fileno() is a small number that no other open socket has",
  async (net) => {
    const open = await Promise.all(
      Array.from({ length: 20 }, () => net.pair()),
    );
    const numbers = open.flat().map((s) => s.fileno());
    assertEquals(new Set(numbers).size, 40);
    for (const fd of numbers) {
      assert(Number.isInteger(fd));
      assertGreaterOrEqual(fd, 3);
      assertLessOrEqual(fd, 1000);
    }
    // Numbers come back, or they would not stay small.
    for (const [a] of open) a.close();
    const again = Array.from({ length: 20 }, () => net.socket());
    // Other tests of this process may get some of the system's.
    const highest = Math.max(...numbers);
    assert(again.some((s) => s.fileno() <= highest));
    const all = open.map(([, b]) => b).concat(again);
    assertEquals(new Set(all.map((s) => s.fileno())).size, 40);
    assertEquals(some(open)[0][0].fileno(), -1);
  },
);

testEach("detach() gives the descriptor away", async (net) => {
  const [a, b] = await net.pair();
  const fd = b.fileno();
  assertEquals(b.detach(), fd);
  assertEquals([b.closed, b.fileno(), b.detach()], [true, -1, -1]);
  await rejects(errno.EBADF, b.recv(1));

  const revived = net.track(socket.socket(-1, -1, -1, fd));
  assertEquals(revived.fileno(), fd);
  assertEquals([revived.family, revived.type], [a.family, a.type]);
  assertEquals(revived.getpeername(), a.getsockname());
  await revived.sendall("hello");
  assertEquals(text(await a.recv(10)), "hello");

  socket.close(revived.detach());
  // Later the number may be that of a socket of another test of this process.
  throws(errno.EBADF, () => socket.close(fd));
  assertEquals(await a.recv(1), new Uint8Array(0));
});

testTcp(
  "dup() and fromfd() share a connection, which the last one closes",
  async (net) => {
    const [a, b] = await net.pair();
    b.settimeout(2);
    const copy = net.track(b.dup());
    assertEquals(copy.timeout, 2);
    const other = net.track(
      socket.fromfd(b.fileno(), b.family, b.type, b.proto),
    );
    assertEquals(other.timeout, null);
    const bare = socket.dup(b.fileno());
    assertEquals(
      new Set([b.fileno(), copy.fileno(), other.fileno(), bare]).size,
      4,
    );
    for (const s of [copy, other]) {
      assertEquals(s.getsockname(), b.getsockname());
    }
    // Options and bytes belong to the connection, not to the descriptor.
    copy.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    assertEquals(b.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1);
    const received = copy.recv(2);
    b.close();
    await a.sendall("abcd");
    assertEquals(text(await received), "ab");
    copy.close();
    assertEquals(text(await other.recv(2)), "cd");
    other.close();
    const end = a.recv(1);
    assert(await net.waits(end));
    socket.close(bare);
    assertEquals(await end, new Uint8Array(0));
  },
);

test("unused numbers raise EBADF", () => {
  using s = socket.socket();
  // Another test of this process may take the system's lowest one.
  const gone = native ? 1019 : s.fileno();
  s.close();
  for (const fd of [gone, -1, 2 ** 31, 2 ** 40]) {
    throws(errno.EBADF, () => socket.dup(fd));
    throws(errno.EBADF, () => socket.fromfd(fd, 2, 1));
    throws(errno.EBADF, () => socket.close(fd));
    const revive = () => socket.socket(2, 1, 0, fd);
    if (fd < 0) assertThrows(revive, RangeError, "negative file descriptor");
    else throws(errno.EBADF, revive);
  }
  // To the system, 0 is the standard input.
  const code = native ? errno.ENOTSOCK : errno.EBADF;
  throws(code, () => socket.fromfd(0, 2, 1));
  throws(code, () => socket.socket(2, 1, 0, 0));
  for (const fd of ["3", 3.5, undefined, {}]) {
    assertThrows(() => socket.close(fd as number), TypeError);
    assertThrows(() => socket.dup(fd as number), TypeError);
    if (fd === undefined) continue;
    assertThrows(() => socket.socket(2, 1, 0, fd as number), TypeError);
  }
});

testEach("flags of the type say the mode, and are no part of it", (net) => {
  const { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } = socket;
  const { family } = net.socket();
  const timeouts = [0, SOCK_CLOEXEC, SOCK_NONBLOCK].map((flag) => {
    const made = net.track(socket.socket(family, SOCK_STREAM | flag));
    const same = net.track(
      socket.fromfd(made.fileno(), family, SOCK_STREAM | flag),
    );
    const fd = made.detach();
    const revived = net.track(socket.socket(-1, SOCK_STREAM | flag, -1, fd));
    for (const s of [made, same, revived]) assertEquals(s.type, SOCK_STREAM);
    return [made, same, revived].map((s) => s.timeout);
  });
  const waits = [null, null, null];
  assertEquals(timeouts, [waits, waits, [0, 0, 0]]);
});

testEach("descriptors aren't inherited, unless it is asked for", (net) => {
  const s = net.socket();
  assertEquals(s.get_inheritable(), false);
  s.set_inheritable(false);
  if (native) {
    s.set_inheritable(true);
    assertEquals(s.get_inheritable(), true);
    assertEquals(net.track(s.dup()).get_inheritable(), false);
    s.set_inheritable(false);
  } else throws(errno.EOPNOTSUPP, () => s.set_inheritable(true));
  assertEquals(s.get_inheritable(), false);
  s.close();
  throws(errno.EBADF, () => s.get_inheritable());
  throws(errno.EBADF, () => s.set_inheritable(true));
});
