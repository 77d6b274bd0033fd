// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=localhost:8443,127.0.0.1:8443 --allow-read=tests/certs examples/https_server.ts
//
// A server of HTTPS, on a socket and its files. Another host and port may follow
// the name of the file; they then belong in --allow-net. Its certificate is that
// of the tests, for localhost:
//
// curl --cacert tests/certs/ca.pem https://localhost:8443/hello
//
// https_client.ts talks to it too.

import { socket, ssl } from "@berkeley/socket";

const certs = new URL("../tests/certs/", import.meta.url);

/** Answers one request. */
export async function serve(conn: ssl.SSLSocket): Promise<void> {
  using _ = conn;
  // Each client makes its handshake here: no other one has to wait for it.
  conn.settimeout(10);
  await conn.do_handshake();
  await using reader = conn.makefile("r", null, { encoding: "latin-1" });
  const [method, path] = (await reader.readline()).split(" ");
  while ((await reader.readline()).trim() !== "");
  const body = `${method} ${path} came over ${conn.version()}\n`;
  await using writer = conn.makefile("w", null, { newline: "" });
  await writer.write("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n");
  await writer.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  await writer.flush();
  // The end of TLS tells the client that nothing was cut off.
  conn.shutdown(socket.SHUT_WR);
}

if (import.meta.main) {
  const [host = "localhost", port = "8443"] = Deno.args;
  const context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH);
  context.load_cert_chain(
    new URL("server.pem", certs),
    new URL("server.key", certs),
  );
  const server = socket.create_server([host, Number(port)]);
  console.log("Listening at", server.getsockname());
  const secure = await context.wrap_socket(server, {
    server_side: true,
    do_handshake_on_connect: false,
  });
  for await (const [conn, address] of secure) {
    console.log("Connected by", address);
    serve(conn).catch((error) => console.error(String(error)));
  }
}
