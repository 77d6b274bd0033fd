import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import * as constants from "../socket/constants.ts";
import { FOREIGN, hasIPv6 } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { isGnuLinux, python as ask } from "./oracle.ts";
import { python } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { packed, type Step, testSteps, zeros } from "./script.ts";
import { some } from "./some.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";
import { type Inet, portOf, Udp } from "./udp.ts";

const { AF_INET, AF_INET6, SOCK_DGRAM } = socket;
const { IPPROTO_IP, IPPROTO_IPV6, SOL_SOCKET } = socket;
const {
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_V6ONLY,
  SO_BROADCAST,
  SO_ERROR,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
} = socket;

/** A new socket and a bound one take the same steps. */
function onBoth(family: number, steps: (name: string) => Step[]): Step[] {
  return ["new", "bound"].flatMap((name): Step[] => [
    [`${name} = socket.socket`, family, SOCK_DGRAM],
    ...(name === "bound"
      ? [[
        "bound.bind",
        [family === AF_INET ? "127.0.0.1" : "::1", 0],
      ] as Step]
      : []),
    ...steps(name),
  ]);
}

/** Sets an option to some values, and reads it after each, as steps. */
function values(level: number, name: number, ...values: unknown[]) {
  return (on: string): Step[] =>
    values.flatMap((value): Step[] => [
      [`${on}.setsockopt`, level, name, value],
      [`${on}.getsockopt`, level, name],
      [`${on}.getsockopt`, level, name, 4],
    ]);
}

// Options of every socket

/** The options that Python's module names: level and number. */
const named: Record<string, [number, number]> = {};
for (const [name, value] of Object.entries(constants)) {
  const [, prefix] = /^(SO|IP|IPV6)_(?!J1939|VM_SOCKETS)/.exec(name) ?? [];
  if (!prefix) continue;
  const level = { SO: SOL_SOCKET, IP: IPPROTO_IP }[prefix] ?? IPPROTO_IPV6;
  named[name] = [level, value as number];
}

testIf(
  isGnuLinux,
  "an option of a new UDP socket reads as in Python, or is refused",
  async () => {
    const theirs = await ask<Record<string, number | null>[]>(
      `
import json, socket, sys
def read(s, option):
  try: return s.getsockopt(*option)
  except OSError: return None
options = json.load(sys.stdin)
print(json.dumps([{name: read(s, option) for name, option in options.items()}
  for s in (socket.socket(f, socket.SOCK_DGRAM)
    for f in (socket.AF_INET, socket.AF_INET6))]))
`,
      named,
    );
    for (const [i, family] of [AF_INET, AF_INET6].entries()) {
      using s = socket.socket(family, SOCK_DGRAM);
      let known = 0;
      for (const [name, [level, number]] of Object.entries(named)) {
        try {
          const value = s.getsockopt(level, number);
          known++;
          // The queue is the module's own, over Deno.
          if (/^SO_(RCV|SND)BUF$/.test(name) && !native) continue;
          assertEquals(value, theirs[i]![name], name);
        } catch (error) {
          assertInstanceOf(error, socket.OSError, name);
          if (native) assertEquals(theirs[i]![name], null, name);
          else assertEquals(error.errno, errno.ENOPROTOOPT, name);
        }
      }
      assertGreater(known, 15);
    }
  },
);

// The kernel doubles a size, and sends without a queue.
testIf(!native, "buffers read as they were set, and are never empty", () => {
  using udp = new Udp();
  for (const s of [udp.unbound(), udp.bound()]) {
    for (const name of [SO_RCVBUF, SO_SNDBUF]) {
      assertGreater(s.getsockopt(SOL_SOCKET, name), 60_000);
      for (const value of [4096, 1_000_000, 65536]) {
        s.setsockopt(SOL_SOCKET, name, value);
        assertEquals(s.getsockopt(SOL_SOCKET, name), value);
      }
      for (const value of [0, 1, -5]) {
        s.setsockopt(SOL_SOCKET, name, value);
        assertGreater(s.getsockopt(SOL_SOCKET, name), 0);
      }
    }
  }
});

