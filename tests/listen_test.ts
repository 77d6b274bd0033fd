import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { bound, type Inet } from "./bound.ts";
import { test } from "./cases.ts";
import { rejects, throws } from "./raises.ts";
import { testEach, testTcp } from "./transports.ts";

test("between bind() and listen() clients are refused", async () => {
  using server = bound();
  const address = server.getsockname();
  using client = socket.socket();
  const error = await rejects(errno.ECONNREFUSED, client.connect(address));
  assertInstanceOf(error, socket.ConnectionRefusedError);
  assertEquals(await client.connect_ex(address), errno.ECONNREFUSED);
  await rejects(errno.EINVAL, server.accept());
  server.listen();
  // The failed call hasn't changed the client.
  await client.connect(address);
  const [conn] = await server.accept();
  conn.close();
});

test("listen() without an address takes a free one", async () => {
  using server = socket.socket();
  server.listen();
  const [host, port] = server.getsockname() as Inet;
  assertEquals(host, "0.0.0.0");
  using client = await socket.create_connection(["127.0.0.1", port]);
  const [conn] = await server.accept();
  assertEquals(conn.getsockname(), client.getpeername());
  conn.close();
});

testEach("listen() may be repeated, but not on a connection", async (net) => {
  const server = net.listener();
  const name = server.getsockname();
  server.listen(3);
  assertEquals(server.getsockname(), name);
  const [a, b] = await net.pair();
  throws(errno.EINVAL, () => a.listen());
  throws(errno.EINVAL, () => b.listen(1));
  for (const wrong of ["1", 1.5, null, {}]) {
    assertThrows(() => server.listen(wrong as number), TypeError);
  }
});

testTcp("connections beyond the backlog wait", async (net) => {
  const clients = async (backlog: number) => {
    const server = net.listener(backlog);
    const limit = backlog + 5;
    for (let count = 0; count < limit; count++) {
      const client = net.socket();
      client.settimeout(0.1);
      try {
        await client.connect(server.getsockname());
      } catch (error) {
        assertInstanceOf(error, socket.TimeoutError);
        assertEquals(error.errno, null);
        return count;
      }
    }
    return limit;
  };
  for (const backlog of [-1, 0, 1, 4]) {
    const count = await clients(backlog);
    // Linux accepts one more than the backlog.
    assert(Math.max(1, backlog) <= count, `${count} of ${backlog}`);
    assertLessOrEqual(count, Math.max(0, backlog) + 1);
  }
});

testEach(
  "listeners and connected sockets can't connect",
  async (net) => {
    const server = net.listener();
    const [a, b] = await net.pair();
    for (const s of [a, b, server]) {
      const code = net.nativeUnix && s === server
        ? errno.EINVAL
        : errno.EISCONN;
      await rejects(code, s.connect(server.getsockname()));
      assertEquals(await s.connect_ex(server.getsockname()), code);
    }
  },
);
