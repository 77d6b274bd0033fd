import { assert, assertEquals, assertRejects } from "@std/assert";
import { select, socket, thread } from "../mod.ts";
import { test } from "./cases.ts";
import { nobody } from "./bound.ts";
import { pattern } from "./traffic.ts";
import { testEach } from "./transports.ts";

// The stack of an error names the line of the program that made the call.

type Call = () => Promise<unknown>;

/** The program's function, whose name must be in the stack. */
async function theProgram(call: Call): Promise<void> {
  await call();
}

/** Asserts that each call fails with a stack that names it and its caller. */
async function namesCaller(calls: Record<string, Call>): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    const error = await assertRejects(() => theProgram(call), Error);
    const stack = error.stack!;
    assert(stack.includes("theProgram"), `${name}:\n${stack}`);
    const [first] = stack.split("\n");
    assert(first!.startsWith(`${error.name}: ${error.message}`), stack);
  }
}

testEach("a wait that fails names its caller", async (net) => {
  const [a] = await net.pair();
  const server = net.listener();
  for (const s of [a, server]) s.settimeout(0.01);
  await using file = a.makefile("r");
  await using raw = a.makefile("rb", 0);
  await using reader = a.makefile("rb");
  await namesCaller({
    recv: () => a.recv(1),
    recv_into: () => a.recv_into(new Uint8Array(1)),
    recvfrom: () => a.recvfrom(1),
    recvmsg: () => a.recvmsg(1),
    read: () => a.read(),
    readinto: () => a.readinto(new Uint8Array(1)),
    readline: () => a.readline(),
    sendall: () => a.sendall(pattern(32 << 20)),
    accept: () => server.accept(),
    "accept by iteration": () => server[Symbol.asyncIterator]().next(),
    "a text file's readline": () => file.readline(),
    "a file's read": () => reader.read(),
    "a raw file's readall": () => raw.readall(),
  });
  a.setblocking(false);
  await namesCaller({ "recv, non-blocking": () => a.recv(1) });
});

testEach("a call that finds an end names its caller", async (net) => {
  const [a] = await net.pair();
  a.shutdown(socket.SHUT_WR);
  const file = a.makefile("w");
  const written = async () => {
    await file.write("x");
    await file.flush();
  };
  using source = await Deno.open(new URL(import.meta.url));
  await namesCaller({
    send: () => a.send("x"),
    sendall: () => a.sendall("x"),
    sendmsg: () => a.sendmsg(["x"]),
    write: () => a.write("x"),
    sendfile: () => a.sendfile(source),
    "a file's flush": written,
  });
  await file.close().catch(() => {});
  const [c] = await net.pair();
  const closing = (s: socket.Socket, call: () => Promise<unknown>) => {
    const pending = call();
    s.close();
    return pending;
  };
  const server = net.listener();
  await namesCaller({
    "recv, closed": () => closing(c, () => c.recv(1)),
    "accept, closed": () => closing(server, () => server.accept()),
    "select of a closed socket": async () => {
      await select.select([c], [], [], 0);
    },
    "recv on a closed socket": () => c.recv(1),
  });
});

testEach("a failed connect() names its caller", async (net) => {
  const server = net.listener();
  const address = server.getsockname();
  server.close();
  await namesCaller({ connect: () => net.socket().connect(address) });
});

test("connections and look-ups name their caller", async () => {
  using refusing = await nobody();
  const { address } = refusing;
  const nowhere = "nobody.invalid";
  await namesCaller({
    create_connection: () => socket.create_connection(address),
    "create_connection by name": () => socket.create_connection([nowhere, 80]),
    connect: async () => {
      using s = socket.socket();
      await s.connect([nowhere, 80]);
    },
    getaddrinfo: () => socket.getaddrinfo(nowhere, 80),
    gethostbyname: () => socket.gethostbyname(nowhere),
    gethostbyname_ex: () => socket.gethostbyname_ex(nowhere),
    gethostbyaddr: () => socket.gethostbyaddr(nowhere),
    sendto: async () => {
      using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      await s.sendto("x", [nowhere, 9]);
    },
    recvfrom: async () => {
      using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      s.bind(["127.0.0.1", 0]);
      s.settimeout(0.01);
      await s.recvfrom(1);
    },
  });
});

test("queues name their caller", async () => {
  const queue = new thread.Queue<number>(1);
  const simple = new thread.SimpleQueue<number>();
  await namesCaller({
    get: () => queue.get(true, 0.01),
    get_nowait: () => queue.get_nowait(),
    "SimpleQueue.get": () => simple.get(true, 0.01),
  });
  await queue.put(1);
  await namesCaller({
    put: () => queue.put(2, true, 0.01),
    put_nowait: () => queue.put_nowait(2),
  });
});

testEach("an error of the program's own keeps its stack", async (net) => {
  const [a] = await net.pair();
  const mine = new socket.OSError("mine");
  const { stack } = mine;
  const error = await assertRejects(
    () => a.sendfile({ read: () => Promise.reject(mine) }),
    socket.OSError,
  );
  assertEquals(error, mine);
  assertEquals(error.stack, stack);
});
