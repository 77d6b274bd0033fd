// An echo server in one task, over poll(). Its last argument is the port.

import { select, socket } from "@berkeley/socket";

const server = socket.create_server(["127.0.0.1", Number(Deno.args.at(-1))], {
  backlog: 8192,
});
server.setblocking(false);
const p = select.poll<socket.Socket>();
p.register(server, select.POLLIN);
const buffer = new Uint8Array(65536);

/** The unsent bytes, by socket. */
const unsent = new Map<socket.Socket, Uint8Array<ArrayBuffer>>();

async function echo(sock: socket.Socket, event: number): Promise<void> {
  if (event & select.POLLOUT) {
    const rest = unsent.get(sock)!;
    const count = await sock.send(rest);
    if (count < rest.length) return void unsent.set(sock, rest.subarray(count));
    unsent.delete(sock);
    p.modify(sock, select.POLLIN);
  } else {
    const count = await sock.recv_into(buffer);
    if (count === 0) return close(sock);
    const sent = await sock.send(buffer.subarray(0, count));
    if (sent < count) {
      unsent.set(sock, buffer.slice(sent, count));
      p.modify(sock, select.POLLOUT);
    }
  }
}

function close(sock: socket.Socket): void {
  unsent.delete(sock);
  p.unregister(sock);
  sock.close();
}

for await (const ready of p) {
  for (const [sock, event] of ready) {
    if (sock === server) {
      const [conn] = await server.accept();
      conn.setblocking(false);
      conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
      p.register(conn, select.POLLIN);
    } else {
      try {
        await echo(sock, event);
      } catch {
        close(sock);
      }
    }
  }
}
