// With `nc -l 127.0.0.1 5555` (on some systems `nc -l -p 5555`) running in
// another terminal:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:5555 examples/hello_client.ts
//
// The program on Zerynth's page "Socket", line by line, less the part that joins
// a wireless network. The original talks to 192.168.1.10.
// Another host and port may follow the name of the file; they then belong in
// --allow-net.

import { socket } from "@berkeley/socket";

const [host = "127.0.0.1", port = "5555"] = Deno.args;

// create a tcp socket
const sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);

// connect the socket to net address 127.0.0.1 on port 5555
await sock.connect([host, Number(port)]);

// send something on the socket!
await sock.sendall("Hello World!");

sock.close();
