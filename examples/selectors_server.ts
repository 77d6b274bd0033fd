// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=localhost:1234,127.0.0.1:1234 examples/selectors_server.ts
//
// The echo server on the page of Python's selectors module, line by line: each
// socket is registered with the function that handles it. Another host and port
// may follow the name of the file; they then belong in --allow-net.
//
// `nc 127.0.0.1 1234` talks to it.

import { selectors, socket } from "@berkeley/socket";

const [host = "localhost", port = "1234"] = Deno.args;
const sel = new selectors.DefaultSelector<typeof accept>();

async function accept(sock: socket.Socket, _mask: number) {
  const [conn, addr] = await sock.accept(); // Should be ready
  console.log("accepted", conn, "from", addr);
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, read);
}

async function read(conn: socket.Socket, _mask: number) {
  // The original ends with the first client that resets its connection.
  const data = await conn.recv(1000).catch(() => null); // Should be ready
  if (data?.length) {
    console.log("echoing", data.length, "bytes to", conn);
    await conn.send(data); // Hope it won't block
  } else {
    console.log("closing", conn);
    sel.unregister(conn);
    conn.close();
  }
}

const sock = socket.socket();
sock.bind([host, Number(port)]);
sock.listen(100);
sock.setblocking(false);
sel.register(sock, selectors.EVENT_READ, accept);
console.log("Listening at", sock.getsockname());

while (true) {
  const events = await sel.select();
  for (const [key, mask] of events) {
    const callback = key.data;
    await callback(key.fileobj, mask);
  }
}
