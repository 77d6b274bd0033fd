// With echo_server.ts running in another terminal:
//
// npx -y deno@2.9.6 run --allow-net=localhost:50000,127.0.0.1:50000 examples/echo_client.ts
//
// The echo client of the documentation of Python's socket module, line by line.
// Another host and port may follow the name of the file; they then belong in
// --allow-net.

import { socket } from "@berkeley/socket";

const [host = "localhost", port = "50000"] = Deno.args;
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await s.connect([host, Number(port)]);
await s.sendall("Hello, world");
const data = await s.recv(1024);
s.close();
console.log("Received", JSON.stringify(new TextDecoder().decode(data)));
