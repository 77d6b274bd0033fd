// Works with sockets where there are no workers and no shared memory, as on the
// edge runtimes that are made of Deno. They have it so from the beginning.

Object.assign(globalThis, { SharedArrayBuffer: ArrayBuffer });
Reflect.deleteProperty(globalThis, "Worker");
if (Deno.args.includes("bare")) {
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
}

const { select, socket, thread } = await import("../../mod.ts");

using server = socket.create_server(["127.0.0.1", 0]);
using client = await socket.create_connection(server.getsockname());
const [[ready]] = await select.select([server], [], []);
const [conn] = await ready!.accept();
await client.sendall("echo");
await conn.sendall(await conn.recv(10));
console.log(new TextDecoder().decode(await client.recv(10)));
conn.close();

using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
receiver.bind(["127.0.0.1", 0]);
using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
await sender.sendto("datagram", receiver.getsockname());
console.log(new TextDecoder().decode(await receiver.recv(10)));

function raised(call: () => unknown): string {
  try {
    return String(call());
  } catch (error) {
    return `${error}`;
  }
}

export function work(): void {}
console.log(raised(() => thread.start_new_thread(work)));
console.log(raised(() => thread.start_joinable_thread(work)));
console.log(raised(() => thread.allocate_lock()));
console.log(raised(() => new thread.Queue()));
console.log(thread._count(), thread.stack_size(), thread.pool_size() > 0);
