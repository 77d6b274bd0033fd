// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:50000 --allow-read=. examples/chat_room.ts
//
// A chat room: one thread listens to each member, and one talks to all of them.
// The threads that listen put what they hear into a queue, and the one that
// talks takes it from there. Another host and port may follow the name of the
// file; they then belong in --allow-net. Threads load the program's modules,
// which is what --allow-read is for.
//
// Members come with `nc 127.0.0.1 50000`: the first line is their name.

import { queue, socket, threading } from "@berkeley/socket";

type Message =
  | { what: "joins"; id: number; name: string; conn: socket.Socket }
  | { what: "says"; id: number; text: string }
  | { what: "leaves"; id: number };

/** Listens to one member. */
export class Member extends threading.Thread {
  constructor(
    readonly id: number,
    readonly conn: socket.Socket,
    readonly messages: queue.Queue<Message>,
  ) {
    // The room closes with the program, not with its last member.
    super({ name: `member ${id}`, daemon: true });
  }

  override async run() {
    const { id, messages } = this;
    using conn = this.conn;
    try {
      const lines = conn.makefile("r");
      await conn.sendall("Your name? ");
      const name = (await lines.readline()).trim();
      if (name === "") return;
      // The room writes while this thread reads: each has its own socket.
      await messages.put({ what: "joins", id, name, conn: conn.dup() });
      for await (const line of lines) {
        await messages.put({ what: "says", id, text: line.trimEnd() });
      }
    } catch (error) {
      console.error(`${this.name}: ${error}`);
    }
    await messages.put({ what: "leaves", id });
  }
}

/** Tells each member what the others do. */
export class Room extends threading.Thread {
  constructor(readonly messages: queue.Queue<Message>) {
    super({ name: "room", daemon: true });
  }

  override async run() {
    const members = new Map<number, { name: string; conn: socket.Socket }>();
    while (true) {
      const message = await this.messages.get();
      const { what, id } = message;
      if (what === "joins") {
        const { name, conn } = message;
        // Nobody may keep the others waiting.
        conn.settimeout(5);
        members.set(id, { name, conn });
      }
      const member = members.get(id);
      if (!member) continue;
      const line = what === "says"
        ? `${member.name}: ${message.text}\n`
        : `* ${member.name} ${what}\n`;
      if (what === "leaves") {
        members.delete(id);
        member.conn.close();
      }
      for (const [other, { name, conn }] of members) {
        if (other === id && what === "says") continue;
        try {
          await conn.sendall(line);
        } catch (error) {
          console.error(`${name}: ${error}`);
          conn.close();
          members.delete(other);
        }
      }
    }
  }
}

if (import.meta.main) {
  const [host = "127.0.0.1", port = "50000"] = Deno.args;
  const server = socket.create_server([host, Number(port)]);
  console.log("Listening at", server.getsockname());

  const messages = new queue.Queue<Message>(100);
  new Room(messages).start();
  let id = 0;
  for await (const [conn] of server) new Member(id++, conn, messages).start();
}
