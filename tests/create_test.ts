import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { nobody } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { hasPython, python as ask } from "./oracle.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const {
  AF_INET,
  AF_INET6,
  create_connection,
  create_server,
  IPPROTO_TCP,
  SO_REUSEADDR,

  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} = socket;

/** No host stands for both loopback addresses, IPv6's first. */
const BOTH = null as unknown as string;

const hasDualStack = socket.has_dualstack_ipv6();
if (!hasDualStack) {
  console.warn("No IPv6 here: the tests of both families are ignored.");
}

function testDualStack(name: string, fn: () => void | Promise<void>): void {
  testIf(hasDualStack, name, fn);
}

function port(s: socket.Socket): number {
  return s.getsockname()[1] as number;
}

/** The next client of a server. */
async function accepted(server: socket.Socket): Promise<socket.Socket> {
  const [conn] = await server.accept();
  return conn;
}

// socket()

test("socket() makes a stream over IPv4 unless told otherwise", () => {
  const describe = (
    { family, type, proto }: socket.Socket,
  ) => [family, type, proto];
  using plain = socket.socket();
  assertEquals(describe(plain), [AF_INET, SOCK_STREAM, 0]);
  using same = socket.socket(-1, -1, -1);
  assertEquals(describe(same), [AF_INET, SOCK_STREAM, 0]);
  using six = socket.socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  assertEquals(describe(six), [AF_INET6, SOCK_STREAM, IPPROTO_TCP]);
  assertInstanceOf(plain, socket.Socket);
  assertInstanceOf(plain, socket.SocketType);
});

testIf(!native, "families and types that Deno doesn't have are refused", () => {
  const cases: [number, number, number, number][] = [
    [9999, SOCK_STREAM, 0, errno.EAFNOSUPPORT],
    [socket.AF_PACKET, SOCK_RAW, 0, errno.EAFNOSUPPORT],
    [AF_INET, SOCK_RAW, 0, errno.ESOCKTNOSUPPORT],
    [AF_INET, socket.SOCK_RDM, 0, errno.ESOCKTNOSUPPORT],
    [AF_INET, SOCK_STREAM, socket.IPPROTO_UDP, errno.EPROTONOSUPPORT],
    [AF_INET, SOCK_STREAM, 9999, errno.EPROTONOSUPPORT],
  ];
  for (const [family, type, proto, number] of cases) {
    throws(number, () => socket.socket(family, type, proto));
  }
  for (const wrong of ["2", null, 1.5, {}] as number[]) {
    assertThrows(() => socket.socket(wrong), TypeError);
    assertThrows(() => socket.socket(AF_INET, wrong), TypeError);
    assertThrows(() => socket.socket(AF_INET, SOCK_STREAM, wrong), TypeError);
  }
});

// create_connection()

test("create_connection() connects by address and by name", async () => {
  using server = create_server(["127.0.0.1", 0]);
  for (const host of ["127.0.0.1", "localhost"]) {
    using client = await create_connection([host, port(server)]);
    using conn = await accepted(server);
    assertEquals(client.getpeername(), server.getsockname());
    assertEquals(client.timeout, null);
    await client.sendall("hello");
    assertEquals(text(await conn.recv(10)), "hello");
  }
});

testDualStack("create_connection() tries every address", async () => {
  for (
    const [family, host] of [[AF_INET, "127.0.0.1"], [AF_INET6, "::1"]] as const
  ) {
    using server = create_server([host, 0], { family });
    using client = await create_connection([BOTH, port(server)]);
    using conn = await accepted(server);
    assertEquals(client.family, family);
    assertEquals(conn.getpeername(), client.getsockname());
  }
});

testDualStack(
  "create_connection() raises the first error, or all",
  async () => {
    using refusing = await nobody();
    const address = [BOTH, refusing.address[1]] as const;
    const error = await rejects(errno.ECONNREFUSED, create_connection(address));
    assertInstanceOf(error, socket.ConnectionRefusedError);
    const all = await assertRejects(
      () => create_connection(address, null, null, { all_errors: true }),
      AggregateError,
    );
    assertEquals(
      all.errors.map(({ errno }) => errno),
      [errno.ECONNREFUSED, errno.ECONNREFUSED],
    );
    for (const each of all.errors) assertInstanceOf(each, socket.OSError);
  },
);

