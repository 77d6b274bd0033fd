import {
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { bound, FOREIGN, hasIPv6, type Inet, nobody } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { hasPython, python as ask } from "./oracle.ts";
import { python, testWithPython } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native, testEach } from "./transports.ts";

const { AF_INET6 } = socket;

// bind()

test("bind() to port 0 shows a real port at once", () => {
  const open = Array.from({ length: 50 }, () => bound());
  const ports = open.map((s) => s.getsockname()[1] as number);
  assertEquals(new Set(ports).size, 50);
  for (const port of ports) assertGreater(port, 1023);
  for (const s of open) {
    const name = s.getsockname();
    assertEquals(name[0], "127.0.0.1");
    s.listen();
    assertEquals(s.getsockname(), name);
    s.close();
  }
});

test("the address of a bound socket is in use for others", () => {
  using s = bound();
  const [, port] = s.getsockname() as Inet;
  for (const host of ["127.0.0.1", "0.0.0.0", ""]) {
    throws(errno.EADDRINUSE, () => bound(host, port));
  }
  s.listen();
  for (const host of ["127.0.0.1", "0.0.0.0", ""]) {
    throws(errno.EADDRINUSE, () => bound(host, port));
  }
  // Another address is another name.
  bound("127.0.0.2", port).close();
  s.close();
  bound("127.0.0.1", port).close();
});

test("a bound socket that never listened frees its address", () => {
  const s = bound();
  const [, port] = s.getsockname() as Inet;
  s.close();
  bound("127.0.0.1", port).close();
});

testWithPython("an address that another process has is in use", async () => {
  for (const listen of ["s.listen()", "pass"]) {
    await using peer = python(
      "s = socket.socket(); s.bind(('127.0.0.1', 0))\n" +
        `${listen}\nsay(s.getsockname()[1]); sys.stdin.readline()`,
    );
    const port = Number(await peer.line());
    throws(errno.EADDRINUSE, () => bound("127.0.0.1", port));
    throws(
      errno.EADDRINUSE,
      () => socket.create_server(["127.0.0.1", port]).close(),
    );
  }
});

testWithPython(
  "an address that we listen at is in use for another process",
  async () => {
    using s = socket.create_server(["127.0.0.1", 0]);
    await using peer = python(
      "try: socket.socket().bind(('127.0.0.1', int(args[0])))\n" +
        "except OSError as e: say(e.errno)",
      s.getsockname()[1] as number,
    );
    assertEquals(Number(await peer.line()), errno.EADDRINUSE);
  },
);

// The system holds the port of a native socket from bind() on.
testIf(
  !native,
  "a port that is taken before listen() is replaced, unless it was seen",
  () => {
    const { listen } = Deno;
    const thieves: Disposable[] = [];
    // Another process takes the port between the two calls.
    Deno.listen = ((options: Deno.TcpListenOptions) => {
      if (options.port !== 0) thieves.push(listen(options));
      return listen(options);
    }) as typeof listen;
    try {
      const seen = bound();
      const name = seen.getsockname();
      throws(errno.EADDRINUSE, () => seen.listen());
      assertEquals(seen.getsockname(), name);
      seen.close();
      let steals = 3;
      const steal = Deno.listen;
      Deno.listen = ((options: Deno.TcpListenOptions) =>
        options.port !== 0 && steals-- > 0
          ? steal(options)
          : listen(options)) as typeof listen;
      using unseen = bound();
      unseen.listen();
      assertEquals(steals, -1);
      assertEquals(
        unseen.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN),
        1,
      );
      throws(errno.EADDRINUSE, () =>
        bound(...unseen.getsockname() as Inet));
    } finally {
      Deno.listen = listen;
      for (const thief of thieves) thief[Symbol.dispose]();
    }
  },
);

test("binding to an address of another machine fails", () => {
  throws(errno.EADDRNOTAVAIL, () => bound(FOREIGN));
  using s = socket.socket();
  throws(errno.EADDRNOTAVAIL, () => s.bind([FOREIGN, 0]));
  // The failure has changed nothing.
  assertEquals(s.getsockname(), ["0.0.0.0", 0]);
  s.bind(["127.0.0.1", 0]);
  assertEquals(s.getsockname()[0], "127.0.0.1");
});

