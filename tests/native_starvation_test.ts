import { assertLess } from "@std/assert";
import { select, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { native } from "./transports.ts";

// Loops that always find something let everything else run: timers, Deno's own
// connections, and other sockets.

const { EPOLLET, EPOLLIN, EPOLLOUT, POLLIN } = select;
const { MSG_PEEK } = socket;

type Socket = socket.Socket;

/** More rounds than any loop needs before the others were there. */
const MOST = 1_000_000;

/** Rounds of a timer, of one of Deno's connections, and of a pair of sockets. */
async function others(): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  using conn = await listener.accept();
  const [a, b] = await socket.socketpair();
  const byte = new Uint8Array(1);
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    await client.write(byte);
    await conn.read(byte);
    await a.sendall(byte);
    await b.recv(1);
  }
  a.close();
  b.close();
}

/** Makes a loop's round, given a connection whose first byte is never read. */
type Start = (s: Socket) => () => Promise<unknown>;

const loops: Record<string, Start> = {
  "select()": (s) => () => select.select([s], [s], []),
  "poll()": (s) => {
    const p = select.poll();
    p.register(s, POLLIN);
    return () => p.poll();
  },
  "epoll()": (s) => {
    const ep = select.epoll();
    ep.register(s, EPOLLIN);
    return () => ep.poll();
  },
  "edge-triggered epoll()": (s) => {
    const ep = select.epoll<Socket>();
    ep.register(s, EPOLLOUT | EPOLLET);
    return () => {
      ep.modify(s, EPOLLOUT | EPOLLET);
      return ep.poll();
    };
  },
  "recv()": (s) => () => s.recv(1, MSG_PEEK),
  "recv() without waiting": (s) => {
    s.setblocking(false);
    return () => s.recv(1, MSG_PEEK);
  },
  "recv_into()": (s) => {
    const buffer = new Uint8Array(1);
    return () => s.recv_into(buffer, 1, MSG_PEEK);
  },
  "recvmsg()": (s) => () => s.recvmsg(1, 0, MSG_PEEK),
};

for (const [name, start] of Object.entries(loops)) {
  testIf(
    native,
    `${name} on what is always ready starves nothing`,
    async () => {
      const [a, b] = await socket.socketpair();
      await a.send("x");
      const round = start(b);
      let over = false;
      const end = others().then(() => over = true);
      for (let rounds = 0; !over; rounds++) {
        await round();
        assertLess(rounds, MOST);
      }
      await end;
      a.close();
      b.close();
    },
  );
}

testIf(native, "send() and recv() in turns starve nothing", async () => {
  const [a, b] = await socket.socketpair();
  let over = false;
  const end = others().then(() => over = true);
  const buffer = new Uint8Array(100);
  for (let rounds = 0; !over; rounds++) {
    await a.sendall(buffer);
    await b.recv_into(buffer);
    assertLess(rounds, MOST);
  }
  await end;
  a.close();
  b.close();
});