test("create_connection() raises all errors though it is only one", async () => {
  using nobody = socket.socket();
  nobody.bind(["127.0.0.1", 0]);
  const options = { all_errors: true };
  const all = await assertRejects(
    () => create_connection(nobody.getsockname(), undefined, null, options),
    AggregateError,
  );
  assertEquals(all.errors.length, 1);
  assertInstanceOf(all.errors[0], socket.ConnectionRefusedError);
  // That there is no such host is no failed attempt.
  await assertRejects(
    () => create_connection(["nowhere.invalid", 1], null, null, options),
    socket.gaierror,
  );
});

test("create_connection() has a time-out, which the socket keeps", async () => {
  using server = create_server(["127.0.0.1", 0], { backlog: 0 });
  const address = server.getsockname();
  using stack = new DisposableStack();
  const first = stack.use(await create_connection(address, 5));
  assertEquals(first.timeout, 5);
  const start = performance.now();
  const error = await assertRejects(async () => {
    // Until the backlog is full.
    for (let i = 0; i < 5; i++) {
      stack.use(await create_connection(address, 0.05));
    }
  }, socket.TimeoutError);
  assertEquals(error.errno, null);
  assert(performance.now() - start < 4000);
});

test("create_connection() starts from where it is told to", async () => {
  using server = create_server(["127.0.0.1", 0]);
  const from = ["127.0.0.5", 0] as const;
  using client = await create_connection(server.getsockname(), null, from);
  const [conn, [host]] = await server.accept();
  conn.close();
  assertEquals([host, client.getsockname()[0]], ["127.0.0.5", "127.0.0.5"]);
  await rejects(
    errno.EADDRINUSE,
    create_connection(server.getsockname(), null, server.getsockname()),
  );
  await rejects(
    errno.EADDRNOTAVAIL,
    create_connection(server.getsockname(), null, ["203.0.113.1", 0]),
  );
});

test("create_connection() checks its arguments", async () => {
  for (const wrong of ["127.0.0.1:80", ["127.0.0.1", {}]] as unknown[]) {
    await assertRejects(() => create_connection(wrong as string), TypeError);
  }
  const address = ["127.0.0.1", 1] as const;
  await assertRejects(() => create_connection(address, -1), RangeError);
  await assertRejects(
    () => create_connection(address, "1" as unknown as number),
    TypeError,
  );
});

// create_server()

test("create_server() listens", async () => {
  using server = create_server(["127.0.0.1", 0]);
  assertEquals(server.getsockopt(SOL_SOCKET, socket.SO_ACCEPTCONN), 1);
  assertEquals(server.getsockopt(SOL_SOCKET, SO_REUSEADDR), 1);
  assertEquals([server.family, server.timeout], [AF_INET, null]);
  throws(errno.EADDRINUSE, () => create_server(server.getsockname()));
  using all = create_server(["", 0]);
  assertEquals(all.getsockname(), ["0.0.0.0", port(all)]);
  using client = await create_connection(["127.0.0.1", port(all)]);
  using conn = await accepted(all);
  assertEquals(conn.getpeername(), client.getsockname());
});

test("create_server() takes a backlog", async () => {
  using server = create_server(["127.0.0.1", 0], { backlog: 2 });
  using stack = new DisposableStack();
  let count = 0;
  await assertRejects(async () => {
    for (; count < 9; count++) {
      stack.use(await create_connection(server.getsockname(), 0.05));
    }
  }, socket.TimeoutError);
  assert(count === 2 || count === 3, String(count));
});