testIf(!native, "SO_SNDBUF bounds the queued datagrams", async () => {
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.bound()];
  await a.connect(b.getsockname());
  a.setblocking(false);
  const counts = [];
  for (const size of [4096, 40_960]) {
    a.setsockopt(SOL_SOCKET, SO_SNDBUF, size);
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, () => a.send(new Uint8Array(1000))),
    );
    const sent = results.filter(({ status }) => status === "fulfilled");
    for (const result of results) {
      if (result.status === "fulfilled") assertEquals(result.value, 1000);
      else assertEquals(result.reason.errno, errno.EAGAIN);
    }
    counts.push(sent.length);
    await select.select([], [a], []);
  }
  assertGreater(counts[0], 1);
  assertGreater(counts[1], counts[0]);
  assertGreater(200, counts[1]);
});

testIf(!native, "an option that Deno can't reach raises ENOPROTOOPT", () => {
  using udp = new Udp();
  const { IPPROTO_UDP, SO_MARK, SO_RCVTIMEO } = socket;
  for (const s of [udp.unbound(), udp.bound()]) {
    for (
      const [level, name] of [
        [SOL_SOCKET, SO_MARK],
        [SOL_SOCKET, SO_RCVTIMEO],
        [IPPROTO_IP, socket.IP_TOS],
        [IPPROTO_IPV6, IPV6_V6ONLY],
        [IPPROTO_UDP, 1],
        [-1, -1],
      ] as const
    ) {
      throws(errno.ENOPROTOOPT, () => s.getsockopt(level, name));
      throws(errno.ENOPROTOOPT, () => s.setsockopt(level, name, 1));
    }
    s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 0);
    throws(
      errno.ENOPROTOOPT,
      () => s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1),
    );
    throws(errno.ENOPROTOOPT, () => s.setsockopt(SOL_SOCKET, SO_ERROR, 0));
    throws(
      errno.ENOPROTOOPT,
      () => s.getsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP),
    );
    throws(
      errno.ENOPROTOOPT,
      () => s.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 0),
    );
    for (const wrong of ["1", null, {}, 1.5] as number[]) {
      assertThrows(() => s.setsockopt(IPPROTO_IP, IP_TTL, wrong), TypeError);
    }
  }
});

test("SO_REUSEADDR shares a port", () => {
  using udp = new Udp();
  const first = udp.unbound();
  first.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
  first.bind(["127.0.0.1", 0]);
  const second = udp.unbound();
  throws(errno.EADDRINUSE, () => second.bind(first.getsockname()));
  second.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
  second.bind(first.getsockname());
  assertEquals(second.getsockname(), first.getsockname());
});

// Broadcasts

testSteps(
  "SO_BROADCAST is a switch",
  onBoth(
    AF_INET,
    values(SOL_SOCKET, SO_BROADCAST, 1, 0, 5, packed(0, 0, 0, 0), packed(1)),
  ),
);

test("a broadcast needs SO_BROADCAST", async () => {
  using udp = new Udp();
  const b = udp.bound("");
  const everybody: Inet = ["127.255.255.255", portOf(b)];
  const { PermissionError } = socket;
  for (const early of [true, false]) {
    const a = early ? udp.unbound() : udp.bound("");
    for (const host of [everybody[0], "255.255.255.255", "<broadcast>"]) {
      const error = await rejects(errno.EACCES, a.sendto("x", [host, 9]));
      assertInstanceOf(error, PermissionError);
    }
    a.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
    assertEquals(await a.sendto("to all", everybody), 6);
    const [data, from] = await b.recvfrom(100);
    assertEquals([text(data), from![1]], ["to all", portOf(a)]);
    a.setsockopt(SOL_SOCKET, SO_BROADCAST, 0);
    await rejects(errno.EACCES, a.sendto("x", everybody));
  }
});

test("a waiting call raises a refusal at once", async () => {
  using udp = new Udp();
  const [a, b] = [udp.bound(), udp.bound()];
  const refused: Inet = ["127.255.255.255", 9];
  // The kernel refuses already here.
  if (native) await rejects(errno.EACCES, b.connect(refused));
  else await b.connect(refused);
  for (const timeout of [null, 5, 0]) {
    a.settimeout(timeout);
    b.settimeout(timeout);
    for (
      const call of [
        a.sendto("x", refused),
        a.sendmsg(["x"], [], 0, refused),
        ...native ? [] : [b.send("x"), b.sendall("x")],
      ]
    ) await rejects(errno.EACCES, call);
    assertEquals(a.getsockopt(SOL_SOCKET, SO_ERROR), 0);
    assertEquals(await a.sendto("y", a.getsockname()), 1);
  }
});

