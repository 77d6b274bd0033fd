import { assertEquals } from "@std/assert";
import { test } from "./cases.ts";
import { denoText, python, testWithPython } from "./peer.ts";
import { pattern, text } from "./traffic.ts";
import { native } from "./transports.ts";
import { type Inet, portOf, Udp } from "./udp.ts";

/** A UDP socket of Python's in `s`, whose port it tells first. */
const PYTHON = `
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.settimeout(20)
say(s.getsockname()[1])
`;

const LOOPBACK = "--allow-net=127.0.0.1";

// Python

/** From nothing to all that fits, with lengths that differ in every bit. */
const SIZES = [0, 1, 64, 512, 1472, 1473, 9000, 21845, 43690, 65507];

testWithPython("Python echoes datagrams, byte for byte", async () => {
  using udp = new Udp();
  await using peer = python(
    PYTHON + "while True: s.sendto(*s.recvfrom(65536))",
  );
  const address: Inet = ["127.0.0.1", Number(await peer.line())];
  const [a, b] = [udp.unbound(), udp.unbound()];
  a.settimeout(20);
  b.settimeout(20);
  await b.connect(address);
  for (const size of SIZES) {
    const data = pattern(size, size);
    assertEquals(await a.sendto(data, address), size);
    assertEquals(await a.recvfrom(65_536), [data, address]);
    assertEquals(await b.send(data), size);
    assertEquals(await b.recv(65_536), data);
  }
});

testWithPython("datagrams are echoed to Python, byte for byte", async () => {
  using udp = new Udp();
  const s = udp.bound();
  await using peer = python(
    PYTHON + `
for size in json.loads(args[1]):
  data = bytes((size + i) % 251 for i in range(size))
  s.sendto(data, ("127.0.0.1", int(args[0])))
  back, address = s.recvfrom(65536)
  say(back == data and address[1] == int(args[0]))
`,
    portOf(s),
    JSON.stringify(SIZES),
  );
  const port = Number(await peer.line());
  for (const size of SIZES) {
    const [data, from] = await s.recvfrom(65_536);
    assertEquals(data, pattern(size, size));
    assertEquals(from, ["127.0.0.1", port]);
    await s.sendto(data, from!);
    assertEquals(await peer.line(), "True");
  }
});

testWithPython(
  "a connected socket receives only from its peer, both ways",
  async () => {
    using udp = new Udp();
    const [a, stranger] = [udp.bound(), udp.bound()];
    await using peer = python(
      PYTHON + `
stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", int(args[0])))
for line in sys.stdin:
  stranger.sendto(b"stranger", s.getpeername())
  s.send(line.strip().encode())
  say(s.recv(100).decode())
`,
      portOf(a),
    );
    const address: Inet = ["127.0.0.1", Number(await peer.line())];
    await a.connect(address);
    for (const word of ["one", "two", "three"]) {
      await peer.say(word);
      assertEquals(text(await a.recv(100)), word);
      await stranger.sendto("stranger", address);
      await a.send(word + "!");
      assertEquals(await peer.line(), word + "!");
    }
  },
);

/** How many datagrams a soak has, and how many of them may be under way. */
const SOAK = 20_000;
const WINDOW = 100;

testWithPython("20,000 datagrams reach Python, in order", async () => {
  using udp = new Udp();
  const s = udp.unbound();
  s.settimeout(20);
  await using peer = python(
    PYTHON + `
count, window = map(int, args)
right = 0
for i in range(count):
  data, address = s.recvfrom(100)
  right += data == b"%063d\\n" % i
  # Without it there would be more than the buffers hold.
  if i % window == window - 1: s.sendto(b"%d" % (i + 1), address)
say(right)
`,
    SOAK,
    WINDOW,
  );
  await s.connect(["127.0.0.1", Number(await peer.line())]);
  for (let i = 0; i < SOAK; i++) {
    const sent = await s.send(`${String(i).padStart(63, "0")}\n`);
    assertEquals(sent, 64);
    if (i % WINDOW !== WINDOW - 1) continue;
    assertEquals(text(await s.recv(100)), String(i + 1));
  }
  assertEquals(await peer.line(), String(SOAK));
});

testWithPython("20,000 datagrams come from Python, in order", async () => {
  using udp = new Udp();
  const s = udp.bound();
  s.settimeout(20);
  await using peer = python(
    PYTHON + `
port, count, window = map(int, args)
address = ("127.0.0.1", port)
for i in range(count):
  s.sendto(b"%063d\\n" % i, address)
  if i % window == window - 1: assert int(s.recv(100)) == i + 1
`,
    portOf(s),
    SOAK,
    WINDOW,
  );
  const buffer = new Uint8Array(100);
  let right = 0;
  for (let i = 0; i < SOAK; i++) {
    const [count, from] = await s.recvfrom_into(buffer);
    const expected = `${String(i).padStart(63, "0")}\n`;
    if (text(buffer.subarray(0, count)) === expected) right++;
    if (i % WINDOW === WINDOW - 1) await s.sendto(String(i + 1), from!);
  }
  assertEquals(right, SOAK);
  await peer.rest();
});

// Programs