testDualStack("create_server() over IPv6", async () => {
  using one = create_server(["::1", 0], { family: AF_INET6 });
  assertEquals(one.getsockname(), ["::1", port(one), 0, 0]);
  await rejects(
    errno.ECONNREFUSED,
    create_connection(["127.0.0.1", port(one)]),
  );
  for (const host of ["", "::"]) {
    if (native) {
      using any = create_server([host, 0], { family: AF_INET6 });
      const address = ["127.0.0.1", port(any)] as const;
      await rejects(errno.ECONNREFUSED, create_connection([...address]));
      continue;
    }
    // The wildcard address of IPv6 alone can't be had.
    throws(
      errno.ENOPROTOOPT,
      () => create_server([host, 0], { family: AF_INET6 }),
    );
  }
});

testDualStack("create_server() can serve both families", async () => {
  for (const host of ["", "::"]) {
    using both = create_server([host, 0], {
      family: AF_INET6,
      dualstack_ipv6: true,
    });
    for (const address of ["127.0.0.1", "::1"]) {
      using client = await create_connection([address, port(both)]);
      using conn = await accepted(both);
      assertEquals(conn.family, AF_INET6);
      await client.sendall(address);
      assertEquals(text(await conn.recv(100)), address);
    }
  }
});

test("create_server() checks its options", () => {
  assertThrows(
    () => create_server(["", 0], { dualstack_ipv6: true }),
    RangeError,
  );
  using shared = create_server(["127.0.0.1", 0], { reuse_port: true });
  create_server(shared.getsockname(), { reuse_port: true }).close();
  throws(
    errno.EAFNOSUPPORT,
    () => create_server(["127.0.0.1", 0], { family: 9999 }),
  );
  assertThrows(() => create_server("127.0.0.1:0"), TypeError);
  assertThrows(() => create_server(["127.0.0.1", 65536]), RangeError);
});

// Of the system's numbers, other tests of this process take some meanwhile.
testIf(!native, "a failed call leaves no descriptor open", async () => {
  using server = create_server(["127.0.0.1", 0]);
  using refusing = await nobody();
  using before = socket.socket();
  const free = before.fileno();
  before.close();
  for (let i = 0; i < 10; i++) {
    throws(errno.EADDRINUSE, () => create_server(server.getsockname()));
    await rejects(
      errno.ECONNREFUSED,
      create_connection(refusing.address),
    );
    throws(errno.EAFNOSUPPORT, () => socket.socket(9999));
  }
  using after = socket.socket();
  assertEquals(after.fileno(), free);
});

testIf(hasPython, "has_dualstack_ipv6() is what Python says", async () => {
  const theirs = await ask<boolean>(
    "import json, socket; print(json.dumps(socket.has_dualstack_ipv6()))",
  );
  assertEquals(socket.has_dualstack_ipv6(), theirs);
});

// The default time-out

test("a default time-out is that of sockets made from then on", async () => {
  const { getdefaulttimeout, setdefaulttimeout } = socket;
  assertEquals(getdefaulttimeout(), null);
  using early = socket.socket();
  try {
    setdefaulttimeout(2.5);
    assertEquals(getdefaulttimeout(), 2.5);
    using server = create_server(["127.0.0.1", 0]);
    using client = await create_connection(server.getsockname());
    using conn = await accepted(server);
    using never = await create_connection(server.getsockname(), null);
    using copy = socket.fromfd(client.fileno(), AF_INET, SOCK_STREAM);
    client.settimeout(7);
    using dup = client.dup();
    assertEquals(
      [early, server, conn, never, copy, dup].map(({ timeout }) => timeout),
      [null, 2.5, 2.5, null, 2.5, 7],
    );
    setdefaulttimeout(0);
    using impatient = socket.socket();
    assertEquals(impatient.getblocking(), false);
    for (const wrong of ["1", undefined, {}]) {
      assertThrows(() => setdefaulttimeout(wrong as number), TypeError);
    }
    for (const wrong of [-1, NaN]) {
      assertThrows(() => setdefaulttimeout(wrong), RangeError);
    }
    assertEquals(getdefaulttimeout(), 0);
  } finally {
    setdefaulttimeout(null);
  }
});
