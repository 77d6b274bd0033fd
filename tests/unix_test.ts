import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { Folder } from "./example.ts";
import { isGnuLinux } from "./oracle.ts";
import { denoText, type Peer, python } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { bytes, type Step, testSteps } from "./script.ts";
import { pattern, receiveAll, receivePattern } from "./traffic.ts";
import { native } from "./transports.ts";
import { events, which } from "./which.ts";

const { AF_UNIX, SHUT_WR, SOCK_DGRAM, SOCK_STREAM } = socket;
const { SOL_SOCKET } = socket;

let names = 0;

/** A name without a file, so that the tests need no permission to write. */
function abstract(): string {
  return `\0berkeley-test-${Deno.pid}-${names++}`;
}

/** A socket that listens under such a name. */
function listener(backlog?: number): socket.Socket {
  const s = socket.socket(AF_UNIX);
  s.bind(abstract());
  s.listen(backlog);
  return s;
}

/** The use of a name, in steps; `free` and `nobody` are unused names. */
function life(name: unknown, free: unknown, nobody: unknown): Step[] {
  return [
    ["s = socket.socket", AF_UNIX, SOCK_STREAM],
    ["s.getsockname"],
    ["s.getpeername"],
    ["s.listen"],
    ["s.accept"],
    ["s.bind", name],
    ["s.getsockname"],
    ["s.bind", free],
    ["t = socket.socket", AF_UNIX],
    ["t.bind", name],
    // Bound isn't listening.
    ["c = socket.socket", AF_UNIX],
    ["c.connect", name],
    ["c.connect_ex", name],
    ["s.accept"],
    ["s.listen"],
    ["s.listen", 5],
    ["c.connect", name],
    ["c.connect", name],
    ["c.getsockname"],
    ["c.getpeername"],
    ["d, address = s.accept"],
    ["d.getsockname"],
    ["d.getpeername"],
    ["c.sendall", bytes("hello")],
    ["d.recv", 10],
    ["d.sendall", bytes("world")],
    ["c.recvfrom", 10],
    ["c.shutdown", SHUT_WR],
    ["d.recv", 10],
    ["t.connect", nobody],
    ["t.connect", ""],
    ["t.connect", ["127.0.0.1", 80]],
    ["t.bind", ["127.0.0.1", 80]],
    ["t.bind", 5],
    ["t.bind"],
    ["c.listen"],
    ["s.getsockopt", SOL_SOCKET, socket.SO_ACCEPTCONN],
    ...[socket.SO_DOMAIN, socket.SO_TYPE, socket.SO_PROTOCOL].map((
      option,
    ): Step => ["c.getsockopt", SOL_SOCKET, option]),
    ["s.close"],
  ];
}

const NAME = abstract();

testSteps("abstract names are Python's", [
  ...life(NAME, abstract(), abstract()),
  // Deno removes the file of a path, so these steps are for abstract names.
  ["t.connect", NAME],
  ["t.bind", NAME],
]);

testSteps(
  "abstract names may be bytes",
  life(bytes(abstract()), bytes(abstract()), bytes(abstract())),
);

testSteps("AF_UNIX has no protocols", [
  ["socket.socket", AF_UNIX, SOCK_STREAM, 6],
  ["socket.socket", AF_UNIX, SOCK_STREAM, 17],
  ["s = socket.socket", AF_UNIX, SOCK_STREAM | socket.SOCK_NONBLOCK],
  ["s.gettimeout"],
]);

test("create_server() takes a name", async () => {
  const name = abstract();
  using server = socket.create_server(name, { family: AF_UNIX, backlog: 2 });
  assertEquals(server.getsockname(), name);
  using client = socket.socket(AF_UNIX);
  await client.connect(name);
  const [conn, from] = await server.accept();
  using accepted = conn;
  assertEquals([from, accepted.family], ["", AF_UNIX]);
  throws(
    errno.EADDRINUSE,
    () => socket.create_server(name, { family: AF_UNIX }),
  );
});

test("types that Deno doesn't have and addresses of no family are refused", () => {
  if (!native) {
    throws(errno.ESOCKTNOSUPPORT, () => socket.socket(AF_UNIX, SOCK_DGRAM));
  }
  for (const wrong of [null, ["/tmp/x", 1], 5] as unknown[]) {
    using s = socket.socket(AF_UNIX);
    assertThrows(() => s.bind(wrong as string), TypeError);
  }
});

