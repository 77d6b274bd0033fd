/**
 * What sockets may do under many flags: the same, natively and over Deno.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Folder } from "./example.ts";
import { lines, testNative } from "./native_programs.ts";

/** Tries much, and prints what came of it. */
const ATTEMPTS = `
const { socket } = mod;
const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;

const attempts = {
  "connect": (s) => s(AF_INET).connect(["127.0.0.1", 1]),
  "connect to any": (s) => s(AF_INET).connect(["0.0.0.0", 1]),
  "connect over IPv6": (s) => s(AF_INET6).connect(["::1", 1]),
  "connect to any over IPv6": (s) => s(AF_INET6).connect(["::", 1]),
  "connect to mapped": (s) => s(AF_INET6).connect(["::ffff:127.0.0.1", 1]),
  "connect to mapped in hexadecimal": (s) => s(AF_INET6).connect(["::ffff:7f00:1", 1]),
  "connect to mapped any": (s) => s(AF_INET6).connect(["::ffff:0.0.0.0", 1]),
  "connect in a scope": (s) => s(AF_INET6).connect(["fe80::1", 1, 0, 1]),
  "connect in a named scope": (s) => s(AF_INET6).connect(["fe80::1%lo", 1]),
  "connect by name": (s) => s(AF_INET).connect(["localhost", 1]),
  "connect_ex": (s) => s(AF_INET).connect_ex(["127.0.0.1", 1]),
  "create_connection": () => socket.create_connection(["127.0.0.1", 1]),
  "bind": (s) => s(AF_INET).bind(["127.0.0.1", 0]),
  "bind to any": (s) => s(AF_INET).bind(["", 0]),
  "bind to any over IPv6": (s) => s(AF_INET6).bind(["", 0]),
  "bind by name": (s) => s(AF_INET).bind(["localhost", 0]),
  "listen": (s) => s(AF_INET).listen(),
  "listen over IPv6": (s) => s(AF_INET6).listen(),
  "bind UDP": (s) => s(AF_INET, SOCK_DGRAM).bind(["127.0.0.1", 0]),
  "bind UDP to any": (s) => s(AF_INET, SOCK_DGRAM).bind(["", 0]),
  "sendto": (s) => s(AF_INET, SOCK_DGRAM).sendto("a", ["127.0.0.1", 9]),
  "sendto any": (s) => s(AF_INET, SOCK_DGRAM).sendto("a", ["0.0.0.0", 9]),
  "sendto over IPv6": (s) => s(AF_INET6, SOCK_DGRAM).sendto("a", ["::1", 9]),
  "sendto by name": (s) => s(AF_INET, SOCK_DGRAM).sendto("a", ["localhost", 9]),
  "sendmsg": (s) => s(AF_INET, SOCK_DGRAM).sendmsg(["a"], [], 0, ["127.0.0.1", 9]),
  "connect to a path": (s) => s(AF_UNIX).connect("FOLDER/nobody"),
  "listen at a path": (s) => {
    const server = s(AF_UNIX);
    server.bind("FOLDER/somebody");
    server.listen();
  },
  "connect to an abstract name": (s) => s(AF_UNIX).connect("\\0berkeley-nobody"),
  "getaddrinfo": async () => void await socket.getaddrinfo("localhost", 80),
  "getaddrinfo, no port": async () => void await socket.getaddrinfo("localhost", null),
  "getaddrinfo, a service": async () => void await socket.getaddrinfo("localhost", "http"),
  "getaddrinfo, an address": async () => void await socket.getaddrinfo("127.0.0.1", 80),
  "getnameinfo": async () => void await socket.getnameinfo(["127.0.0.1", 80], 0),
  "getnameinfo in numbers": () => socket.getnameinfo(["127.0.0.1", 80], socket.NI_NUMERICHOST),
  "gethostbyname": async () => void await socket.gethostbyname("localhost"),
  "gethostbyname_ex": async () => void await socket.gethostbyname_ex("localhost"),
  "gethostbyaddr": async () => void await socket.gethostbyaddr("127.0.0.1"),
  "gethostbyaddr over IPv6": async () => void await socket.gethostbyaddr("::1").catch((error) => {
    // The machine may have no name for it.
    if (error instanceof socket.PermissionError) throw error;
  }),
  "if_nametoindex": () => socket.if_nametoindex("lo"),
};
for (const [name, attempt] of Object.entries(attempts)) {
  const sockets = [];
  const make = (family, type = SOCK_STREAM) => {
    sockets.push(socket.socket(family, type));
    return sockets.at(-1);
  };
  await tell(() => attempt(make), name + ":");
  for (const s of sockets) s.close();
}
try {
  Deno.removeSync("FOLDER/somebody");
} catch {
  // There is no file, or not any more.
}
`;