// The kernel refuses at once.
testIf(
  !native,
  "with MSG_DONTWAIT a refusal is the next call's error",
  async () => {
    using udp = new Udp();
    const a = udp.bound();
    const refused: Inet = ["127.255.255.255", 9];
    const { MSG_DONTWAIT } = socket;
    for (
      const next of [
        () => a.sendto("y", a.getsockname()),
        () => a.recv(10),
        () => a.recvmsg(10),
      ]
    ) {
      assertEquals(await a.sendto("x", MSG_DONTWAIT, refused), 1);
      const p = select.poll();
      p.register(a, 0);
      assertEquals(some(await p.poll())[0][1], select.POLLERR);
      await rejects(errno.EACCES, next());
      await rejects(errno.EAGAIN, a.recv(10, MSG_DONTWAIT));
    }
    assertEquals(await a.sendto("x", MSG_DONTWAIT, refused), 1);
    await udp.tick();
    assertEquals(a.getsockopt(SOL_SOCKET, SO_ERROR), errno.EACCES);
    assertEquals(a.getsockopt(SOL_SOCKET, SO_ERROR), 0);
  },
);

// How far datagrams go

testSteps(
  "IP_TTL and IP_MULTICAST_TTL take the same values as Python's",
  onBoth(AF_INET, (on) => [
    ...values(
      IPPROTO_IP,
      IP_TTL,
      1,
      255,
      -1,
      0,
      256,
      -2,
      packed(5),
      packed(6, 0),
      packed(7, 0, 0, 0),
      packed(),
    )(on),
    ...values(
      IPPROTO_IP,
      IP_MULTICAST_TTL,
      1,
      255,
      -1,
      256,
      -2,
      packed(5),
      packed(6, 0),
      packed(7, 0, 0, 0),
      packed(),
    )(on),
    ...values(
      IPPROTO_IP,
      IP_MULTICAST_LOOP,
      0,
      1,
      7,
      -1,
      packed(0),
      packed(1),
      packed(0, 0, 0, 0),
      packed(),
    )(on),
  ]),
);

testIf(isGnuLinux, "the time to live reaches the receiver", async () => {
  using udp = new Udp();
  const group = "239.1.2.3";
  await using peer = python(
    `
# A number that the module doesn't name.
IP_RECVTTL = 12
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
s.bind(("", 0))
lo = socket.inet_aton(args[0]) + socket.inet_aton("127.0.0.1")
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, lo)
say(s.getsockname()[1])
while True:
  data, [(level, kind, ttl)], *rest = s.recvmsg(100, 100)
  say(data.decode(), struct.unpack("i", ttl)[0])
`,
    group,
  );
  const port = Number(await peer.line());
  for (const late of [false, true]) {
    const s = udp.unbound();
    if (late) s.bind(["127.0.0.1", 0]);
    s.setsockopt(IPPROTO_IP, IP_TTL, 33);
    s.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, Uint8Array.of(7));
    s.setsockopt(
      IPPROTO_IP,
      IP_MULTICAST_IF,
      socket.inet_aton("127.0.0.1"),
    );
    await s.sendto("one", ["127.0.0.1", port]);
    assertEquals(await peer.line(), "one 33");
    await s.sendto("many", [group, port]);
    assertEquals(await peer.line(), "many 7");
    s.setsockopt(IPPROTO_IP, IP_TTL, -1);
    await s.sendto("usual", ["127.0.0.1", port]);
    assertEquals(await peer.line(), "usual 64");
  }
});

// Groups

const ANY = [0, 0, 0, 0];
const LOOPBACK = [127, 0, 0, 1];
const GROUP = [239, 1, 2, 3];
const OTHER = [239, 1, 2, 4];
const FOREIGN_BYTES = FOREIGN.split(".").map(Number);
/** An index as a structure has it, on the machines that the tests run on. */
const LO = [1, 0, 0, 0];

function memberships(on: string, name: number, ...values: unknown[]): Step[] {
  return values.map((value) => [`${on}.setsockopt`, IPPROTO_IP, name, value]);
}

