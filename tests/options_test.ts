import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import * as constants from "../socket/constants.ts";
import { nobody } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { isGnuLinux, python as ask } from "./oracle.ts";
import { denoText, python } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { native, testEach, testOverDeno, testTcp } from "./transports.ts";

const {
  AF_INET,
  AF_INET6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOL_SOCKET,
  TCP_NODELAY,
} = socket;

/** The options of a stream that Python's module names: level and number. */
const named: Record<string, [number, number]> = {};
for (const [name, value] of Object.entries(constants)) {
  const [, prefix] = /^(SO|TCP|IP|IPV6)_(?!J1939|VM_SOCKETS)/.exec(name) ?? [];
  if (!prefix) continue;
  const level = { SO: SOL_SOCKET, TCP: IPPROTO_TCP, IP: IPPROTO_IP }[prefix] ??
    IPPROTO_IPV6;
  named[name] = [level, value as number];
}

/** Options that read otherwise than in Python; `docs/options.md` tells why. */
const differing = native ? [] : ["SO_REUSEADDR", "SO_RCVBUF", "SO_SNDBUF"];

/** The value, or the error's number. */
function read(s: socket.Socket, level: number, name: number): number | string {
  try {
    return s.getsockopt(level, name);
  } catch (error) {
    assertInstanceOf(error, socket.OSError);
    return errno.errorcode[error.errno!]!;
  }
}

testIf(
  isGnuLinux,
  "an option of a new socket reads as in Python, or is refused",
  async () => {
    const theirs = await ask<Record<string, number | null>[]>(
      `
import json, socket, sys
def read(s, option):
  try: return s.getsockopt(*option)
  except OSError: return None
options = json.load(sys.stdin)
print(json.dumps([{name: read(s, option) for name, option in options.items()}
  for s in (socket.socket(socket.AF_INET), socket.socket(socket.AF_INET6))]))
`,
      named,
    );
    for (const [i, family] of [AF_INET, AF_INET6].entries()) {
      using s = socket.socket(family);
      const known = [];
      for (const [name, [level, number]] of Object.entries(named)) {
        const value = read(s, level, number);
        if (native && typeof value === "string") {
          assertEquals(theirs[i]![name], null, name);
        }
        const refused = native
          ? typeof value === "string"
          : value === "ENOPROTOOPT";
        if (refused) continue;
        known.push(name);
        if (differing.includes(name)) continue;
        assertEquals(value, theirs[i]![name], name);
      }
      assertGreater(known.length, 15);
    }
  },
);

testTcp("common options can be read", async (net) => {
  const [a, b] = await net.pair();
  const server = net.listener();
  const all: [socket.Socket, number][] = [
    [net.socket(), 0],
    [server, 1],
    [a, 0],
    [b, 0],
  ];
  for (const [s, listens] of all) {
    const values = [
      SO_ACCEPTCONN,
      SO_DOMAIN,
      SO_ERROR,
      SO_PROTOCOL,
      SO_TYPE,
    ].map((name) => s.getsockopt(SOL_SOCKET, name));
    assertEquals(values, [listens, s.family, 0, IPPROTO_TCP, s.type]);
    assertGreater(s.getsockopt(SOL_SOCKET, SO_RCVBUF), 0);
    assertGreater(s.getsockopt(SOL_SOCKET, SO_SNDBUF), 0);
    assertEquals(
      s.getsockopt(SOL_SOCKET, SO_LINGER, 8),
      new Uint8Array(8),
    );
    // Deno sets it on every listener, and on others it makes no difference.
    if (!native) assertEquals(s.getsockopt(SOL_SOCKET, SO_REUSEADDR), 1);
  }
});

testTcp("changeable options read as they were set", async (net) => {
  const [a] = await net.pair();
  const options: [number, number][] = [
    [SOL_SOCKET, SO_KEEPALIVE],
    [IPPROTO_TCP, TCP_NODELAY],
  ];
  for (const s of [net.socket(), net.listener(), a]) {
    for (const [level, name] of options) {
      assertEquals(s.getsockopt(level, name), 0);
      for (const value of [1, 0, true, false, 7]) {
        s.setsockopt(level, name, value);
        assertEquals(s.getsockopt(level, name), Number(Boolean(value)));
      }
    }
    for (const name of [SO_RCVBUF, SO_SNDBUF]) {
      for (const value of [4096, 1_000_000, 65536]) {
        s.setsockopt(SOL_SOCKET, name, value);
        // The kernel doubles it, up to a limit.
        if (native) continue;
        assertEquals(s.getsockopt(SOL_SOCKET, name), value);
      }
      // The limit is never zero.
      for (const value of [0, 1, -5]) {
        s.setsockopt(SOL_SOCKET, name, value);
        assertGreater(s.getsockopt(SOL_SOCKET, name), 0);
      }
    }
  }
});

