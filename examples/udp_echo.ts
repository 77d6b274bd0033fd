// Run the server, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1 examples/udp_echo.ts server
//
// Then the client, in another terminal:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:50002,0.0.0.0:0 examples/udp_echo.ts client
//
// This does what Zerynth's page "Socket" tells of UDP, without a program: the
// server answers all clients with recvfrom() and sendto(); the client connects,
// so that it can use send() and recv() and receives from the server only. A datagram may
// get lost on its way, so the client asks again if no answer comes in time.
//
// Whom the server may answer is a matter of --allow-net too, and its clients
// may have any port. The client's own port is the system's choice, which
// 0.0.0.0:0 stands for. Another host and port may follow `server` or `client`;
// they then belong in --allow-net.

import { socket } from "@berkeley/socket";

/** Seconds that the client waits for an answer. */
const PATIENCE = 1;
/** How often it asks. */
const ATTEMPTS = 3;
/** More than fits in a datagram. */
const BUFFER_SIZE = 65536;

/** Sends back every datagram, for ever. */
async function serve(address: socket.Address): Promise<void> {
  const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  s.bind(address);
  console.log("Listening at", s.getsockname());
  while (true) {
    const [data, addr] = await s.recvfrom(BUFFER_SIZE);
    console.log("From", addr, data.length);
    await s.sendto(data, addr!);
  }
}

/** Says something until it is heard. */
async function ask(address: socket.Address, line: string): Promise<string> {
  using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await s.connect(address);
  s.settimeout(PATIENCE);
  for (let attempt = 1;; attempt++) {
    await s.send(line);
    try {
      return new TextDecoder().decode(await s.recv(BUFFER_SIZE));
    } catch (error) {
      if (!(error instanceof socket.TimeoutError)) throw error;
      if (attempt === ATTEMPTS) throw error;
      console.log("No answer yet");
    }
  }
}

const [role, host = "127.0.0.1", port = "50002"] = Deno.args;
const address: socket.Address = [host, Number(port)];
if (role === "server") await serve(address);
else if (role === "client") {
  const answer = await ask(address, "Hello, world");
  console.log("Received", JSON.stringify(answer));
} else {
  console.error("Which one, server or client?");
  Deno.exitCode = 2;
}