test("a name of 107 bytes is the longest", async () => {
  for (const [length, fits] of [[107, true], [108, false]] as const) {
    const name = abstract().padEnd(length + 1, "x");
    using s = socket.socket(AF_UNIX);
    using c = socket.socket(AF_UNIX);
    if (fits) {
      s.bind(name);
      s.listen();
      await c.connect(name);
      assertEquals(c.getpeername(), name);
    } else {
      throws(null, () => s.bind(name));
      await rejects(null, c.connect(name));
    }
  }
});

// To the kernel a name is no obstacle.
testIf(
  !native,
  "a bound socket can't connect, and the error tells why",
  async () => {
    using server = listener();
    using s = socket.socket(AF_UNIX);
    s.bind(abstract());
    const error = await rejects(
      errno.EOPNOTSUPP,
      s.connect(server.getsockname()),
    );
    assert(error.message.includes("bind"), error.message);
  },
);

// Modes

test("connecting without waiting", async () => {
  using server = listener();
  for (
    const [name, expected] of [
      [server.getsockname(), 0],
      [abstract(), errno.ECONNREFUSED],
    ] as const
  ) {
    using s = socket.socket(AF_UNIX);
    s.setblocking(false);
    if (native) {
      // Within the machine there is nothing to wait for.
      assertEquals(await s.connect_ex(name), expected);
      continue;
    }
    assertEquals(await s.connect_ex(name), errno.EINPROGRESS);
    const [, writable] = await select.select([], [s], []);
    assertEquals(writable.length, 1);
    const { SO_ERROR } = socket;
    assertEquals(s.getsockopt(SOL_SOCKET, SO_ERROR), expected);
    assertEquals(s.getsockopt(SOL_SOCKET, SO_ERROR), 0);
  }
});

test("a listener in select() and poll()", async () => {
  using server = listener();
  const lists = await select.select([server], [], [], 0.01);
  assertEquals(lists, [[], [], []]);
  const waiting = select.select([server], [], []).then((lists) => lists);
  using client = socket.socket(AF_UNIX);
  await client.connect(server.getsockname());
  assertEquals(which(await waiting, { server }), ["server", "", ""]);
  const p = select.poll();
  p.register(server, select.POLLIN);
  assertEquals(events(await p.poll(), { server }), [[
    "server",
    select.POLLIN,
  ]]);
  const [conn] = await server.accept();
  conn.close();
  assertEquals(await p.poll(0), []);
  assertEquals(await client.recv(1), new Uint8Array(0));
});

// Python

/** A Python program, client and server, that sends back the received bytes. */
const PYTHON = `
import hashlib, os
name = (b"\\0" if args[0] == "abstract" else b"") + args[1].encode()
s = socket.socket(socket.AF_UNIX)
def echo(conn):
  digest, count = hashlib.sha256(), 0
  while data := conn.recv(65536):
    digest.update(data)
    count += len(data)
    conn.sendall(data)
  conn.shutdown(socket.SHUT_WR)
  say(count, digest.hexdigest())
`;

const PYTHON_SERVER = PYTHON + `
s.bind(name)
s.listen()
say("ready")
conn, address = s.accept()
say(repr(address))
echo(conn)
`;

const PYTHON_CLIENT = PYTHON + `
s.connect(name)
say(repr(s.getpeername()))
echo(s)
`;

const SIZE = 3_000_000;

/** Sends much, and takes it back from a peer that tells what it had. */
async function exchange(s: socket.Socket, peer: Peer): Promise<void> {
  const data = pattern(SIZE);
  await Promise.all([
    s.sendall(data).then(() => s.shutdown(SHUT_WR)),
    receivePattern(s, SIZE),
  ]);
  assertEquals(await receiveAll(s), new Uint8Array(0));
  const digest = await crypto.subtle.digest("SHA-256", data);
  const hex = new Uint8Array(digest).toHex();
  assertEquals(await peer.line(), `${SIZE} ${hex}`);
}

