// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=localhost:50000,127.0.0.1:50000 examples/select_server.ts
//
// The server of the article "Working with TCP sockets in Python 2.x with
// select", line by line: one task, many clients, each gets back what it sends.
// Another host and port may follow the name of the file; they then belong in
// --allow-net.
//
// echo_client.ts talks to it, and so does `nc 127.0.0.1 50000`.

import { select, socket } from "@berkeley/socket";

const [host = "localhost", port = "50000"] = Deno.args;
const server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
server.setblocking(0);
server.bind([host, Number(port)]);
server.listen(5);
console.log("Listening at", server.getsockname());
const inputs = [server];
const outputs: socket.Socket[] = [];
const message_queues = new Map<socket.Socket, Uint8Array<ArrayBuffer>[]>();

/** Python's `list.remove`. */
function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}

function forget(s: socket.Socket): void {
  if (outputs.includes(s)) remove(outputs, s);
  remove(inputs, s);
  s.close();
  message_queues.delete(s);
}

for await (
  const [readable, writable, exceptional] of select.select(
    inputs,
    outputs,
    inputs,
  )
) {
  for (const s of readable) {
    if (s === server) {
      const [connection] = await s.accept();
      connection.setblocking(0);
      inputs.push(connection);
      message_queues.set(connection, []);
    } else {
      // The original ends with the first client that resets its connection.
      const data = await s.recv(1024).catch(() => null);
      if (data?.length) {
        message_queues.get(s)!.push(data);
        if (!outputs.includes(s)) outputs.push(s);
      } else {
        forget(s);
      }
    }
  }

  for (const s of writable) {
    const next_msg = message_queues.get(s)?.shift();
    if (next_msg === undefined) {
      if (outputs.includes(s)) remove(outputs, s);
    } else {
      const sent = await s.send(next_msg).catch(() => next_msg.length);
      // The original loses the bytes that didn't fit.
      if (sent < next_msg.length) {
        message_queues.get(s)!.unshift(next_msg.subarray(sent));
      }
    }
  }

  for (const s of exceptional) forget(s);
}
