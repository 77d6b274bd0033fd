import { assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { socket } from "../mod.ts";
import { test } from "./cases.ts";
import { commandOf } from "./example.ts";
import { Peer, python, testWithPython } from "./peer.ts";

/** Runs the room. */
async function open(): Promise<[room: Peer, port: number]> {
  const port = getAvailablePort();
  const [command, ...args] = await commandOf("chat_room.ts", port);
  const room = new Peer(command, [...args, "127.0.0.1", port]);
  assertMatch(await room.line(), new RegExp(`\\b${port}\\b`));
  return [room, port];
}

class Guest implements Disposable {
  readonly #conn: socket.Socket;
  readonly #lines;

  constructor(conn: socket.Socket) {
    this.#conn = conn;
    this.#lines = conn.makefile("r");
  }

  static async come(port: number, name: string): Promise<Guest> {
    const conn = await socket.create_connection(["127.0.0.1", port]);
    const question = new Uint8Array(11);
    await conn.recv_into(question, 11, socket.MSG_WAITALL);
    assertEquals(new TextDecoder().decode(question), "Your name? ");
    const guest = new Guest(conn);
    await guest.say(name);
    assertEquals(await guest.hear(), `* ${name} joins`);
    return guest;
  }

  async say(text: string): Promise<void> {
    await this.#conn.sendall(`${text}\n`);
  }

  async hear(): Promise<string> {
    return (await this.#lines.readline()).trimEnd();
  }

  [Symbol.dispose](): void {
    this.#lines.close();
    this.#conn.close();
  }
}

test("members of chat_room.ts hear each other", async () => {
  const [room, port] = await open();
  await using _ = room;
  using ada = await Guest.come(port, "Ada");
  using bob = await Guest.come(port, "Bob");
  assertEquals(await ada.hear(), "* Bob joins");
  {
    using cy = await Guest.come(port, "Cy");
    for (const other of [ada, bob]) {
      assertEquals(await other.hear(), "* Cy joins");
    }
    await ada.say("Hello, Wörld!");
    for (const other of [bob, cy]) {
      assertEquals(await other.hear(), "Ada: Hello, Wörld!");
    }
    await cy.say("Bye.");
    for (const other of [ada, bob]) {
      assertEquals(await other.hear(), "Cy: Bye.");
    }
  }
  for (const other of [ada, bob]) {
    assertEquals(await other.hear(), "* Cy leaves");
  }
  await bob.say("Still here?");
  assertEquals(await ada.hear(), "Bob: Still here?");
});

testWithPython(
  "twelve members of chat_room.ts hear all that is said",
  async () => {
    const [room, port] = await open();
    await using _ = room;
    const guests = `
import threading
count = 12
joined = threading.Barrier(count)
def guest(n):
    s = socket.create_connection(('127.0.0.1', int(args[0])), 10)
    f = s.makefile('rw', newline='\\n')
    f.read(11)
    f.write('guest%d\\n' % n); f.flush()
    # Everybody sees itself join, and those that come later.
    while f.readline() != '* guest%d joins\\n' % n: pass
    joined.wait()
    f.write('I am %d\\n' % n); f.flush()
    heard = set()
    while len(heard) < count - 1:
        line = f.readline()
        if not line.startswith('*'): heard.add(line)
    say(n, heard == {'guest%d: I am %d\\n' % (m, m) for m in range(count) if m != n})
    joined.wait()
    s.close()
threads = [threading.Thread(target=guest, args=(n,)) for n in range(count)]
for t in threads: t.start()
for t in threads: t.join()
`;
    await using clients = python(guests, port);
    assertEquals(
      (await clients.rest()).trim().split("\n").toSorted(),
      Array.from({ length: 12 }, (_, n) => `${n} True`).toSorted(),
    );
  },
);
