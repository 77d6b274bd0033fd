import { assertEquals } from "@std/assert";
import { test } from "./cases.ts";
import { denoText } from "./peer.ts";
import { socket } from "../mod.ts";
import { receiveAll, text } from "./traffic.ts";

const HEAD = `
import { select, socket } from "./mod.ts";
async function raises(promise) {
  try { await promise; } catch (error) { return; }
  throw new Error("It should have failed");
}
/** Ways to wait for a readable socket, each with its end. */
async function wait(s, receive) {
  s.settimeout(0.01);
  await raises(receive());
  s.setblocking(false);
  await raises(receive());
  await select.select([s], [], [], 0.01);
  await select.select([s], [], [], 0);
  for await (const _ of select.select([s], [], [], 0.01)) break;
  const p = select.poll();
  p.register(s, select.POLLIN);
  await p.poll(10);
  await p.poll(0);
  const e = select.epoll();
  e.register(s, select.EPOLLIN);
  await e.poll(0.01);
  s.setblocking(true);
}
`;

const LISTENER = `
const server = socket.create_server(["127.0.0.1", 0]);
const client = await socket.create_connection(server.getsockname());
const [conn] = await server.accept();
`;

/** Programs that don't close their sockets, and don't wait for them any more. */
const IDLE: Record<string, string> = {
  "a TCP connection": `${LISTENER}
    await wait(client, () => client.recv(1));
    await wait(conn, () => conn.recv_into(new Uint8Array(1)));
    const received = client.recv(1);
    client.shutdown(socket.SHUT_RD);
    await received;`,
  "a listener": `
    const server = socket.create_server(["127.0.0.1", 0]);
    await wait(server, () => server.accept());`,
  "a connection from an address of one's own": `
    const server = socket.create_server(["127.0.0.1", 0]);
    const client = socket.socket();
    client.bind(["127.0.0.1", 0]);
    await client.connect(server.getsockname());
    const [conn] = await server.accept();
    await client.sendall("ping");
    await conn.recv(4);
    await wait(client, () => client.recv(1));`,
  "UDP": `
    const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.bind(["127.0.0.1", 0]);
    await wait(s, () => s.recv(1));
    await s.sendto("", s.getsockname());
    await s.recvfrom(1);`,
  "AF_UNIX": `
    const server = socket.socket(socket.AF_UNIX);
    server.bind("\\0berkeley-" + crypto.randomUUID());
    server.listen();
    await wait(server, () => server.accept());
    const client = socket.socket(socket.AF_UNIX);
    await client.connect(server.getsockname());
    await wait(client, () => client.recv(1));`,
  "a pair": `
    const [a, b] = await socket.socketpair();
    await wait(a, () => a.recv(1));`,
};

for (const [name, program] of Object.entries(IDLE)) {
  test(`a program ends when no call waits for ${name}`, async () => {
    await using peer = denoText(
      ["--allow-net", "--allow-read", "--allow-write"],
      `${HEAD}${program}\nconsole.log("end");`,
    );
    assertEquals(await peer.rest(), "end\n");
  });
}

/** Calls that wait for events which only arrive when the system is polled. */
const BUSY: Record<string, string> = {
  recv: "await client.recv(1);",
  recv_into: "await client.recv_into(new Uint8Array(1));",
  "recv() after a time-out": `
    await wait(client, () => client.recv(1));
    await client.recv(1);`,
  accept: "await server.accept();",
  "accept() after a time-out": `
    await wait(server, () => server.accept());
    await server.accept();`,
  select: "await select.select([client, server], [], []);",
  "poll, epoll": `
    const p = select.poll();
    p.register(server, select.POLLIN);
    await p.poll(1);
    await p.poll();
    const e = select.epoll();
    e.register(server, select.EPOLLIN);
    await e.poll();`,
};

for (const [name, call] of Object.entries(BUSY)) {
  test(`a program goes on as long as it waits in ${name}`, async () => {
    await using peer = denoText(
      ["--allow-net"],
      `${HEAD}${LISTENER}
      let done = false;
      addEventListener("unload", () => console.log(done));
      (async () => { ${call} done = true; })();
      // Runs only if something else keeps the process alive.
      Deno.unrefTimer(setTimeout(async () => {
        await socket.create_connection(server.getsockname());
        await conn.sendall("x");
      }, 200));`,
    );
    assertEquals(await peer.rest(), "true\n");
  });
}

test("a program goes on as long as it receives at a port that it has not got yet", async () => {
  await using peer = denoText(
    ["--allow-net"],
    `import { socket } from "./mod.ts";
    const server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    server.bind(["127.0.0.1", 0]);
    const client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    let done = false;
    addEventListener("unload", () => console.log(done));
    (async () => { await client.recv(1); done = true; })();
    // Comes only if something else keeps the process.
    Deno.unrefTimer(setTimeout(async () => {
      await client.sendto("x", server.getsockname());
      const [, address] = await server.recvfrom(1);
      await server.sendto("y", address);
    }, 200));`,
  );
  assertEquals(await peer.rest(), "true\n");
});

test("a program goes on as long as it receives from a pair", async () => {
  await using peer = denoText(
    ["--allow-net"],
    `import { socket } from "./mod.ts";
    const [a, b] = await socket.socketpair();
    let done = false;
    addEventListener("unload", () => console.log(done));
    (async () => { await a.recv(1); await a.readline(); done = true; })();
    // Comes only if something else keeps the process.
    const later = (data) => Deno.unrefTimer(setTimeout(async () => {
      await b.sendall(data);
      if (data === "x") later("y\\n");
    }, 200));
    later("x");`,
  );
  assertEquals(await peer.rest(), "true\n");
});

/** The last calls of a program, which send in each mode. */
const SENDS: Record<string, string> = {
  "blocking sendall": `await conn.sendall("goodbye");`,
  "sendall with a time-out":
    `conn.settimeout(5); await conn.sendall("goodbye");`,
  "send with a time-out": `conn.settimeout(5); await conn.send("goodbye");`,
  "non-blocking send": `conn.setblocking(false); await conn.send("goodbye");`,
  sendmsg: `conn.settimeout(5); await conn.sendmsg(["good", "bye"]);`,
};

for (const [name, send] of Object.entries(SENDS)) {
  for (const family of [socket.AF_INET, socket.AF_UNIX]) {
    const address = family === socket.AF_INET
      ? ["127.0.0.1", 0]
      : `\0berkeley-${crypto.randomUUID()}`;
    test(`Deno.exit() loses no sent bytes: ${name} (${family})`, async () => {
      await using peer = denoText(
        ["--allow-net", "--allow-read", "--allow-write"],
        `import { socket } from "./mod.ts";
        const server = socket.socket(${family});
        server.bind(${JSON.stringify(address)});
        server.listen();
        console.log(JSON.stringify(server.getsockname()));
        const [conn] = await server.accept();
        ${send}
        Deno.exit(0);`,
      );
      using client = socket.socket(family);
      await client.connect(JSON.parse(await peer.line()));
      assertEquals(text(await receiveAll(client)), "goodbye");
      assertEquals(await peer.rest(), "");
    });
  }
}