testEach("a socket has one address", async (net) => {
  const [a, b] = await net.pair();
  const server = net.listener();
  const address = server.getsockname();
  for (const s of [a, b, server]) {
    // In Linux a client of AF_UNIX has none yet.
    if (native && s.getsockname() === "") continue;
    throws(errno.EINVAL, () => s.bind(address));
  }
  using s = bound();
  throws(errno.EINVAL, () => s.bind(["127.0.0.1", 0]));
});

test("names of this machine may be bound to", () => {
  using s = bound("localhost");
  assertEquals(s.getsockname()[0], "127.0.0.1");
  using any = bound("");
  assertEquals(any.getsockname()[0], "0.0.0.0");
  assertNotEquals(any.getsockname()[1], 0);
});

test("a malformed address is a TypeError or a RangeError", async () => {
  using four = socket.socket();
  using six = socket.socket(AF_INET6);
  const wrong: [socket.Socket, unknown, typeof TypeError][] = [
    [four, "127.0.0.1:80", TypeError],
    [four, null, TypeError],
    [four, ["127.0.0.1"], TypeError],
    [four, ["127.0.0.1", 1, 0, 0], TypeError],
    [four, ["127.0.0.1", "80"], TypeError],
    [four, ["127.0.0.1", 1.5], TypeError],
    [four, [null, 1], TypeError],
    [four, { host: "127.0.0.1", port: 1 }, TypeError],
    [four, ["127.0.0.1", -1], RangeError],
    [four, ["127.0.0.1", 65536], RangeError],
    [six, ["::1"], TypeError],
    [six, ["::1", 1, 0, 0, 0], TypeError],
    [six, ["::1", 1, "0"], TypeError],
    [six, ["::1", 65536], RangeError],
    [six, ["::1", 1, 2 ** 20], RangeError],
    [six, ["::1", 1, -1], RangeError],
    [six, ["::1", 1, 0, 2 ** 32], RangeError],
  ];
  for (const [s, value, kind] of wrong) {
    const address = value as Inet;
    assertThrows(() => s.bind(address), kind);
    await assertRejects(() => s.connect(address), kind);
    await assertRejects(() => s.connect_ex(address), kind);
  }
});

test("a host of another family is a gaierror", async () => {
  using four = socket.socket();
  assertThrows(() => four.bind(["::1", 0]), socket.gaierror);
  await assertRejects(() => four.connect(["::1", 1]), socket.gaierror);
  // This is no error of the system, so it has no number.
  await assertRejects(() => four.connect_ex(["::1", 1]), socket.gaierror);
  if (!hasIPv6) return;
  using six = socket.socket(AF_INET6);
  assertThrows(() => six.bind(["127.0.0.1", 0]), socket.gaierror);
  await assertRejects(() => six.connect(["127.0.0.1", 1]), socket.gaierror);
});

// Names

testEach("both ends agree on their names", async (net) => {
  const server = net.listener();
  const client = net.socket();
  await client.connect(server.getsockname());
  const [conn, address] = await server.accept();
  net.track(conn);
  assertEquals(address, client.getsockname());
  assertEquals(conn.getpeername(), client.getsockname());
  assertEquals(conn.getsockname(), server.getsockname());
  assertEquals(client.getpeername(), server.getsockname());
  throws(errno.ENOTCONN, () => server.getpeername());
  throws(errno.ENOTCONN, () => net.socket().getpeername());
});

test("a new socket has no address yet", () => {
  using four = socket.socket();
  assertEquals(four.getsockname(), ["0.0.0.0", 0]);
  using six = socket.socket(AF_INET6);
  assertEquals(six.getsockname(), ["::", 0, 0, 0]);
});

testEach("a socket prints as in Python", async (net) => {
  const [a] = await net.pair();
  const own = JSON.stringify(a.getsockname());
  const peer = JSON.stringify(a.getpeername());
  assertEquals(
    Deno.inspect(a),
    `<socket.socket fd=${a.fileno()}, family=${a.family}, type=1, proto=0, ` +
      `laddr=${own}, raddr=${peer}>`,
  );
});

