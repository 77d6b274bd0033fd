// deno run --no-config --no-lock --no-prompt --allow-net --allow-read=.,/etc/hosts tests/smoke.ts
//
// Whether the library does what it should on this version of Deno, old ones
// included: it imports nothing else, prints a line for each part, and exits with
// 0 if all of them hold and with 1 if not.

import { errno, select, socket, thread } from "../mod.ts";

/** Threads work from this version on; older ones must say so. */
const THREADS = [2, 7, 6];
/** Milliseconds, after which a part has failed. */
const PATIENCE = 20_000;

function equal(actual: unknown, expected: unknown): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${a} should be ${e}`);
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Sends back what one client sends; the function of a thread as well. */
export async function echo(conn: socket.Socket): Promise<void> {
  using _ = conn;
  for (let data; (data = await conn.recv(65536)).length > 0;) {
    await conn.sendall(data);
  }
}

/** Sends a client's bytes and expects them back. */
async function converse(client: socket.Socket): Promise<void> {
  const sent = new Uint8Array(300_000).map((_, i) => i * 7);
  const sending = client.sendall(sent).then(() =>
    client.shutdown(socket.SHUT_WR)
  );
  const received: number[] = [];
  for (let data; (data = await client.recv(65536)).length > 0;) {
    received.push(...data);
  }
  await sending;
  equal(received.length, sent.length);
  equal(received.every((byte, i) => byte === sent[i]), true);
}

async function connected(): Promise<[socket.Socket, socket.Socket]> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  return [client, conn];
}

async function code(promise: Promise<unknown>): Promise<number | null> {
  try {
    await promise;
  } catch (error) {
    return (error as socket.OSError).errno;
  }
  return 0;
}

/** The version, as numbers. */
function version(): number[] {
  return Deno.version.deno.split(/[.+-]/).slice(0, 3).map(Number);
}

function hasThreads(): boolean {
  const own = version();
  const i = THREADS.findIndex((part, i) => part !== own[i]);
  return i < 0 || own[i]! > THREADS[i]!;
}

const parts: Record<string, () => Promise<void> | void> = {
  async echo() {
    const [client, conn] = await connected();
    using _ = client;
    await Promise.all([echo(conn), converse(client)]);
  },

  async errors() {
    const server = socket.create_server(["127.0.0.1", 0]);
    const address = server.getsockname();
    server.close();
    const refused = await code(socket.create_connection(address));
    equal(refused, errno.ECONNREFUSED);
    equal(errno.errorcode[refused!], "ECONNREFUSED");
  },

  async timeout() {
    const [client, conn] = await connected();
    using _ = client;
    using __ = conn;
    client.settimeout(0.01);
    equal(await client.recv(1).catch(({ name }) => name), "TimeoutError");
    client.setblocking(false);
    equal(await code(client.recv(1)), errno.EAGAIN);
  },

  async file() {
    const [client, conn] = await connected();
    using _ = client;
    using __ = conn;
    await conn.sendall("first\nsecond\n");
    const file = client.makefile("r");
    equal(await file.readline(), "first\n");
    equal(await file.readline(), "second\n");
    await file.close();
  },

  async udp() {
    using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    server.bind(["127.0.0.1", 0]);
    using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    await client.sendto("datagram", server.getsockname());
    const [data, address] = await server.recvfrom(100);
    equal(text(data), "datagram");
    await server.sendto("answer", address!);
    equal(text(await client.recv(100)), "answer");
  },

  async select() {
    using server = socket.create_server(["127.0.0.1", 0]);
    equal((await select.select([server], [], [], 0))[0].length, 0);
    using client = await socket.create_connection(server.getsockname());
    const [[ready]] = await select.select([server], [], []);
    equal(ready === server, true);
    const [conn] = await server.accept();
    using _ = conn;
    const p = select.poll<socket.Socket>();
    p.register(conn, select.POLLIN);
    await client.sendall("x");
    const [event] = await p.poll();
    const [polled, mask] = event!;
    equal([polled === conn, mask], [true, select.POLLIN]);
  },

  async names() {
    const [[family, , , , address]] = await socket.getaddrinfo(
      "127.0.0.1",
      80,
      socket.AF_INET,
      socket.SOCK_STREAM,
    );
    equal([family, address], [socket.AF_INET, ["127.0.0.1", 80]]);
    equal(await socket.gethostbyname("localhost"), "127.0.0.1");
    const unknown = socket.getaddrinfo("nobody.invalid", 80).catch((error) =>
      error
    );
    equal((await unknown).name, "gaierror");
    // A machine may have no name for it, or the program no permission to ask.
    const flags = socket.NI_NUMERICSERV;
    const [name, port] = await socket.getnameinfo(["127.0.0.1", 80], flags);
    equal([name.length > 0, port], [true, "80"]);
  },

  async threads() {
    if (!hasThreads()) {
      const raised = await new Promise<Error>((resolve, reject) => {
        try {
          thread.start_new_thread(echo, [] as never);
          reject(new Error("a thread has started"));
        } catch (error) {
          resolve(error as Error);
        }
      });
      equal(raised.name, "RuntimeError");
      equal(raised.message.includes(`Deno ${THREADS.join(".")}`), true);
      return;
    }
    for (let n = 0; n < 3; n++) {
      const [client, conn] = await connected();
      using _ = client;
      const handle = thread.start_joinable_thread(echo, [conn]);
      await converse(client);
      await handle.join();
    }
    equal(thread._count(), 0);
  },
};

if (import.meta.main) {
  console.log(`Deno ${Deno.version.deno}`);
  for (const [name, part] of Object.entries(parts)) {
    let timer;
    const patience = new Promise<void>((_, reject) => {
      const late = () => reject(new Error("it takes too long"));
      timer = setTimeout(late, PATIENCE);
    });
    try {
      await Promise.race([part(), patience]);
      const without = name === "threads" && !hasThreads();
      console.log(`${name}: ok${without ? " (none in this version)" : ""}`);
    } catch (error) {
      console.error(`${name}: FAILED`, error);
      Deno.exitCode = 1;
    }
    clearTimeout(timer);
  }
  // A part that hangs must not keep the rest of the machine waiting.
  if (Deno.exitCode !== 0) Deno.exit();
}