/** What the attempts come to. */
async function attempts(
  flags: readonly string[],
  folder: string,
  native: boolean,
): Promise<string[]> {
  const program = (native ? "await install();" : "") + ATTEMPTS;
  return await lines(
    ["--allow-ffi", ...flags],
    program.replaceAll("FOLDER", folder),
  );
}

const UNIX = ["--allow-read=FOLDER", "--allow-write=FOLDER"];

for (
  const [flags, fine] of [
    [[], ["getaddrinfo, an address", "getnameinfo in numbers"]],
    [["--allow-net"], ["connect_ex", "bind", "sendto", "gethostbyaddr"]],
    [["--deny-net"], ["if_nametoindex"]],
    [["--allow-net=127.0.0.1"], ["bind", "sendto", "getnameinfo"]],
    [["--allow-net=127.0.0.1:1,127.0.0.1:80"], ["connect_ex", "getnameinfo"]],
    [["--allow-net=127.0.0.0/8"], ["bind", "sendto"]],
    [["--allow-net=localhost"], ["bind by name", "getaddrinfo"]],
    [["--allow-net=localhost:80"], ["getaddrinfo", "getaddrinfo, a service"]],
    [["--allow-net=127.0.0.1,localhost"], ["bind", "getaddrinfo"]],
    [["--allow-net=[::1]"], ["sendto over IPv6"]],
    [["--allow-net=[::ffff:127.0.0.1]"], ["bind"]],
    [["--allow-net=0.0.0.0"], ["bind to any", "listen", "sendto any"]],
    [["--allow-net=0.0.0.0,127.0.0.1:9"], ["listen", "sendto"]],
    [["--allow-net=[::]"], ["listen over IPv6"]],
    [["--allow-net", "--deny-net=127.0.0.1:80"], ["bind", "sendto"]],
    [["--allow-net", "--deny-net=[fe80::1],localhost"], ["bind", "sendto"]],
    [["--allow-net=localhost", "--deny-net=127.0.0.1"], ["getaddrinfo"]],
    [["--allow-net", ...UNIX], ["listen at a path"]],
    [["--allow-net=unix:FOLDER/somebody", ...UNIX], ["listen at a path"]],
    [["--allow-net=unix:FOLDER/nobody", ...UNIX], []],
    [["--allow-net", "--deny-net=unix:FOLDER/nobody", ...UNIX], [
      "listen at a path",
    ]],
    [UNIX, []],
    [["--allow-net", UNIX[0]!], ["bind"]],
    [["--allow-net", UNIX[1]!], ["bind"]],
    [["--allow-net", "--deny-write=FOLDER/nobody", ...UNIX], [
      "listen at a path",
    ]],
  ] as const
) {
  testNative(`native sockets may do what others may: ${flags}`, async () => {
    await using folder = await Folder.create();
    const given = flags.map((flag) => flag.replace("FOLDER", folder.path));
    const expected = await attempts(given, folder.path, false);
    assertEquals(await attempts(given, folder.path, true), expected);
    for (const name of fine) {
      const [line = ""] = expected.filter((line) =>
        line.startsWith(`${name}:`)
      );
      assert(!line.includes("Error"), line);
    }
  });
}

