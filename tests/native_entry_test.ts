import { assert, assertEquals, assertMatch } from "@std/assert";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { lines, testNative } from "./native_programs.ts";

const NET = "--allow-net=127.0.0.1";

/** Raises the import's error, or tells which sockets there are. */
const IMPORT = `
const { native, socket } = mod;
await tell(() => native.available());
await tell(async () => { await install(); });
await tell(() => socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).type);
`;

const DATAGRAMS_OF_DENO =
  "fine OSError 94 [Errno 94] Deno has no c.AF_UNIX datagrams; use c.SOCK_STREAM";

testNative("the import makes new sockets native", async () => {
  assertEquals(await lines(["--allow-ffi"], IMPORT), [
    "fine true",
    "fine ",
    "fine 2",
  ]);
});

testNative(
  "a permission for the path in the error's words is enough",
  async () => {
    const [available, refused = "", socket] = await lines([], IMPORT);
    assertEquals([available, socket], ["fine false", DATAGRAMS_OF_DENO]);
    const words =
      /^fine PermissionError 13 \[Errno 13\] Requires ffi access to "(\/.+\/libc\.so\.6)", run again with the --allow-ffi flag$/;
    const [, path = ""] = words.exec(refused) ?? [];
    assertMatch(refused, words);
    const traffic = `
    await install();
    const { socket } = mod;
    const server = socket.create_server(["127.0.0.1", 0]);
    const client = await socket.create_connection(server.getsockname());
    const [conn] = await server.accept();
    await client.sendall("over");
    console.log(new TextDecoder().decode(await conn.recv(4)));
    client.setblocking(false);
    await tell(() => client.recv(1));
    await conn.sendmsg(["and ", "back"]);
    client.setblocking(true);
    console.log(new TextDecoder().decode((await client.recvmsg(8, 64))[0]));
    await tell(async () => (await socket.getaddrinfo("localhost", 80)).length > 0);
    await tell(() => socket.if_nametoindex("lo"));
  `;
    const net = `${NET},localhost`;
    assertEquals(await lines([net, `--allow-ffi=${path}`], traffic), [
      "over",
      "fine BlockingIOError 11 [Errno 11] Resource temporarily unavailable",
      "and back",
      "fine true",
      "fine 1",
    ]);
  },
);

testNative("a permission for another library isn't enough", async () => {
  for (const flag of ["--allow-ffi=/nowhere/libc.so.6", "--deny-ffi"]) {
    const [available, refused] = await lines([flag], IMPORT);
    assertEquals(available, "fine false");
    assertMatch(refused!, /PermissionError 13 .*--allow-ffi flag$/);
  }
});

for (
  const [where, change, words] of [
    ["on another system", 'build.os = "darwin"', "this is darwin "],
    ["on another machine", 'build.arch = "riscv64"', "this is linux riscv64"],
    ["with another C library", 'build.env = "musl"', " musl"],
    ["without FFI", "deno.dlopen = undefined", "has no Deno.dlopen"],
    [
      "without the library",
      "deno.dlopen = () => { throw new Error(); }",
      "libc.so.6 can't be loaded",
    ],
  ] as const
) {
  testNative(`the import is an OSError ${where}`, async () => {
    const program = `
      const build = { ...Deno.build };
      const deno = Object.defineProperties({}, Object.getOwnPropertyDescriptors(Deno));
      Object.defineProperty(deno, "build", { value: build });
      Object.defineProperty(deno, "dlopen", { value: Deno.dlopen, writable: true });
      ${change};
      Object.defineProperty(globalThis, "Deno", { value: deno });
      ${IMPORT}
    `;
    const [available, refused = "", socket] = await lines(
      ["--allow-ffi"],
      program,
    );
    const told = where !== "without the library";
    assertEquals(available, `fine ${!told}`);
    assertMatch(
      refused,
      /OSError 38 \[Errno 38\] native sockets need Linux on x86-64 or aarch64, with glibc: /,
    );
    assert(refused.includes(words), refused);
    assertEquals(socket, DATAGRAMS_OF_DENO);
  });
}

testNative("sockets that were made before the import stay open", async () => {
  const told = await lines(
    ["--allow-net", "--allow-ffi"],
    `
    const { select, socket } = mod;
    const text = (bytes) => new TextDecoder().decode(bytes);
    // More than the system has numbers below: some of them collide.
    const early = Array.from({ length: 60 }, () => socket.socket());
    const server = socket.create_server(["127.0.0.1", 0]);
    const client = await socket.create_connection(server.getsockname());
    const [conn] = await server.accept();
    const epoll = select.epoll();
    const before = [...early, server, client, conn].map((s) => s.fileno());
    await install();
    await install();
    const late = [
      ...Array.from({ length: 30 }, () => socket.socket()),
      ...await socket.socketpair(),
    ];
    const numbers = late.map((s) => s.fileno());
    const all = [...before, epoll.fileno(), ...numbers];
    console.log(new Set(all).size === all.length);
    console.log(numbers.every((fd) => fd < 200));
    console.log(before.join() === [...early, server, client, conn].map((s) => s.fileno()).join());
    await client.sendall("early");
    console.log(text(await conn.recv(10)));
    await late.at(-1).sendall("late");
    console.log(text(await late.at(-2).recv(10)));
    // A native client of a server over Deno.
    const other = await socket.create_connection(server.getsockname());
    const [served] = await server.accept();
    await other.sendall("both");
    console.log(text(await served.recv(10)));
    // What has become free is the system's.
    for (const s of early) s.close();
    for (const s of late) s.close();
    const again = socket.socket();
    console.log(early.every((s) => s.closed), again.fileno() < 60);
    epoll.close();
    `,
  );
  assertEquals(told, [
    ...["true", "true", "true", "early", "late", "both", "true true"],
  ]);
});

testIf(true, "no module of the package loads a native one", async () => {
  const { exports } = JSON.parse(
    await Deno.readTextFile(new URL("../deno.json", import.meta.url)),
  );
  const { "./native": native, ...others } = exports as Record<string, string>;
  for (const entry of Object.values(others)) {
    const graph = JSON.parse(
      await output(Deno.execPath(), "info", "--json", entry) ?? "{}",
    );
    const modules: string[] = graph.modules.map((
      { specifier }: { specifier: string },
    ) => specifier);
    assert(modules.length > 0);
    assertEquals(
      modules.filter((module) => module.includes("/transport/native/")),
      [],
    );
  }
  assert(native!.includes("/transport/native/"));
});

testIf(
  true,
  "a program without the import needs no permission for it",
  async () => {
    const told = await lines(
      [NET, "--deny-ffi"],
      `
    const { socket } = mod;
    const server = socket.create_server(["127.0.0.1", 0]);
    const client = await socket.create_connection(server.getsockname());
    await tell(() => client.send("over Deno"));
    `,
    );
    assertEquals(told, ["fine 9"]);
  },
);
