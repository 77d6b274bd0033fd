// Run it, best in a terminal that has colors:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-write=picture.bmp --allow-read=picture.bmp examples/download_picture.ts
//
// The first example on MaixPy's page "usocket – socket module", line by line,
// less the part that joins a wireless network: a picture comes from an HTTP
// server, is saved, and is shown. The board's display is the terminal here. The
// program starts a server of its own, unless another one's host, port and path
// follow the name of the file, as here, where `python3 -m http.server 8000`
// runs in a folder with a picture.bmp:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:8000 --allow-write=picture.bmp --allow-read=picture.bmp examples/download_picture.ts 127.0.0.1 8000 /picture.bmp
//
// For a host with a name, --allow-net has to let the program reach both the
// name and the address. The original asks in HTTP/1.1, where it is up to the
// server when the connection ends. In HTTP/1.0 it ends with the picture.

import { socket } from "@berkeley/socket";
import { decode, encode, paint, show } from "./picture.ts";

const FILE = "picture.bmp";

/** A server of one picture, at a port that the system chooses. */
function serve(): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const headers = { "content-type": "image/bmp" };
  return Deno.serve(options, () => new Response(encode(paint()), { headers }));
}

/** Where a text begins in bytes, or -1. */
function find(bytes: Uint8Array, text: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(text);
}

/** Python's `+` of bytes. */
function plus(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const server = Deno.args.length === 0 ? serve() : null;
const [host = "127.0.0.1", port = "80", path = "/picture.bmp"] = server
  ? [server.addr.hostname, String(server.addr.port)]
  : Deno.args;

const sock = socket.socket();
const { AF_INET, SOCK_STREAM } = socket;
const [[, , , , addr]] = await socket.getaddrinfo(
  host,
  Number(port),
  AF_INET,
  SOCK_STREAM,
);
await sock.connect(addr);
await sock.send([
  `GET ${path} HTTP/1.0`,
  `Host: ${host}`,
  "cache-control: no-cache",
  "",
  "",
].join("\r\n"));

let img: Uint8Array = new Uint8Array(0);
sock.settimeout(5);
while (true) {
  const data = await sock.recv(4096);
  if (data.length === 0) break;
  console.log("rcv:", data.length);
  img = plus(img, data);
}
sock.close();
await server?.shutdown();

console.log(img.length);
const [status = ""] = new TextDecoder("latin1").decode(img).split("\r\n", 1);
// The original takes whatever comes for a picture.
if (!/^HTTP\/1\.[01] 200 /.test(status)) {
  console.error("The server says:", status);
  Deno.exit(1);
}
img = img.subarray(find(img, "\r\n\r\n") + 4);
console.log(img.length);
console.log(`save to ${FILE}`);
Deno.writeFileSync(FILE, img);
console.log("save ok");
console.log("display");
show(decode(Deno.readFileSync(FILE)));
