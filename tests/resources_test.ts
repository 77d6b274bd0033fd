import { assertEquals, assertLessOrEqual } from "@std/assert";
import { test } from "./cases.ts";
import { denoText } from "./peer.ts";

test("2,000 connections opened and closed leave nothing behind", async () => {
  await using child = denoText(
    ["--allow-all"],
    `
    import { socket } from "./mod.ts";

    const { core } = Deno[Deno.internal];
    const count = () => [
      [...Deno.readDirSync("/proc/self/fd")].length,
      Object.keys(core.resources()).length,
    ];
    const server = socket.create_server(["127.0.0.1", 0], { backlog: 64 });
    const echo = (async () => {
      for await (const [conn] of server) {
        conn.recv(8).then((data) => conn.sendall(data)).finally(() => conn.close());
      }
    })();
    let most = 0;
    async function talk(times) {
      for (let i = 0; i < times; i++) {
        const s = await socket.create_connection(server.getsockname());
        most = Math.max(most, s.fileno());
        if (i % 3 === 0) s.settimeout(9);
        await s.sendall("ping");
        if ((await s.recv(8)).length !== 4) throw new Error("no echo");
        s.close();
      }
    }
    const talks = (times) =>
      Promise.all(Array.from({ length: 8 }, () => talk(times)));
    await talks(5);
    await new Promise((resolve) => setTimeout(resolve));
    const before = count();
    await talks(250);
    await new Promise((resolve) => setTimeout(resolve));
    const after = count();
    server.close();
    await echo;
    console.log(JSON.stringify([before, after, most]));
    `,
  );
  const [before, after, most] = JSON.parse(await child.rest());
  // The last ones may be on their way out.
  assertLessOrEqual(after[0], before[0] + 2);
  assertLessOrEqual(after[1], before[1] + 2);
  assertLessOrEqual(most, 64);
});

test("a socket without references is closed", async () => {
  await using child = denoText(
    ["--allow-net=127.0.0.1", "--v8-flags=--expose-gc"],
    `
    import { socket } from "./mod.ts";

    using server = socket.create_server(["127.0.0.1", 0]);
    using client = await socket.create_connection(server.getsockname());
    await (async () => {
      const [conn] = await server.accept();
      await conn.sendall("hello");
    })();
    // A detached descriptor belongs to no socket, and stays open.
    using other = await socket.create_connection(server.getsockname());
    const fd = await server.accept().then(([conn]) => conn.detach());
    console.log((await client.recv(10)).length);
    const end = client.recv(10);
    let closed = false;
    end.finally(() => closed = true);
    while (!closed) {
      gc();
      await new Promise((resolve) => setTimeout(resolve));
    }
    console.log((await end).length);
    using revived = socket.socket(-1, -1, -1, fd);
    await revived.sendall("kept");
    console.log((await other.recv(10)).length);
    `,
  );
  assertEquals(await child.rest(), "5\n0\n4\n");
});

test("a socket that a call waits on is not collected", async () => {
  await using child = denoText(
    ["--allow-net=127.0.0.1", "--v8-flags=--expose-gc"],
    `
    import { socket } from "./mod.ts";

    using server = socket.create_server(["127.0.0.1", 0]);
    const text = (bytes) => new TextDecoder().decode(bytes);
    const buffer = new Uint8Array(1);
    const calls = {
      recv: async () => text(await (await server.accept())[0].recv(1)),
      recv_into: async () => {
        await (await server.accept())[0].recv_into(buffer);
        return text(buffer);
      },
      timeout: async () => {
        const [conn] = await server.accept();
        conn.settimeout(9);
        return text(await conn.recv(1));
      },
      send: async () => {
        await (await server.accept())[0].send(new Uint8Array(16 << 20));
        return "y";
      },
    };
    for (const [name, call] of Object.entries(calls)) {
      const client = await socket.create_connection(server.getsockname());
      const result = call().catch(String);
      for (let i = 0; i < 10; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve));
      }
      if (name === "send") await client.recv(16 << 20, socket.MSG_WAITALL);
      else await client.sendall("y");
      console.log(name, await result);
      client.close();
    }
    `,
  );
  assertEquals(await child.rest(), "recv y\nrecv_into y\ntimeout y\nsend y\n");
});
