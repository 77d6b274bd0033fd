// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:50001 examples/chat_server.ts
//
// Then, in as many terminals as there are people: nc 127.0.0.1 50001
//
// A chat room in one task. Everybody gives a name, and what one says all the
// others hear. A guest that reads too slowly is dropped, so that the others
// don't wait.
// Another host and port may follow the name of the file; they then belong in
// --allow-net.

import { select, socket } from "@berkeley/socket";

/** The longest line that a guest may send, in bytes. */
const LONGEST_LINE = 4096;
/** A guest with more unsent bytes than this is too slow. */
const PATIENCE = 64 * 1024;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const NEWLINE = 0x0a;

/** A connected client. */
class Guest {
  readonly conn: socket.Socket;
  /** `null` until the guest has given one. */
  name: string | null = null;
  /** The received part of an unfinished line. */
  heard: number[] = [];
  /** The bytes still to be sent. */
  unsent = new Uint8Array(0);

  constructor(conn: socket.Socket) {
    this.conn = conn;
  }
}

const [host = "127.0.0.1", port = "50001"] = Deno.args;
const server = socket.create_server([host, Number(port)]);
server.setblocking(false);
console.log("Listening at", server.getsockname());

const guests = new Map<socket.Socket, Guest>();
const p = select.poll<socket.Socket>();
p.register(server, select.POLLIN);

for await (const ready of p) {
  for (const [sock, event] of ready) {
    if (sock === server) {
      await welcome();
      continue;
    }
    const guest = guests.get(sock);
    // A guest earlier in this round may have caused this one to be dropped.
    if (!guest) continue;
    if (event & (select.POLLIN | select.POLLHUP | select.POLLERR)) {
      await listen(guest);
    }
    if (event & select.POLLOUT) await flush(guest);
  }
}

async function welcome(): Promise<void> {
  const [conn] = await server.accept();
  conn.setblocking(false);
  const guest = new Guest(conn);
  guests.set(conn, guest);
  p.register(conn, select.POLLIN);
  await say(guest, "What is your name?");
}

/** Reads from a guest, and handles every whole line. */
async function listen(guest: Guest): Promise<void> {
  let data: Uint8Array;
  try {
    data = await guest.conn.recv(LONGEST_LINE);
  } catch (error) {
    if (error instanceof socket.BlockingIOError) return;
    return await goodbye(guest);
  }
  if (data.length === 0) return await goodbye(guest);
  for (const byte of data) {
    if (byte !== NEWLINE) guest.heard.push(byte);
    else {
      const line = DECODER.decode(Uint8Array.from(guest.heard)).trim();
      guest.heard = [];
      await understand(guest, line);
    }
  }
  if (guest.heard.length > LONGEST_LINE) await goodbye(guest);
}

async function understand(guest: Guest, line: string): Promise<void> {
  if (guest.name !== null) {
    return await tell(`${guest.name}: ${line}`, guest);
  }
  const taken = [...guests.values()].some(({ name }) => name === line);
  if (line === "" || taken) {
    return await say(guest, "Please choose another name.");
  }
  guest.name = line;
  await say(guest, `Welcome, ${line}. Here: ${present().join(", ")}.`);
  await tell(`${line} has come.`, guest);
}

function present(): string[] {
  return [...guests.values()].flatMap(({ name }) => name ?? []);
}

/** Sends a line to all guests with a name, except one. */
async function tell(text: string, except: Guest): Promise<void> {
  console.log(text);
  for (const guest of [...guests.values()]) {
    if (guest !== except && guest.name !== null) await say(guest, text);
  }
}

async function say(guest: Guest, text: string): Promise<void> {
  const line = ENCODER.encode(text + "\n");
  const unsent = new Uint8Array(guest.unsent.length + line.length);
  unsent.set(guest.unsent);
  unsent.set(line, guest.unsent.length);
  guest.unsent = unsent;
  if (unsent.length > PATIENCE) await goodbye(guest);
  else await flush(guest);
}

/** Sends as much as possible now; poll() reports room for the rest. */
async function flush(guest: Guest): Promise<void> {
  try {
    while (guest.unsent.length > 0) {
      const count = await guest.conn.send(guest.unsent);
      guest.unsent = guest.unsent.subarray(count);
    }
    if (guests.has(guest.conn)) p.modify(guest.conn, select.POLLIN);
  } catch (error) {
    if (!(error instanceof socket.BlockingIOError)) {
      return await goodbye(guest);
    }
    p.modify(guest.conn, select.POLLIN | select.POLLOUT);
  }
}

async function goodbye(guest: Guest): Promise<void> {
  if (!guests.delete(guest.conn)) return;
  p.unregister(guest.conn);
  guest.conn.close();
  if (guest.name !== null) await tell(`${guest.name} has left.`, guest);
}
