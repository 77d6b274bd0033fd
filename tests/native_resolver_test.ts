/**
 * Names as the C library finds them, in programs with native sockets.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { testIf } from "./cases.ts";
import {
  hasNative,
  lines,
  linesWithin,
  testNative,
} from "./native_programs.ts";
import { isGnuLinux, python } from "./oracle.ts";

const ALL = [
  "--allow-ffi",
  "--allow-net",
  "--allow-sys=hostname,networkInterfaces",
];

/** Calls of Python's and of this module, with the same arguments. */
const CALLS: [string, ...unknown[]][] = [
  ["getaddrinfo", "localhost", 80],
  ["getaddrinfo", "localhost", "http", 0, 1],
  ["getaddrinfo", "localhost", "domain", 2, 2],
  ["getaddrinfo", "localhost", "domain", 2, 0, 17],
  ["getaddrinfo", "localhost", null, 10],
  ["getaddrinfo", "localhost", 80, 2, 1, 0, 0x0002], // AI_CANONNAME
  ["getaddrinfo", "localhost", 80, 0, 1, 0, 0x0020], // AI_ADDRCONFIG
  ["getaddrinfo", "localhost", 80, 10, 1, 0, 0x0018], // AI_V4MAPPED, AI_ALL
  ["getaddrinfo", "127.1", "0x50", 2, 1],
  ["getaddrinfo", "127.0.0.1", 80, 10, 1],
  ["getaddrinfo", "fe80::1%lo", 80, 0, 1],
  ["getaddrinfo", "fe80::1%1", 80, 0, 2],
  ["getaddrinfo", "fe80::1%none0", 80],
  ["getaddrinfo", "::ffff:127.0.0.1", 80, 0, 3],
  ["getaddrinfo", null, 80, 0, 1, 0, 0x0001], // AI_PASSIVE
  ["getaddrinfo", null, "ssh", 0, 1],
  ["getaddrinfo", null, null],
  ["getaddrinfo", "", 80],
  ["getaddrinfo", "*", 80, 2, 1],
  ["getaddrinfo", "nobody.invalid", 80, 2, 1, 0, 0x0004], // AI_NUMERICHOST
  ["getaddrinfo", "localhost", "http", 2, 1, 0, 0x0400], // AI_NUMERICSERV
  ["getaddrinfo", "localhost", "no service", 2, 1],
  ["getaddrinfo", "localhost", 80, 77],
  ["getaddrinfo", "localhost", 80, 2, 77],
  ["getaddrinfo", "localhost", 80, 2, 1, 17],
  ["getaddrinfo", "localhost", 80, 2, 1, 0, 0x100000],
  ["getaddrinfo", "localhost", 70000, 2, 1],
  ["getnameinfo", ["127.0.0.1", 80], 0],
  ["getnameinfo", ["127.0.0.1", 80], 1], // NI_NUMERICHOST
  ["getnameinfo", ["127.0.0.1", 53], 0x12], // NI_DGRAM, NI_NUMERICSERV
  ["getnameinfo", ["127.0.0.1", 512], 16], // NI_DGRAM
  ["getnameinfo", ["127.0.0.1", 512], 4], // NI_NOFQDN
  ["getnameinfo", ["::1", 80, 5, 0], 3],
  ["getnameinfo", ["fe80::1", 80, 0, 1], 3],
  ["getnameinfo", ["fe80::1", 80, 0, 77], 3],
  ["getnameinfo", ["127.0.0.1", 80], 0x10000],
  ["getnameinfo", ["127.0.0.1", 80, 0], 0],
  ["getnameinfo", ["localhost", 80], 0],
  ["gethostbyname", "localhost"],
  ["gethostbyname", ""],
  ["gethostbyname", "::1"],
  ["gethostbyname_ex", "localhost"],
  ["gethostbyname_ex", "127.0.0.1"],
  ["gethostbyname_ex", "<broadcast>"],
  ["gethostbyaddr", "127.0.0.1"],
  ["gethostbyaddr", "localhost"],
  ["gethostbyaddr", ""],
  ["getfqdn", "localhost"],
  ["getfqdn", "127.0.0.1"],
  ["getfqdn", ""],
  ["if_nameindex"],
  ["if_nametoindex", "lo"],
  ["if_nametoindex", "none0"],
  ["if_indextoname", 1],
  ["if_indextoname", 77777],
];