testEach("small buffers only make transfers slower", async (net) => {
  const [a, b] = await net.pair();
  a.settimeout(60);
  b.settimeout(60);
  a.setsockopt(SOL_SOCKET, SO_SNDBUF, 2000);
  b.setsockopt(SOL_SOCKET, SO_RCVBUF, 2000);
  const count = await a.send(pattern(5000));
  if (!native) assertEquals(count, 2000);
  const sent = a.sendall(pattern(100_000 - count, count));
  await receivePattern(b, 100_000);
  await sent;
});

testTcp("an accepted connection has the listener's options", async (net) => {
  const server = net.listener();
  server.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
  server.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  server.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000);
  const client = net.socket();
  await client.connect(server.getsockname());
  const conn = await net.accept(server);
  assertEquals(conn.getsockopt(SOL_SOCKET, SO_KEEPALIVE), 1);
  assertEquals(conn.getsockopt(IPPROTO_TCP, TCP_NODELAY), 1);
  // The kernel doubles it.
  assertEquals(conn.getsockopt(SOL_SOCKET, SO_SNDBUF), native ? 10_000 : 5000);
  assertEquals(conn.getsockopt(SOL_SOCKET, SO_ACCEPTCONN), 0);
  assertEquals(client.getsockopt(SOL_SOCKET, SO_KEEPALIVE), 0);
});

// Each transport decides which options can be set.
testOverDeno(
  "the value that an option has may be set, another one not",
  async (net) => {
    const [a] = await net.pair();
    for (const s of [a, net.socket(), net.listener()]) {
      for (const [name, [level, number]] of Object.entries(named)) {
        const value = read(s, level, number);
        if (typeof value === "string" || name === "SO_ERROR") continue;
        if (name === "SO_LINGER") {
          s.setsockopt(level, number, new Uint8Array(8));
          s.setsockopt(level, number, null, 8);
          const other = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
          throws(
            errno.ENOPROTOOPT,
            () => s.setsockopt(level, number, other),
          );
          continue;
        }
        s.setsockopt(level, number, value);
        s.setsockopt(level, number, Int32Array.of(value));
        assertEquals(s.getsockopt(level, number), value, name);
        // If setting another value succeeds, it must be read back.
        const other = value + 1000;
        try {
          s.setsockopt(level, number, other);
        } catch (error) {
          assertInstanceOf(error, socket.OSError, name);
          assertEquals(error.errno, errno.ENOPROTOOPT, name);
          continue;
        }
        const flags = ["SO_KEEPALIVE", "SO_REUSEPORT", "TCP_NODELAY"];
        const expected = flags.includes(name) ? 1 : other;
        assertEquals(s.getsockopt(level, number), expected, name);
      }
    }
  },
);

testOverDeno(
  "an option that Deno can't reach raises ENOPROTOOPT",
  async (net) => {
    const [a] = await net.pair();
    const { IP_TTL, SO_MARK, SO_RCVTIMEO, TCP_INFO, TCP_KEEPIDLE } = socket;
    for (
      const [level, name] of [
        [SOL_SOCKET, SO_MARK],
        [SOL_SOCKET, SO_RCVTIMEO],
        [IPPROTO_TCP, TCP_INFO],
        [IPPROTO_TCP, TCP_KEEPIDLE],
        [IPPROTO_IP, IP_TTL],
        [IPPROTO_IPV6, socket.IPV6_V6ONLY],
        [SOL_SOCKET, 9999],
        [9999, 1],
        [-1, -1],
      ] as const
    ) {
      for (const s of [a, net.socket()]) {
        throws(errno.ENOPROTOOPT, () => s.getsockopt(level, name));
        throws(errno.ENOPROTOOPT, () => s.setsockopt(level, name, 1));
        throws(errno.ENOPROTOOPT, () => s.getsockopt(level, name, 8));
      }
    }
    throws(errno.ENOPROTOOPT, () => a.setsockopt(SOL_SOCKET, SO_ERROR, 0));
  },
);

testTcp("options as bytes", (net) => {
  const s = net.socket();
  s.setsockopt(SOL_SOCKET, SO_SNDBUF, 0x01020304);
  const value = s.getsockopt(SOL_SOCKET, SO_SNDBUF);
  // The kernel has a limit.
  if (!native) assertEquals(value, 0x01020304);
  const bytes = new Uint8Array(Int32Array.of(value).buffer);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_SNDBUF, 4), bytes);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_SNDBUF, 1024), bytes);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_SNDBUF, 2), bytes.slice(0, 2));
  // A view that begins anywhere in its buffer.
  const view = new DataView(new ArrayBuffer(9), 3, 4);
  view.setUint8(0, 1);
  s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, view);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_KEEPALIVE), 1);
  s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, null, 4);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_KEEPALIVE), 0);
  throws(
    errno.EINVAL,
    () => s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(2)),
  );
  throws(null, () => s.getsockopt(SOL_SOCKET, SO_TYPE, -1));
  throws(null, () => s.getsockopt(SOL_SOCKET, SO_TYPE, 1025));
});