const REFUSED =
  /^\S+ PermissionError 13 \[Errno 13\] Requires net access to "(.*)", run again with the --allow-net flag$/;

/** The host of a refusal, or what was told instead. */
function refused(line = ""): string {
  return REFUSED.exec(line)?.[1] ?? line;
}

testNative("a wildcard doesn't lead to a loopback that is denied", async () => {
  const program = `
    await install();
    const { AF_INET, AF_INET6, SOCK_DGRAM, socket } = mod.socket;
    await tell(() => socket(AF_INET).connect(["0.0.0.0", 1]));
    await tell(() => socket(AF_INET).connect(["", 1]));
    await tell(() => socket(AF_INET6).connect(["::", 1]));
    await tell(() => socket(AF_INET6).connect(["::ffff:0.0.0.0", 1]));
    await tell(() => socket(AF_INET, SOCK_DGRAM).sendto("a", ["0.0.0.0", 9]));
    await tell(() => socket(AF_INET, SOCK_DGRAM).connect(["0.0.0.0", 9]));
    await tell(() => socket(AF_INET, SOCK_DGRAM).sendto("a", ["0.0.0.0", 8]));
  `;
  const deny = "--deny-net=127.0.0.1:1,127.0.0.1:9,[::1]";
  const told = await lines(["--allow-ffi", "--allow-net", deny], program);
  assertEquals(told.map(refused), [
    "127.0.0.1:1",
    "127.0.0.1:1",
    "[::1]:1",
    "127.0.0.1:1",
    "127.0.0.1:9",
    "127.0.0.1:9",
    "fine 1",
  ]);
});

testNative(
  "options of SCTP, which connect, take all of the network",
  async () => {
    const program = `
    await install();
    const { AF_INET, IPPROTO_SCTP, IPPROTO_TCP, SOCK_STREAM, socket } = mod.socket;
    await tell(() => socket(AF_INET, SOCK_STREAM, IPPROTO_TCP).type);
    await tell(() => socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP).type);
  `;
    assertEquals(
      await lines(["--allow-ffi", "--allow-net=127.0.0.1"], program),
      [
        "fine 1",
        "fine PermissionError 13 [Errno 13] Requires net access to all hosts, " +
        "run again with the --allow-net flag",
      ],
    );
  },
);

testNative(
  "to connect UDP takes the permission for the peer alone",
  async () => {
    const told = await lines(
      ["--allow-ffi", "--allow-net=127.0.0.1:9"],
      `
    await install();
    const { AF_INET, SOCK_DGRAM, socket } = mod.socket;
    await tell(() => socket(AF_INET, SOCK_DGRAM).connect(["127.0.0.1", 8]));
    const s = socket(AF_INET, SOCK_DGRAM);
    await tell(() => s.connect(["127.0.0.1", 9]));
    await tell(() => s.send("a"));
    `,
    );
    assertEquals(told.map(refused), ["127.0.0.1:8", "fine ", "fine 1"]);
  },
);

testNative("with the loopback alone, UDP sends from the loopback", async () => {
  const told = await lines(
    ["--allow-ffi", "--allow-net=127.0.0.1"],
    `
    await install();
    const { AF_INET, SOCK_DGRAM, socket } = mod.socket;
    const s = socket(AF_INET, SOCK_DGRAM);
    await tell(() => s.sendto("a", ["127.0.0.1", 9]));
    await tell(() => s.getsockname()[0]);
    await tell(() => s.sendto("a", ["127.0.0.2", 9]));
    `,
  );
  assertEquals(told.map(refused), ["fine 1", "fine 127.0.0.1", "127.0.0.2:9"]);
});

