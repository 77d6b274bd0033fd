// The echo server of tls_echo.ts, over Deno.listenTls(); its port follows the
// name of the file.

const read = (name: string) =>
  Deno.readTextFileSync(new URL(`../certs/${name}`, import.meta.url));

async function echo(conn: Deno.TlsConn): Promise<void> {
  using _ = conn;
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return;
    for (let at = 0; at < count;) {
      at += await conn.write(buffer.subarray(at, count));
    }
  }
}

const server = Deno.listenTls({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  cert: read("server.pem"),
  key: read("server.key"),
});
for await (const conn of server) echo(conn).catch(() => {});
