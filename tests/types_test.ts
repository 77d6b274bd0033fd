/**
 * What the type checker has to accept, and what it has to refuse. The programs
 * are checked; most of them never run.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { select, selectors, socket, type thread } from "../mod.ts";
import { test } from "./cases.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;

type Inet = [host: string, port: number];

test("addresses of IP need no cast", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const [host, port] = server.getsockname();
  const exact: Inet = server.getsockname();
  using client = await socket.create_connection([host, port + 0]);
  const [conn, [peer, from]] = await server.accept();
  assertEquals([host, port], exact);
  assertEquals([peer.length, from + 0], [9, client.getsockname()[1]]);
  assertEquals(conn.getsockname()[1] + 0, client.getpeername()[1]);
  const copy = conn.dup();
  const known: Inet = copy.getpeername();
  assertEquals(known[1], from);
  for (const s of [conn, copy]) s.close();
  assertEquals(await client.recv(1), new Uint8Array(0));
});

test("the sender of a datagram is known, and not null", async () => {
  using a = socket.socket(AF_INET, SOCK_DGRAM);
  using b = socket.socket(AF_INET, SOCK_DGRAM);
  a.bind(["127.0.0.1", 0]);
  b.bind(["127.0.0.1", 0]);
  const buffer = new Uint8Array(1);
  for (let i = 0; i < 4; i++) await b.sendto("x", a.getsockname());
  const senders: Inet[] = [
    (await a.recvfrom(1))[1],
    (await a.recvfrom_into(buffer))[1],
    (await a.recvmsg(1))[3],
    (await a.recvmsg_into([buffer]))[3],
  ];
  for (const sender of senders) {
    assertEquals(sender, b.getsockname());
    await a.sendto("y", sender);
    assertEquals((await b.recv(1)).length, 1);
  }
});

/** Only the checker looks at these. */
export const checked = {
  async families(family: number, type: number, s: socket.Socket, fd: number) {
    const six: socket.InternetAddress = socket.socket(AF_INET6).getsockname();
    const port: number = socket.create_server(["::1", 0], { family: AF_INET6 })
      .getsockname()[1];
    const first: Inet = socket.socket().getsockname();
    const made: Inet = socket.socket(-1, SOCK_DGRAM).getsockname();
    const any: socket.Address = socket.socket(family, type).getsockname();
    const unknown: socket.Address = s.getsockname();

    // @ts-expect-error: a port is a number.
    const text: string = socket.socket().getsockname()[1];
    // @ts-expect-error: IPv4 addresses have two parts.
    socket.socket().getsockname()[2];
    // @ts-expect-error: any family.
    const one: Inet = socket.socket(family, type).getsockname();
    // @ts-expect-error: any family.
    const two: Inet = s.getsockname();
    // @ts-expect-error: a path.
    const three: Inet = socket.socket(AF_UNIX).getsockname();
    // @ts-expect-error: the descriptor decides.
    const four: Inet = socket.socket(AF_INET, SOCK_STREAM, 0, fd).getsockname();
    // @ts-expect-error: a stream has no sender.
    const five: Inet = (await socket.socket().recvfrom(1))[1];
    // @ts-expect-error: perhaps a stream.
    const seven: Inet = (await socket.socket(AF_INET, type).recvfrom(1))[1];
    return [six, port, first, made, any, unknown, text, one, two, three, four]
      .concat(five, seven);
  },

  /** What was written before the types of addresses were known. */
  async earlier(s: socket.Socket) {
    const server = socket.create_server(["127.0.0.1", 0]);
    const inputs = [server];
    inputs.push(s);
    inputs.splice(inputs.indexOf(s), 1);
    let last = server;
    last = s;
    const named: [string, number] = last.getsockname() as [string, number];
    const port = server.getsockname()[1] as number;
    const path = s.getsockname() as string;
    const [data, address] = await s.recvfrom(1);
    await s.sendto(data, address!);
    let family = AF_INET;
    family = AF_INET6;
    const queues = new Map<socket.Socket, string[]>([[server, []]]);
    const handler = (conn: socket.Socket) => conn.close();
    for await (const [conn, peer] of server) {
      handler(conn);
      const known: Inet = conn.getpeername();
      const address: socket.Address = peer;
      queues.delete(conn);
      return [address, known];
    }
    const options: socket.CreateServerOptions = { family };
    socket.create_server(["", 0], options);
    return [named, port, path];
  },

  /** A program says what it knows. */
  said(s: socket.Socket, conn: socket.Socket<socket.InternetAddress>) {
    const path: string = s.getsockname<string>();
    const port: number = conn.getpeername()[1];
    // @ts-expect-error: no address is a number.
    s.getsockname<number>();
    // @ts-expect-error: what it is used as says nothing.
    const other: string = s.getsockname();
    return [path, port, other];
  },

  async polls(s: socket.Socket, queue: thread.Queue<string>) {
    const p = select.poll<socket.Socket>();
    p.register(s);
    for (const [each] of await p.poll()) each.close();
    const inferred: select.Poll<socket.Socket> = select.poll();
    for (const [each] of await inferred.poll()) each.close();
    const ep: select.Epoll<socket.Socket> = select.epoll();
    for await (const ready of ep) for (const [each] of ready) each.close();
    const mixed = select.poll<socket.Socket | typeof queue>();
    mixed.register(queue);
    // @ts-expect-error: perhaps a queue.
    for (const [each] of await mixed.poll()) each.close();
    // @ts-expect-error: not a socket.
    p.register(queue);
    const all = select.poll();
    all.register(s);
    all.register(queue);
    all.register(1);
    // @ts-expect-error: anything.
    for (const [each] of await all.poll()) each.close();
  },

  async selectors(s: socket.Socket) {
    const sel = new selectors.DefaultSelector<(conn: socket.Socket) => void>();
    sel.register(s, selectors.EVENT_READ, (conn) => conn.close());
    for (const [key, mask] of await sel.select()) {
      key.data(key.fileobj);
      const events: number = mask;
      const fd: number = key.fd;
      console.log(events, fd);
    }
    // @ts-expect-error: the data is missing.
    sel.register(s, selectors.EVENT_READ);
    // @ts-expect-error: the data is of another type.
    sel.modify(s, selectors.EVENT_READ, "data");
    // @ts-expect-error: a descriptor.
    sel.register(1, selectors.EVENT_READ, () => {});
    sel.unregister(1);
    // @ts-expect-error: the map can't be changed.
    sel.get_map()?.delete(s);
    // @ts-expect-error: a closed selector has none.
    sel.get_map().size;

    const plain = new selectors.PollSelector();
    plain.register(s, selectors.EVENT_READ).fileobj.close();
    plain.register(s, selectors.EVENT_READ, { any: "thing" });
    // @ts-expect-error: of the data nothing is known.
    plain.get_key(s).data.any;

    const both = new selectors.SelectSelector<
      string | null,
      number | socket.Socket
    >();
    both.register(1, selectors.EVENT_READ);
    both.register(s, selectors.EVENT_READ, "data").data?.length;
    const base: selectors.BaseSelector<string | null, number | socket.Socket> =
      both;
    for await (const ready of base) {
      // @ts-expect-error: perhaps a descriptor.
      for (const [key] of ready) key.fileobj.close();
    }
  },
};