test("connecting to port 0 fails", async () => {
  using client = socket.socket();
  await rejects(errno.ECONNREFUSED, client.connect(["127.0.0.1", 0]));
});

test("bind() before connect() chooses the client's address", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  for (const host of ["127.0.0.1", "127.0.0.3"]) {
    using client = bound(host);
    const name = client.getsockname();
    assertEquals(name[0], host);
    await client.connect(server.getsockname());
    assertEquals(client.getsockname(), name);
    const [conn, address] = await server.accept();
    using accepted = conn;
    assertEquals(address, name);
    await client.sendall("hello");
    assertEquals(text(await accepted.recv(10)), "hello");
    await accepted.sendall("back");
    assertEquals(text(await client.recv(10)), "back");
    // It works like any other connection.
    accepted.shutdown(socket.SHUT_WR);
    assertEquals(await client.recv(1), new Uint8Array(0));
    await client.sendall("more");
    assertEquals(text(await accepted.recv(10)), "more");
    client.close();
    assertEquals(await accepted.recv(1), new Uint8Array(0));
  }
  using late = bound();
  using refusing = await nobody();
  await rejects(errno.ECONNREFUSED, late.connect(refusing.address));
});

// The same in Python

testIf(
  hasPython,
  "misplaced calls raise what they raise in Python",
  async () => {
    const theirs = await ask<Record<string, string>>(`
import errno, json, socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
gone = socket.socket()
gone.bind(("127.0.0.1", 0))
sockets = {"new": socket.socket, "listener": lambda: server,
           "client": lambda: client, "bound": lambda: gone}
local = ("127.0.0.1", 0)
calls = {
  "bind": lambda s: s.bind(local),
  "accept": lambda s: s is not server and s.accept(),
  "connect": lambda s: s.connect(gone.getsockname()),
  "getpeername": lambda s: s.getpeername(),
  "shutdown": lambda s: s in (server, client) or s.shutdown(socket.SHUT_WR),
  "recv": lambda s: s is not client and s.recv(1),
  "send": lambda s: s is not client and s.send(b"a"),
  "nonsense": lambda s: s.setsockopt(socket.SOL_SOCKET, 9999, 1),
}
def outcome(s, call):
  try:
    call(s)
    return "fine"
  except OSError as e:
    return type(e).__name__ + " " + errno.errorcode[e.errno]
print(json.dumps({f"{call} {name}": outcome(make(), calls[call])
  for name, make in sockets.items() for call in calls
  if (name, call) != ("bound", "connect")}))
`);
    using server = socket.create_server(["127.0.0.1", 0]);
    using client = await socket.create_connection(server.getsockname());
    using gone = bound();
    using fresh = new DisposableStack();
    const sockets: Record<string, () => socket.Socket> = {
      new: () => fresh.use(socket.socket()),
      listener: () => server,
      client: () => client,
      bound: () => gone,
    };
    const calls: Record<string, (s: socket.Socket) => unknown> = {
      "bind": (s) => s.bind(["127.0.0.1", 0]),
      "accept": (s) => s !== server && s.accept(),
      "connect": (s) => s.connect(gone.getsockname()),
      "getpeername": (s) => s.getpeername(),
      "shutdown": (s) =>
        [server, client].includes(s) || s.shutdown(socket.SHUT_WR),
      "recv": (s) => s !== client && s.recv(1),
      "send": (s) => s !== client && s.send("a"),
      "nonsense": (s) => s.setsockopt(socket.SOL_SOCKET, 9999, 1),
    };
    const ours: Record<string, string> = {};
    for (const key of Object.keys(theirs)) {
      const [, call = "", name = ""] = /^(.*) (\w+)$/.exec(key)!;
      try {
        await calls[call]!(sockets[name]!());
        ours[key] = "fine";
      } catch (error) {
        assertInstanceOf(error, socket.OSError, key);
        ours[key] = `${error.name} ${errno.errorcode[error.errno!]}`;
      }
    }
    assertEquals(ours, theirs);
  },
);
