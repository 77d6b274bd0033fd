// Run it, best in a terminal that has colors:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:3456 --allow-write=received.bmp examples/receive_picture.ts
//
// Then start send_picture.ts in another terminal. This is the other side of the
// second example on MaixPy's page "usocket – socket module", which leaves it to
// the reader: it takes one picture, saves it, and shows it. Another host and
// port may follow the name of the file; they then belong in --allow-net.

import { socket } from "@berkeley/socket";
import { decode, show } from "./picture.ts";

const FILE = "received.bmp";

const [host = "127.0.0.1", port = "3456"] = Deno.args;
const server = socket.socket();
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
server.bind([host, Number(port)]);
server.listen(1);
console.log("Listening at", server.getsockname());
const [sock, addr] = await server.accept();
server.close();
console.log("Connected by", addr);
sock.settimeout(5);

const f = Deno.openSync(FILE, { create: true, truncate: true, write: true });
const parts: Uint8Array<ArrayBuffer>[] = [];
while (true) {
  const img = await sock.recv(2048);
  if (img.length === 0) break;
  f.writeSync(img);
  parts.push(img);
}
f.close();
sock.close();

const received = await new Blob(parts).bytes();
console.log(`${received.length} bytes in ${FILE}`);
show(decode(received));