testNative(
  "a name that is allowed doesn't lead to an address that isn't",
  async () => {
    const told = await lines(
      ["--allow-ffi", "--allow-net=localhost", "--deny-net=127.0.0.1:1"],
      `
    await install();
    const { AF_INET, SOCK_DGRAM, socket } = mod.socket;
    await tell(() => socket().connect(["localhost", 1]));
    await tell(() => socket().connect(["127.0.0.1", 2]));
    await tell(() => socket().connect(["localhost", 2]));
    `,
    );
    assertEquals(told.slice(0, 2).map(refused), ["127.0.0.1:1", "127.0.0.1:2"]);
    assertEquals(
      told[2],
      "fine ConnectionRefusedError 111 [Errno 111] Connection refused",
    );
  },
);

testNative("a permission that is revoked ends", async () => {
  const [first, second, refusals, third] = await lines(
    ["--allow-ffi", "--allow-net=127.0.0.1:9,0.0.0.0:0,127.0.0.1:1"],
    `
    await install();
    const { AF_INET, PermissionError, SOCK_DGRAM, socket } = mod.socket;
    const s = socket(AF_INET, SOCK_DGRAM);
    await tell(() => s.sendto("a", ["127.0.0.1", 9]));
    await tell(() => socket().connect_ex(["127.0.0.1", 1]));
    Deno.permissions.revokeSync({ name: "net" });
    const results = [];
    for (let i = 0; i < 200; i++) {
      await s.sendto("a", ["127.0.0.1", 9]).then(
        () => results.push(true),
        (error) => results.push(error instanceof PermissionError ? false : error),
      );
    }
    console.log(results.indexOf(false), results.lastIndexOf(true), results.length);
    await tell(() => socket().connect(["127.0.0.1", 1]));
    `,
  );
  assertEquals([first, second], ["fine 1", "fine 111"]);
  const [begin = 0, end = 0, count] = refusals!.split(" ").map(Number);
  assert(begin >= 0 && begin <= 64, refusals);
  assertEquals([end, count], [begin - 1, 200]);
  assertEquals(refused(third), "127.0.0.1:1");
});

testNative("Deno and the system take a path for the same file", async () => {
  await using folder = await Folder.create();
  await using outside = await Folder.create();
  const { path } = folder;
  const server = `${outside.path}/server`;
  // What Deno would take for a path within the folder is another to the system.
  const program = `
    await install();
    const { AF_UNIX, SOCK_DGRAM, socket } = mod.socket;
    const connect = (path) => tell(() => socket(AF_UNIX).connect(path));
    await connect(${JSON.stringify(server)});
    await connect("${server}\\0/../../..${path}/a");
    await connect("${path}/link/../server");
    await connect("${path}/../../proc/self/root${server}");
    await connect("/proc/self/root${path}/a");
    await connect(Uint8Array.of(...new TextEncoder().encode("${path}/"), 0xff));
    await connect("${path}/a\\0b");
    await connect("${path}//./a");
    await tell(() => socket(AF_UNIX, SOCK_DGRAM).sendto("a", ${
    JSON.stringify(server)
  }));
    Deno.chdir("${path}");
    await connect("a");
    await connect("../${path.split("/").at(-1)}/a");
    await connect("./a/../a");
  `;
  const told = await lines(
    [
      "--allow-ffi",
      "--allow-net",
      `--allow-read=${path}`,
      `--allow-write=${path}`,
    ],
    program,
  );
  const isRefused = told.map((line) =>
    line.startsWith("fine PermissionError 13 [Errno 13] Requires read access")
  );
  const missing =
    "fine FileNotFoundError 2 [Errno 2] No such file or directory";
  assertEquals(isRefused, [
    ...[true, true, true, true, true, true, false, false, true],
    ...[false, false, true],
  ]);
  assertEquals(
    told.filter((_, index) => !isRefused[index]),
    new Array(4).fill(missing),
  );
});