testEach("wrong types of levels, names and values are a TypeError", (net) => {
  const s = net.socket();
  for (const wrong of ["1", null, 1.5, {}] as number[]) {
    assertThrows(() => s.getsockopt(wrong, SO_TYPE), TypeError);
    assertThrows(() => s.getsockopt(SOL_SOCKET, wrong), TypeError);
    assertThrows(() => s.getsockopt(SOL_SOCKET, SO_TYPE, wrong), TypeError);
    assertThrows(() => s.setsockopt(wrong, SO_TYPE, 1), TypeError);
    assertThrows(() => s.setsockopt(SOL_SOCKET, wrong, 1), TypeError);
    assertThrows(
      () => s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, wrong),
      TypeError,
    );
  }
  assertThrows(
    () => s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, undefined!),
    TypeError,
  );
});

test("an error is reported once: by recv() or as SO_ERROR", async () => {
  using refusing = await nobody();
  using s = socket.socket();
  s.setblocking(false);
  await rejects(errno.EINPROGRESS, s.connect(refusing.address));
  s.settimeout(5);
  await rejects(errno.ECONNREFUSED, s.recv(1));
  assertEquals(s.getsockopt(SOL_SOCKET, SO_ERROR), 0);
});

testIf(isGnuLinux, "SO_KEEPALIVE reaches the system", async () => {
  // The column `tr` is 02 while the keep-alive timer runs, and 01 while
  // something isn't acknowledged.
  await using peer = python(`
def timer(names):
  with open("/proc/net/tcp") as table:
    return [row.split()[5][:2] for row in table if row.split()[1:3] == names]
for line in sys.stdin:
  names = ["0100007F:%04X" % int(port) for port in line.split()]
  while timer(names) == ["01"]: pass
  say(*timer(names))
`);
  using server = socket.create_server(["127.0.0.1", 0]);
  const timer = async (s: socket.Socket) => {
    await peer.say(`${s.getsockname()[1]} ${s.getpeername()[1]}`);
    return await peer.line();
  };
  for (const early of [true, false]) {
    using s = socket.socket();
    if (early) s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    await s.connect(server.getsockname());
    const [conn] = await server.accept();
    using accepted = conn;
    if (!early) {
      assertEquals(await timer(s), "00");
      s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    }
    assertEquals(await timer(s), "02");
    assertEquals(await timer(accepted), "00");
    // Not at once while a call holds the connection, but in the end.
    s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 0);
    const size = 16 * 1024 * 1024;
    const sent = s.sendall(pattern(size));
    s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    await receivePattern(accepted, size);
    await sent;
    await s.sendall("a");
    assertEquals(text(await accepted.recv(1)), "a");
    assertEquals(await timer(s), "02");
  }
});

for (const flag of [[], ["--unstable-net"]]) {
  test(`SO_REUSEPORT shares a port ${flag}`, async () => {
    await using child = denoText(
      ["--allow-net=127.0.0.1", ...flag],
      `
    import { errno, socket } from "./mod.ts";

    const open = (port, reuse) => {
      const s = socket.socket();
      if (reuse) s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
      s.bind(["127.0.0.1", port]);
      return s;
    };
    using first = open(0, true);
    const [, port] = first.getsockname();
    using second = open(port, true);
    first.listen();
    second.listen();
    using third = socket.create_server(["127.0.0.1", port], { reuse_port: true });
    const names = [first, second, third].map((s) => s.getsockname()[1] === port);
    try {
      open(port, false);
    } catch (error) {
      console.log(names.join(), errno.errorcode[error.errno]);
    }
    `,
    );
    assertEquals(await child.rest(), "true,true,true EADDRINUSE\n");
  });
}

testOverDeno("messages name options as programs do", async (net) => {
  const [a] = await net.pair();
  using udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const message = (call: () => unknown) =>
    assertThrows(call, socket.OSError).message;
  const known = [
    [SOL_SOCKET, SO_LINGER, "SO_LINGER of SOL_SOCKET"],
    [SOL_SOCKET, SO_TYPE, "SO_TYPE of SOL_SOCKET"],
    [SOL_SOCKET, socket.SO_DEBUG, "SO_DEBUG of SOL_SOCKET"],
    [SOL_SOCKET, socket.SO_BINDTODEVICE, "SO_BINDTODEVICE of SOL_SOCKET"],
    [IPPROTO_TCP, socket.TCP_KEEPIDLE, "TCP_KEEPIDLE of IPPROTO_TCP"],
    [IPPROTO_IP, socket.IP_TOS, "IP_TOS of IPPROTO_IP"],
    [IPPROTO_IPV6, socket.IPV6_TCLASS, "IPV6_TCLASS of IPPROTO_IPV6"],
    [SOL_SOCKET, 9999, "option 9999 of SOL_SOCKET"],
    [9999, 1, "option 1 of level 9999"],
  ] as const;
  for (const s of [a, udp]) {
    for (const [level, name, words] of known) {
      const told = message(() => s.setsockopt(level, name, 77777));
      assert(told.endsWith(` ${words}`), told);
    }
    const told = message(() => s.getsockopt(SOL_SOCKET, socket.SO_MARK));
    assert(told.endsWith(" SO_MARK of SOL_SOCKET"), told);
  }
});
