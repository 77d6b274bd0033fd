import { assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { test } from "./cases.ts";
import { commandOf } from "./example.ts";
import { Peer, python, testWithPython } from "./peer.ts";
import { path, testWithCurl } from "./tls.ts";

/** Starts https_server.ts, which listens from then on. */
async function startServer(port: number): Promise<Peer> {
  const [command, ...args] = await commandOf("https_server.ts", port);
  const server = new Peer(command, [...args, "localhost", port]);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  return server;
}

/** What https_client.ts prints. */
async function runClient(port: number): Promise<string[]> {
  const [command, ...args] = await commandOf("https_client.ts", port);
  await using client = new Peer(command, [...args, "localhost", port, "/path"]);
  return (await client.rest()).trimEnd().split("\n");
}

test("https_client.ts talks to https_server.ts", async () => {
  const port = getAvailablePort();
  await using _server = await startServer(port);
  assertEquals(await runClient(port), [
    "Connected over TLSv1.3",
    "HTTP/1.0 200 OK",
    "GET /path came over TLSv1.3",
  ]);
});

testWithCurl("curl talks to https_server.ts", async () => {
  const port = getAvailablePort();
  await using _server = await startServer(port);
  for (const version of ["1.2", "1.3"]) {
    await using curl = new Peer("curl", [
      ...["--silent", "--show-error", "--cacert", path("ca.pem")],
      ...[`--tlsv${version}`, "--tls-max", version],
      `https://localhost:${port}/${version}`,
    ]);
    assertEquals(
      await curl.rest(),
      `GET /${version} came over TLSv${version}\n`,
    );
  }
});

testWithPython("https_client.ts talks to Python's server", async () => {
  await using server = python(
    `
import http.server, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'from Python: ' + self.path.encode())
    def log_message(self, *args): pass
server = http.server.HTTPServer(('localhost', 0), Handler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(args[0], args[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
say(server.server_port)
server.handle_request()
`,
    path("server.pem"),
    path("server.key"),
  );
  const port = Number(await server.line());
  assertEquals((await runClient(port)).slice(1), [
    "HTTP/1.0 200 OK",
    "from Python: /path",
  ]);
});