testIf(isGnuLinux, "Python serves under an abstract name", async () => {
  const name = abstract();
  await using peer = python(PYTHON_SERVER, "abstract", name.slice(1));
  assertEquals(await peer.line(), "ready");
  using s = socket.socket(AF_UNIX);
  await s.connect(name);
  assertEquals([s.getsockname(), s.getpeername()], ["", name]);
  // A socket without a name has no address.
  assertEquals(await peer.line(), "''");
  using other = socket.socket(AF_UNIX);
  throws(errno.EADDRINUSE, () => other.bind(name));
  await exchange(s, peer);
});

testIf(isGnuLinux, "Python is served under an abstract name", async () => {
  using server = listener();
  const name = server.getsockname() as string;
  await using peer = python(PYTHON_CLIENT, "abstract", name.slice(1));
  const [conn, from] = await server.accept();
  using accepted = conn;
  assertEquals([from, accepted.getsockname()], ["", name]);
  assertEquals(await peer.line(), `b'\\x00${name.slice(1)}'`);
  await exchange(accepted, peer);
});

// Paths, which take more permissions than the tests have

/** The flags that paths in a folder need, and where the tests' imports are. */
function permissions({ path }: Folder): string[] {
  return [
    CONFIG,
    "--allow-net",
    `--allow-read=${path}`,
    `--allow-write=${path}`,
  ];
}

const CONFIG = `--config=${new URL("../deno.json", import.meta.url).pathname}`;

testIf(isGnuLinux, "paths are Python's", async () => {
  await using folder = await Folder.create();
  await folder.write("file", pattern(3));
  const steps: Step[] = [
    ...life(folder.file("socket"), folder.file("free"), folder.file("nobody")),
    ["u = socket.socket", AF_UNIX],
    ["u.bind", folder.file("missing/x")],
    ["u.connect", folder.file("missing/x")],
    ["u.bind", folder.file("file")],
    ["u.connect", folder.file("file")],
    ["u.bind", folder.path],
    ["u.connect", folder.path],
    ["u.bind", folder.file("fröhlich")],
    ["u.getsockname"],
  ];
  await using child = denoText(
    ["--allow-run", "--allow-read", ...permissions(folder)],
    `
    import { compareSteps } from "./tests/script.ts";

    const folder = ${JSON.stringify(folder.path)};
    await compareSteps(${JSON.stringify(steps)}, () => {
      // Native sockets leave their paths, which the peer is to bind.
      for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
        if (!isFile && !isDirectory) Deno.removeSync(folder + "/" + name);
      }
    });
    console.log("done");
    `,
  );
  assertEquals(await child.rest(), "done\n");
});

testIf(isGnuLinux, "a path is taken as long as there is a file", async () => {
  await using folder = await Folder.create();
  const path = folder.file("socket");
  // A server that was killed leaves its file behind.
  await using peer = python(
    `
s = socket.socket(socket.AF_UNIX)
s.bind(args[0])
s.listen()
say("ready")
`,
    path,
  );
  assertEquals(await peer.line(), "ready");
  await peer.rest();
  await using child = denoText(
    permissions(folder),
    `
    import { errno, socket } from "./mod.ts";

    const path = ${JSON.stringify(path)};
    const open = () => socket.socket(socket.AF_UNIX);
    async function attempt(act) {
      try {
        await act();
        console.log("done");
      } catch (error) {
        console.log(error.name, errno.errorcode[error.errno]);
      }
    }
    const [s, c] = [open(), open()];
    await attempt(() => s.bind(path));
    await attempt(() => c.connect(path));
    Deno.removeSync(path);
    await attempt(() => c.connect(path));
    await attempt(() => s.bind(path));
    console.log(Deno.lstatSync(path).isFile);
    await attempt(() => c.connect(path));
    await attempt(() => s.listen());
    console.log(Deno.lstatSync(path).isSocket);
    await attempt(() => c.connect(path));
    c.close();
    s.close();
    // Deno removes the file, and so does a socket that never listened. The
    // system leaves the one of a native socket.
    await attempt(() => open().connect(path));
    const never = open();
    await attempt(() => never.bind(path));
    never.close();
    console.log([...Deno.readDirSync(${JSON.stringify(folder.path)})].length);
    `,
  );
  assertEquals((await child.rest()).split("\n"), [
    "OSError EADDRINUSE",
    "ConnectionRefusedError ECONNREFUSED",
    "FileNotFoundError ENOENT",
    "done",
    // Over Deno a file holds the place of a socket that doesn't listen yet.
    native ? "false" : "true",
    "ConnectionRefusedError ECONNREFUSED",
    "done",
    "true",
    "done",
    ...native
      ? ["ConnectionRefusedError ECONNREFUSED", "OSError EADDRINUSE", "1"]
      : ["FileNotFoundError ENOENT", "done", "0"],
    "",
  ]);
});

