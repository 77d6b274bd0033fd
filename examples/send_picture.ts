// With receive_picture.ts running in another terminal:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:3456 --allow-read=picture.bmp --allow-write=picture.bmp examples/send_picture.ts
//
// The second example on MaixPy's page "usocket – socket module", line by line,
// less the part that joins a wireless network: a picture goes out in pieces,
// and the end of the connection is its end. It is the one that
// download_picture.ts saved; if there is none, it is painted first. The
// original talks to 192.168.0.183. Another host and port may follow the name of
// the file; they then belong in --allow-net.

import { socket } from "@berkeley/socket";
import { encode, paint } from "./picture.ts";

const FILE = "picture.bmp";

try {
  Deno.writeFileSync(FILE, encode(paint()), { createNew: true });
} catch (error) {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}

const [host = "127.0.0.1", port = "3456"] = Deno.args;
const addr: socket.Address = [host, Number(port)];
const sock = socket.socket();
await sock.connect(addr);
sock.settimeout(5);

const f = Deno.openSync(FILE, { read: true });
const img = new Uint8Array(2048);
while (true) {
  const count = f.readSync(img);
  if (count === null) break;
  // The original's send() may leave a part of it behind.
  await sock.sendall(img.subarray(0, count));
}
f.close();
sock.close();
