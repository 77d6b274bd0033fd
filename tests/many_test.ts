import { assert, assertEquals, assertLess } from "@std/assert";
import { select, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { hasPython } from "./oracle.ts";
import { python } from "./peer.ts";

const { EPOLLIN, POLLIN } = select;

/**
 * The number of connections, and of those that send. Another one may follow `--`
 * on the command line of the tests.
 */
const QUIET = Number(Deno.args[0] ?? 2000);
const BUSY = 50;
/** Messages of each busy connection. */
const ROUNDS = 20;

/** How many files a process may have open here. */
const limit = (await output("sh", "-c", "ulimit -n") ?? "0").trim();
const files = limit === "unlimited" ? Infinity : Number(limit);

const enough = files >= QUIET + 500;
if (!enough) {
  console.warn(
    `A limit of ${files} open files: the tests of ${QUIET} sockets are ignored.`,
  );
}

/**
 * Opens many connections; has the busy ones, which lie among the others, speak
 * and hear their echo, round after round; ends with a word from every one.
 */
const CLIENTS = `
host, port, quiet, busy, rounds = args[0], *map(int, args[1:])
clients = []
for i in range(quiet):
    clients.append(socket.create_connection((host, port)))
    # The server must keep up with accepting.
    if i % 100 == 99:
        clients[i].send(b"%05d" % i)
        assert clients[i].recv(5) == b"%05d" % i
say("connected")
sys.stdin.readline()
def echo(speakers, word):
    for i in speakers: clients[i].send(word % i)
    for i in speakers:
        heard = clients[i].recv(100)
        assert heard == word % i, (i, heard)
speakers = range(quiet // busy - 1, quiet, quiet // busy)
for round in range(rounds):
    echo(speakers, b"%%05d in round %d" % round)
echo(range(quiet), b"%05d")
for client in clients: client.close()
say("done")
`;

for (
  const [name, make, IN] of [
    ["poll", () => select.poll<socket.Socket>(), POLLIN],
    ["epoll", () => select.epoll<socket.Socket>(), EPOLLIN],
  ] as const
) {
  testIf(hasPython && enough, `${QUIET} sockets on one ${name}()`, async () => {
    using server = socket.create_server(["127.0.0.1", 0]);
    server.setblocking(false);
    const [host, port] = server.getsockname() as [string, number];
    await using clients = python(CLIENTS, host, port, QUIET, BUSY, ROUNDS);
    const p = make();
    p.register(server, IN);
    let [accepted, closed] = [0, 0];
    let most = 0;
    const connected = clients.line().then(() => clients.say("go"));
    for await (const ready of p) {
      if (accepted === QUIET) most = Math.max(most, ready.length);
      for (const [s, event] of ready) {
        assert(event & IN);
        if (s === server) {
          const [conn] = await server.accept();
          conn.setblocking(false);
          p.register(conn, IN);
          accepted++;
          continue;
        }
        const data = await s.recv(100);
        if (data.length > 0) {
          assertEquals(await s.send(data), data.length);
        } else {
          p.unregister(s);
          s.close();
          closed++;
        }
      }
      if (closed === QUIET) break;
    }
    await connected;
    assertEquals(accepted, QUIET);
    assertLess(1, most);
    assertEquals(await clients.rest(), "done\n");
    if (p instanceof select.Epoll) p.close();
  });
}