test("a UDP socket that isn't closed keeps no program going", async () => {
  await using child = denoText(
    ["--allow-net"],
    `
    import { select, socket } from "./mod.ts";

    const open = () => socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    const [a, b, c] = [open(), open(), open()];
    b.bind(["127.0.0.1", 0]);
    await a.sendto("x", b.getsockname());
    await b.recv(1);
    b.settimeout(0.01);
    await b.recv(1).catch((error) => console.log(error.name));
    await select.select([b, c], [], [], 0.01);
    globalThis.kept = [a, b, c];
    `,
  );
  assertEquals(await child.rest(), "TimeoutError\n");
});

test("a call that waits keeps the program going, until it ends", async () => {
  using udp = new Udp();
  const s = udp.unbound();
  for (
    const wait of [
      "s.recvfrom(100)",
      "select.select([s], [], []).then(() => s.recvfrom(100))",
    ]
  ) {
    await using child = denoText(
      [LOOPBACK],
      `
      import { select, socket } from "./mod.ts";

      const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      s.bind(["127.0.0.1", 0]);
      console.log(s.getsockname()[1]);
      const [data] = await ${wait};
      console.log(new TextDecoder().decode(data));
      `,
    );
    const port = Number(await child.line());
    await udp.tick();
    await s.sendto("the end", ["127.0.0.1", port]);
    assertEquals(await child.rest(), "the end\n");
  }
});

test("sent datagrams leave though the program ends", async () => {
  using udp = new Udp();
  const s = udp.bound();
  const sending = `
    import { socket } from "./mod.ts";

    const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.setblocking(false);
    for (let i = 0; i < 20; i++) {
      await s.sendto(String(i), ["127.0.0.1", ${portOf(s)}]);
    }`;
  for (const program of [sending, `${sending} s.close();`]) {
    await using child = denoText([LOOPBACK], program);
    assertEquals(await child.rest(), "");
    for (let i = 0; i < 20; i++) {
      assertEquals(text(await s.recv(100)), String(i));
    }
  }
});

test("a UDP socket without references is closed", async () => {
  await using child = denoText(
    [LOOPBACK, "--v8-flags=--expose-gc"],
    `
    import { socket } from "./mod.ts";

    const open = (address) => {
      const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      s.bind(address);
      return s;
    };
    let address;
    (() => address = open(["127.0.0.1", 0]).getsockname())();
    for (let round = 0; round < 200; round++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
      try {
        open(address).close();
        console.log("closed");
        break;
      } catch (error) {
        if (error.errno !== 98) throw error;
      }
    }
    `,
  );
  assertEquals(await child.rest(), "closed\n");
});

// Permissions

/** Runs `act` with a UDP socket, and tells what it raised. */
function refused(flags: string[], act: string) {
  return denoText(
    flags,
    `
    import { errno, socket } from "./mod.ts";

    const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.settimeout(5);
    const [first, second] = [${act}];
    for (const call of [first, second]) {
      try {
        console.log(await call?.());
      } catch (error) {
        console.log(
          error instanceof socket.PermissionError,
          errno.errorcode[error.errno],
          error.cause !== undefined,
          error.message,
        );
      }
    }
    s.close();
    `,
  );
}

test("a missing permission is a PermissionError with the flag", async () => {
  const denied = (address: string) =>
    `true EACCES true [Errno 13] Requires net access to "${address}", ` +
    "run again with the --allow-net flag\n";
  const cases: [flags: string[], act: string, output: string][] = [
    [
      [],
      `() => s.bind(["127.0.0.1", 5555]), () => s.getsockname()`,
      `${denied("127.0.0.1:5555")}[ "0.0.0.0", 0 ]\n`,
    ],
    [
      [],
      `() => s.sendto("x", ["127.0.0.1", 9]), () => s.sendto("x", ["203.0.113.1", 9])`,
      denied("0.0.0.0:0").repeat(2),
    ],
    [
      ["--allow-net=0.0.0.0:0"],
      `() => s.sendto("x", ["203.0.113.1", 9]), () => s.sendto("x", ["203.0.113.2", 9])`,
      denied("203.0.113.1:9") + denied("203.0.113.2:9"),
    ],
    [
      ["--allow-net=0.0.0.0:0"],
      `() => s.connect(["203.0.113.1", 9]), () => s.send("x")`,
      native
        ? denied("203.0.113.1:9") +
          "false EDESTADDRREQ false [Errno 89] Destination address required\n"
        : `undefined\n${denied("203.0.113.1:9")}`,
    ],
    // Within the machine nothing is needed but what is sent to.
    [
      [LOOPBACK],
      `() => s.sendto("x", ["127.0.0.1", 9]), () => s.getsockname()[0]`,
      "1\n127.0.0.1\n",
    ],
    [
      [LOOPBACK],
      `() => s.sendto("x", ["203.0.113.1", 9]), () => s.getsockname()[0]`,
      `${denied("0.0.0.0:0")}0.0.0.0\n`,
    ],
    [
      [LOOPBACK],
      `() => s.connect(["127.0.0.1", 9]), () => s.send("x")`,
      "undefined\n1\n",
    ],
  ];
  await Promise.all(cases.map(async ([flags, act, output]) => {
    await using child = refused(flags, act);
    assertEquals(await child.rest(), output, `${flags} ${act}`);
  }));
});

test("options and names need no permission", async () => {
  await using child = denoText(
    [],
    `
    import { socket } from "./mod.ts";

    using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 5000);
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 3);
    s.setblocking(false);
    const error = await s.recv(1).catch((error) => error);
    console.log(error.name, s.getsockname());
    `,
  );
  assertEquals(await child.rest(), 'BlockingIOError [ "0.0.0.0", 0 ]\n');
});
