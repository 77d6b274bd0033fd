// An echo server in one task, over select(). Its last argument is the port.

import { select, socket } from "@berkeley/socket";

const server = socket.create_server(["127.0.0.1", Number(Deno.args.at(-1))], {
  backlog: 1024,
});
server.setblocking(0);
const inputs = [server];
const outputs: socket.Socket[] = [];
const queues = new Map<socket.Socket, Uint8Array<ArrayBuffer>[]>();

function remove(list: socket.Socket[], s: socket.Socket): void {
  const index = list.indexOf(s);
  if (index >= 0) list.splice(index, 1);
}

function forget(s: socket.Socket): void {
  remove(outputs, s);
  remove(inputs, s);
  s.close();
  queues.delete(s);
}

for await (
  const [readable, writable] of select.select(inputs, outputs, inputs)
) {
  for (const s of readable) {
    if (s === server) {
      const [conn] = await s.accept();
      conn.setblocking(0);
      conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
      inputs.push(conn);
      queues.set(conn, []);
    } else {
      const data = await s.recv(65536).catch(() => null);
      if (!data?.length) forget(s);
      else {
        queues.get(s)!.push(data);
        if (!outputs.includes(s)) outputs.push(s);
      }
    }
  }
  for (const s of writable) {
    const next = queues.get(s)?.shift();
    if (next === undefined) remove(outputs, s);
    else {
      const sent = await s.send(next).catch(() => next.length);
      if (sent < next.length) queues.get(s)!.unshift(next.subarray(sent));
    }
  }
}
