// An echo server over nothing but Deno, for load: what the others are compared
// with. The last argument is the port.

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(65536);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) break;
    let sent = 0;
    while (sent < count) sent += await conn.write(buffer.subarray(sent, count));
  }
}

const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args.at(-1)),
});
for await (const conn of listener) {
  echo(conn).catch(console.error).finally(() => conn.close());
}
