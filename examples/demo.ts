// npx -y deno@2.9.6 task demo
//
// which is: npx -y deno@2.9.6 run --allow-net=127.0.0.1 examples/demo.ts
//
// Three clients talk to the echo server of echo_server.ts, all at once, over
// TCP. Each has its own pace, and none waits for another.

import { socket } from "@berkeley/socket";
import { echo } from "./echo_server.ts";

/** Who talks, how long each thinks before every line (in ms), and the lines. */
const CLIENTS = [
  { name: "Ada", pace: 40, lines: ["Hello, world", "Still there?", "Bye!"] },
  { name: "Grace", pace: 70, lines: ["Grüße aus Köln", "One, two, three"] },
  { name: "Linus", pace: 25, lines: ["こんにちは", "I'm in a hurry", "Ciao"] },
];
const COLORS = ["teal", "darkorange", "mediumorchid"];
const TEXT = new TextDecoder();
const started = performance.now();

/** Prints one line: when, who, what, how many bytes, and which. */
function log(client: number, what: string, data?: Uint8Array): void {
  const columns = [
    (performance.now() - started).toFixed(1).padStart(7),
    CLIENTS[client].name.padEnd(5),
    what.padEnd(13),
    String(data?.length ?? "").padStart(5),
    data ? TEXT.decode(data) : "",
  ];
  console.log(`%c${columns.join("  ").trimEnd()}`, `color: ${COLORS[client]}`);
}

/** Says its lines one after the other; how many bytes came back. */
async function talk(client: number, address: socket.Address): Promise<number> {
  using conn = await socket.create_connection(address);
  log(client, "connects");
  let count = 0;
  for (const line of CLIENTS[client].lines) {
    await pause(CLIENTS[client].pace);
    const said = new TextEncoder().encode(line);
    log(client, "--> server", said);
    await conn.sendall(said);
    const heard = await conn.recv(said.length, socket.MSG_WAITALL);
    log(client, "<-- server", heard);
    if (TEXT.decode(heard) !== line) throw new Error("That was no echo.");
    count += heard.length;
  }
  log(client, "disconnects");
  return count;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Serves until the server is closed; how many clients there were. */
async function serve(server: socket.Socket): Promise<number> {
  const served: Promise<void>[] = [];
  for await (const [conn] of server) served.push(echo(conn));
  await Promise.all(served);
  return served.length;
}

const server = socket.create_server(["127.0.0.1", 0]);
const serving = serve(server);
const [host, port] = server.getsockname();
console.log(`An echo server listens at ${host}, port ${port}.\n`);
console.log("     ms  who    what           bytes  text");

const counts = await Promise.all(
  CLIENTS.map((_, client) => talk(client, server.getsockname())),
);
server.close();
const served = await serving;

const bytes = counts.reduce((sum, count) => sum + count);
console.log(
  `\nThe server had ${served} clients. They sent it ${bytes} bytes, ` +
    "and every one came back.",
);