testSteps(
  "IP_MULTICAST_IF takes the same values as Python's",
  onBoth(
    AF_INET,
    values(
      IPPROTO_IP,
      IP_MULTICAST_IF,
      packed(...LOOPBACK),
      packed(...ANY),
      0x0100007f,
      // The group in front of it in an ip_mreq is ignored.
      packed(...GROUP, ...LOOPBACK),
      packed(...GROUP, ...ANY),
      packed(...GROUP, ...LOOPBACK, ...LO),
      packed(...GROUP, ...ANY, ...LO),
      packed(1),
    ),
  ),
);

testSteps("joining and leaving groups raises the same errors as Python's", [
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["a.bind", ["127.0.0.1", 0]],
  ...memberships(
    "a",
    IP_ADD_MEMBERSHIP,
    packed(...GROUP, ...LOOPBACK),
    packed(...GROUP, ...LOOPBACK),
    packed(...GROUP, ...LOOPBACK, ...LO),
    packed(...GROUP, ...FOREIGN_BYTES),
    packed(...LOOPBACK, ...LOOPBACK),
    packed(...OTHER, ...ANY, ...LO),
    packed(...OTHER, ...LOOPBACK),
    packed(...GROUP, 127, 0, 0),
    3,
  ),
  ...memberships(
    "a",
    IP_DROP_MEMBERSHIP,
    packed(...GROUP, ...LOOPBACK),
    packed(...GROUP, ...LOOPBACK),
    packed(...LOOPBACK, ...LOOPBACK),
    // On whichever interface the group was joined.
    packed(...OTHER, ...ANY),
    packed(...OTHER, ...ANY),
    packed(...OTHER, ...ANY, ...LO),
    packed(...OTHER),
  ),
  ["a.setsockopt", IPPROTO_IP, IP_MULTICAST_IF, packed(...FOREIGN_BYTES)],
  // As if nothing had happened.
  ...memberships("a", IP_ADD_MEMBERSHIP, packed(...GROUP, ...LOOPBACK)),
  // Before there is an address, too.
  ["b = socket.socket", AF_INET, SOCK_DGRAM],
  ...memberships(
    "b",
    IP_ADD_MEMBERSHIP,
    packed(...GROUP, ...LOOPBACK),
    packed(...GROUP, ...LOOPBACK),
    packed(...LOOPBACK, ...LOOPBACK),
  ),
  ...memberships(
    "b",
    IP_DROP_MEMBERSHIP,
    packed(...GROUP, ...LOOPBACK),
    packed(...GROUP, ...LOOPBACK),
  ),
  ["b.bind", ["", 0]],
  ["b.getsockname"],
]);

/** A value of IP_ADD_MEMBERSHIP. */
function mreq(group: string, ...rest: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(...socket.inet_aton(group), ...rest);
}

/** A socket that sends to groups within this machine. */
function speaker(udp: Udp): socket.Socket {
  const s = udp.bound();
  s.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"));
  return s;
}

test("members of a group get its datagrams", async () => {
  using udp = new Udp();
  const a = speaker(udp);
  const forms: [group: string, early: boolean, rest: number[]][] = [
    ["239.77.1.1", true, LOOPBACK],
    ["239.77.1.2", false, LOOPBACK],
    // struct ip_mreqn
    ["239.77.1.3", true, [...ANY, ...LO]],
    ["239.77.1.4", false, [...LOOPBACK, ...ANY]],
  ];
  for (const [group, early, rest] of forms) {
    const b = udp.unbound();
    const join = () =>
      b.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, mreq(group, ...rest));
    if (early) join();
    b.bind(["", 0]);
    if (!early) join();
    const to: Inet = [group, portOf(b)];
    await a.sendto("to the group", to);
    const [data, from] = await b.recvfrom(100);
    assertEquals([text(data), from], ["to the group", a.getsockname()]);
    // The datagram must not arrive after the group was left.
    b.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, mreq(group, ...rest));
    await a.sendto("after leaving", to);
    await a.sendto("to it alone", ["127.0.0.1", to[1]]);
    assertEquals(text(await b.recv(100)), "to it alone");
  }
});

test("all members of a group get a datagram", async () => {
  using udp = new Udp();
  const group = "239.77.2.1";
  const a = speaker(udp);
  const first = udp.unbound();
  first.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
  first.bind([group, 0]);
  const second = udp.unbound();
  second.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
  second.bind(first.getsockname());
  for (const s of [first, second]) {
    s.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, mreq(group, ...LOOPBACK));
  }
  await a.connect(first.getsockname());
  assertEquals(await a.send("all of you"), 10);
  for (const s of [first, second]) {
    assertEquals(text(await s.recv(100)), "all of you");
  }
});