/** Our end, at a path: it takes what Python sends back. */
function program(path: string, connect: string): string {
  return `
    import { socket } from "./mod.ts";
    import { pattern, receiveAll, receivePattern } from "./tests/traffic.ts";

    const path = ${JSON.stringify(path)};
    const s = socket.socket(socket.AF_UNIX);
    ${connect}
    console.log(JSON.stringify([conn.getsockname(), conn.getpeername()]));
    await Promise.all([
      conn.sendall(pattern(${SIZE})).then(() => conn.shutdown(socket.SHUT_WR)),
      receivePattern(conn, ${SIZE}),
    ]);
    console.log((await receiveAll(conn)).length);
    conn.close();
    s.close();
  `;
}

testIf(isGnuLinux, "Python serves at a path", async () => {
  await using folder = await Folder.create();
  const path = folder.file("socket");
  await using peer = python(PYTHON_SERVER, "path", path);
  assertEquals(await peer.line(), "ready");
  await using child = denoText(
    permissions(folder),
    program(path, "await s.connect(path); const conn = s.dup();"),
  );
  assertEquals(await child.line(), JSON.stringify(["", path]));
  assertEquals(await child.rest(), "0\n");
  assertEquals(await peer.line(), "''");
  assert((await peer.line()).startsWith(`${SIZE} `));
});

testIf(isGnuLinux, "Python is served at a path", async () => {
  await using folder = await Folder.create();
  const path = folder.file("socket");
  await using child = denoText(
    permissions(folder),
    program(
      path,
      `s.bind(path); s.listen(); console.log("ready");
       const [conn] = await s.accept();`,
    ),
  );
  assertEquals(await child.line(), "ready");
  await using peer = python(PYTHON_CLIENT, "path", path);
  assertEquals(await child.line(), JSON.stringify([path, ""]));
  assertEquals(await child.rest(), "0\n");
  assertEquals(await peer.line(), `'${path}'`);
  assert((await peer.line()).startsWith(`${SIZE} `));
});

// Permissions

test("a missing permission is a PermissionError with its flag", async () => {
  await using folder = await Folder.create();
  // Each program has a path of its own: binding leaves a file for a moment.
  let count = 0;
  const path = () => folder.file(`socket${count++}`);
  const read = `--allow-read=${folder.path}`;
  const write = `--allow-write=${folder.path}`;
  const cases: [
    flags: string[],
    name: string,
    bind: string,
    connect: string,
  ][] = [
    [[], abstract(), "--allow-net", "--allow-net"],
    [[], path(), "--allow-write", "--allow-read"],
    [["--allow-net"], path(), "--allow-write", "--allow-read"],
    [["--allow-net", read], path(), "--allow-write", "--allow-write"],
    [["--allow-net", write], path(), "--allow-read", "--allow-read"],
    [[read, write], path(), "--allow-net", "--allow-net"],
  ];
  await Promise.all(cases.map(async ([flags, name, ...expected]) => {
    await using child = denoText(
      flags,
      `
      import { errno, socket } from "./mod.ts";

      const name = ${JSON.stringify(name)};
      const open = () => socket.socket(socket.AF_UNIX);
      for (
        const act of [
          (s) => { s.bind(name); s.listen(); },
          (s) => s.connect(name),
        ]
      ) {
        const s = open();
        try {
          await act(s);
          console.log("done");
        } catch (error) {
          const flag = /--allow-\\w+/.exec(error.message)?.[0];
          console.log(error.name, errno.errorcode[error.errno], flag);
        }
        s.close();
      }
      `,
    );
    const told = expected.map((flag) => `PermissionError EACCES ${flag}\n`);
    assertEquals(await child.rest(), told.join(""), `${flags} ${name}`);
  }));
  assertEquals(await output("ls", "-A", folder.path), "");
});

test("a path that isn't permitted raises PermissionError here, too", async () => {
  using s = socket.socket(AF_UNIX);
  await assertRejects(() => s.connect("/nowhere/x"), socket.PermissionError);
  assertThrows(() => s.bind("/nowhere/x"), socket.PermissionError);
});