const PYTHON = `
import json, socket, sys

def told(name, *args):
    args = [tuple(a) if isinstance(a, list) else a for a in args]
    try:
        return getattr(socket, name)(*args)
    except Exception as error:
        return [type(error).__name__, *error.args]

print(json.dumps([told(*call) for call in json.load(sys.stdin)]))
`;

const PROGRAM = `
await install();
const told = async ([name, ...args]) => {
  try {
    return await mod.socket[name](...args);
  } catch (error) {
    return [error.name, ...error.args];
  }
};
const results = [];
for (const call of JSON.parse(CALLS)) results.push(await told(call));
console.log(JSON.stringify(results));
`;

testIf(
  hasNative && isGnuLinux,
  "names, services and interfaces are Python's",
  async () => {
    const calls = JSON.stringify(JSON.stringify(CALLS));
    const [line = ""] = await lines(ALL, PROGRAM.replace("CALLS", calls));
    const ours = JSON.parse(line);
    const theirs = await python<unknown[]>(PYTHON, CALLS);
    for (const [index, call] of CALLS.entries()) {
      assertEquals(ours[index], theirs[index], JSON.stringify(call));
    }
  },
);

testNative("connections go to names", async () => {
  const told = await lines(
    ["--allow-ffi", "--allow-net=localhost,127.0.0.1"],
    `
    await install();
    const { socket } = mod;
    const server = socket.create_server(["localhost", 0]);
    const [, port] = server.getsockname();
    const client = await socket.create_connection(["localhost", port]);
    await tell(() => client.getpeername().join(" ") === "127.0.0.1 " + port);
    const s = socket.socket();
    await tell(() => s.connect(["localhost", port]));
    `,
  );
  assertEquals(told, ["fine true", "fine "]);
});

testNative(
  "a look-up keeps the process alive, and lets it do other things",
  async () => {
    const told = await lines(
      ["--allow-ffi", "--allow-net"],
      `
    await install();
    const { socket } = mod;
    let done = 0;
    // More than there may be threads for.
    const all = Array.from({ length: 600 }, () =>
      socket.getaddrinfo("localhost", 80).finally(() => done++)
    );
    console.log(done);
    await Promise.all(all);
    console.log(done);
    addEventListener("unload", () => console.log("end"));
    socket.getaddrinfo("localhost", 80).then(() => console.log("last"));
    // The program ends by itself.
    Deno.exit = () => {};
    `,
    );
    assertEquals(told, ["0", "600", "last", "end"]);
  },
);

testNative(
  "a look-up without a descriptor tells what the system tells",
  async () => {
    const EMFILE = "OSError 24 [Errno 24] Too many open files";
    const told = await linesWithin(
      64,
      ["--allow-ffi", "--allow-net", "--allow-read", "--allow-sys"],
      `
    await install();
    const { socket } = mod;
    // Threads, and what Deno needs for signals, are there now.
    await socket.getaddrinfo("127.0.0.1", 80);
    Deno.addSignalListener("SIGUSR2", () => {});
    const files = [];
    await tell(() => { for (;;) files.push(Deno.openSync("/dev/null")); }, "full:");
    await tell(() => socket.gethostbyaddr("127.0.0.1"));
    await tell(() => socket.getnameinfo(["127.0.0.1", 80], socket.NI_NAMEREQD));
    await tell(() => socket.if_nameindex());
    for (const file of files) file.close();
    await tell(async () => (await socket.gethostbyaddr("127.0.0.1")).length);
    `,
    );
    assertEquals(told.slice(1), [
      ...new Array(3).fill(`fine ${EMFILE}`),
      "fine 3",
    ]);
  },
);

testNative("a worker may end in the middle of look-ups", async () => {
  const worker = `
    import { socket } from "./mod.ts";
    await import(NATIVE);
    const all = Array.from({ length: 100 }, () => socket.getaddrinfo("localhost", 80));
    postMessage(null);
    await Promise.all(all);
  `;
  const root = import.meta.resolve("../");
  const text = worker.replace("./mod.ts", `${root}mod.ts`).replace(
    "NATIVE",
    JSON.stringify(`${root}socket/transport/native/mod.ts`),
  );
  const told = await lines(
    ["--allow-ffi", "--allow-net", "--allow-read"],
    `
    const url = ${
      JSON.stringify(`data:application/typescript,${encodeURIComponent(text)}`)
    };
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(url, { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      worker.terminate();
    }
    await install();
    await tell(async () => (await mod.socket.getaddrinfo("localhost", 80)).length > 0);
    `,
  );
  assertEquals(told, ["fine true"]);
});