testIf(isGnuLinux, "what can't be joined is found out in the end", () => {
  using udp = new Udp();
  const cases: [number, Uint8Array<ArrayBuffer>, number][] = [
    [IP_ADD_MEMBERSHIP, mreq("239.1.2.3", ...FOREIGN_BYTES), errno.ENODEV],
    [IP_MULTICAST_IF, socket.inet_aton(FOREIGN), errno.EADDRNOTAVAIL],
  ];
  for (const [name, value, code] of cases) {
    const bound = udp.bound();
    throws(code, () => bound.setsockopt(IPPROTO_IP, name, value));
    // Deno can't ask without an address.
    const s = udp.unbound();
    const set = () => s.setsockopt(IPPROTO_IP, name, value);
    if (native) {
      throws(code, set);
      continue;
    }
    set();
    throws(code, () => s.bind(["127.0.0.1", 0]));
    assertEquals(s.getsockname(), ["0.0.0.0", 0]);
  }
  // An interface that the permissions don't show may be there or not.
  const unknown = mreq("239.1.2.3", ...ANY, 0xff, 0xff, 0, 0);
  const error = assertThrows(
    () => udp.bound().setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, unknown),
    socket.OSError,
  );
  assert([errno.ENODEV, errno.EACCES].includes(error.errno!), error.message);
});

// IPv6

const GROUP6 = "ff15::7:1";

function mreq6(group: string, index: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(
    ...socket.inet_pton(AF_INET6, group),
    ...new Uint8Array(Int32Array.of(index).buffer),
  );
}

function steps6(
  on: string,
  name: number,
  ...values: Uint8Array<ArrayBuffer>[]
): Step[] {
  return values.map((value) => [
    `${on}.setsockopt`,
    IPPROTO_IPV6,
    name,
    packed(...value),
  ]);
}

testSteps(
  "options of IPv6 take the same values as Python's",
  onBoth(AF_INET6, (on) => [
    ...values(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, 1, 2, packed(1))(on),
    ...values(
      IPPROTO_IPV6,
      IPV6_MULTICAST_IF,
      1,
      0,
      packed(...LO),
      -1,
      packed(1),
    )(on),
    ...(on === "new"
      ? values(IPPROTO_IPV6, IPV6_V6ONLY, 1, 0, packed(1), zeros(4))(on)
      // The option is refused after bind().
      : [[`${on}.setsockopt`, IPPROTO_IPV6, IPV6_V6ONLY, 0] as Step]),
    ...steps6(
      on,
      IPV6_JOIN_GROUP,
      mreq6(GROUP6, 1),
      mreq6(GROUP6, 1),
      mreq6("::1", 1),
      mreq6(GROUP6, 1).slice(1),
    ),
    ...steps6(
      on,
      IPV6_LEAVE_GROUP,
      mreq6(GROUP6, 1),
      mreq6(GROUP6, 1),
      mreq6(GROUP6, 0),
    ),
    ...values(SOL_SOCKET, SO_BROADCAST, 1)(on),
  ]),
  { ignore: !hasIPv6 },
);

testIf(
  isGnuLinux && hasIPv6,
  "joining a group over IPv6 adds a member in the system",
  async () => {
    using udp = new Udp();
    // The loopback interface passes no multicasts of IPv6 on, so the system's
    // list of members has to do.
    const group = "ff15::7:2";
    await using peer = python(
      `
group = socket.inet_pton(socket.AF_INET6, args[0]).hex()
for line in sys.stdin:
  with open("/proc/net/igmp6") as table:
    say(sum(row.split()[1:3] == ["lo", group] for row in table))
`,
      group,
    );
    const members = async () => {
      await peer.say();
      return await peer.line();
    };
    for (const early of [true, false]) {
      const s = udp.unbound(AF_INET6);
      if (!early) s.bind(["::", 0]);
      s.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, mreq6(group, 1));
      if (early) s.bind(["::", 0]);
      assertEquals(await members(), "1");
      s.setsockopt(IPPROTO_IPV6, IPV6_LEAVE_GROUP, mreq6(group, 1));
      assertEquals(await members(), "0");
    }
  },
);
