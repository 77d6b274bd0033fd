// The echo server of tls_echo.ts, over ssl.wrap_socket(); its port follows the
// name of the file.

import { socket, ssl } from "../../mod.ts";

const certs = new URL("../certs/", import.meta.url);

async function echo(conn: ssl.SSLSocket): Promise<void> {
  using _ = conn;
  await conn.do_handshake();
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await conn.recv_into(buffer);
    if (count === 0) return;
    await conn.sendall(buffer.subarray(0, count));
  }
}

const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
context.load_cert_chain(
  new URL("server.pem", certs),
  new URL("server.key", certs),
);
const server = await context.wrap_socket(
  socket.create_server(["127.0.0.1", Number(Deno.args[0])]),
  { server_side: true, do_handshake_on_connect: false },
);
for await (const [conn] of server) echo(conn).catch(() => {});
