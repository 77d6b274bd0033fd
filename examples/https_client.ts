// With https_server.ts running in another terminal:
//
// npx -y deno@2.9.6 run --allow-net=localhost:8443,127.0.0.1:8443 --allow-read=tests/certs examples/https_client.ts
//
// A client of HTTPS, on a socket and its files. Another host, port and path may
// follow the name of the file; host and port then belong in --allow-net. The
// certificate of the tests is trusted as well as those that Deno trusts.

import { socket, ssl } from "@berkeley/socket";

const authority = new URL("../tests/certs/ca.pem", import.meta.url);

const [host = "localhost", port = "8443", path = "/"] = Deno.args;

const context = ssl.create_default_context();
context.load_verify_locations(authority);

const sock = await socket.create_connection([host, Number(port)]);
using ssock = await context.wrap_socket(sock, { server_hostname: host });
console.log("Connected over", ssock.version());

await using writer = ssock.makefile("w", null, { newline: "\r\n" });
await writer.write(`GET ${path} HTTP/1.0\nHost: ${host}\n\n`);
await writer.flush();

await using reader = ssock.makefile("r");
console.log((await reader.readline()).trimEnd());
while ((await reader.readline()).trimEnd() !== "");
console.log((await reader.read()).trimEnd());
