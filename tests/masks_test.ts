import { assert, assertEquals } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { isGnuLinux, python as ask } from "./oracle.ts";
import { type Peer, python } from "./peer.ts";
import { rejects } from "./raises.ts";
import { fill } from "./traffic.ts";
import { native, type Net, testTcp } from "./transports.ts";

const { POLLIN, POLLOUT, POLLPRI, POLLRDHUP } = select;
const { SHUT_RD, SHUT_RDWR, SHUT_WR, SO_ERROR, SOL_SOCKET } = socket;

const ALL = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;

/** The masks of Linux's `poll(2)` for sockets in all states. */
const LINUX = `
import json, select, socket, struct
ALL = select.POLLIN | select.POLLPRI | select.POLLOUT | select.POLLRDHUP
masks = {}
def note(state, s, timeout=0):
    p = select.poll()
    p.register(s, ALL)
    masks[state] = sum(mask for _, mask in p.poll(timeout))
def pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        return client, server.accept()[0]
def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
def wait(s, mask):
    p = select.poll()
    p.register(s, mask)
    p.poll(5000)
def error(s):
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

fresh = socket.socket()
note("fresh", fresh)
fresh.bind(("127.0.0.1", 0))
note("bound", fresh)

refused = socket.socket()
refused.setblocking(False)
refused.connect_ex(fresh.getsockname())
note("refused", refused, 5000)
masks["refused: errors"] = [error(refused), error(refused)]
note("refused, error fetched", refused)
told = socket.socket()
told.connect_ex(fresh.getsockname())
note("refused, told by connect()", told)

server = socket.create_server(("127.0.0.1", 0), backlog=0)
note("listener", server)
clients = [socket.socket() for _ in range(4)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(server.getsockname())
note("listener, a connection waits", server, 5000)
note("connecting", clients[-1])
server.accept()
note("listener, connection accepted", server)

a, b = pair()
note("connected", a)
b.send(b"x")
note("bytes wait", a, 5000)
a.recv(1)
note("bytes read", a)
a.setblocking(False)
try:
    while True: a.send(bytes(65536))
except BlockingIOError: pass
note("full", a)
a.shutdown(socket.SHUT_WR)
note("full, own SHUT_WR", a)

a, b = pair()
b.shutdown(socket.SHUT_WR)
wait(a, select.POLLRDHUP)
note("peer closed its way out", a)
a.recv(1)
note("peer closed its way out, end read", a)
note("own SHUT_WR", b)
a.shutdown(socket.SHUT_WR)
wait(b, select.POLLHUP)
note("both closed their way out", a)
note("both closed their way out, the first", b)

a, b = pair()
b.close()
wait(a, select.POLLRDHUP)
note("peer closed", a)

a, b = pair()
a.shutdown(socket.SHUT_RD)
note("own SHUT_RD", a)
a, b = pair()
a.shutdown(socket.SHUT_RDWR)
note("own SHUT_RDWR", a)
wait(b, select.POLLRDHUP)
note("peer's SHUT_RDWR", b)

a, b = pair()
reset(b)
wait(a, 0)
note("peer reset", a)
masks["peer reset: errors"] = [error(a), error(a)]
note("peer reset, error fetched", a)
a, b = pair()
reset(b)
wait(a, 0)
try: a.recv(1)
except ConnectionResetError: pass
note("peer reset, told by recv()", a)

a, b = pair()
p = select.poll()
p.register(a, ALL)
a.close()
masks["closed"] = p.poll(0)[0][1]

# What can't be told over Deno.
a, b = pair()
b.send(b"x")
b.shutdown(socket.SHUT_WR)
wait(a, select.POLLRDHUP)
note("peer closed its way out, bytes wait", a)
a, b = pair()
b.send(b"x")
reset(b)
wait(a, 0)
note("peer reset, bytes wait", a)
a, b = pair()
b.send(b"x", socket.MSG_OOB)
wait(a, select.POLLPRI)
note("urgent data waits", a)
print(json.dumps(masks))
`;

/** The masks of sockets over Deno that differ. */
const OVER_DENO = {
  // The end is found once all bytes before it were read.
  "peer closed its way out, bytes wait": POLLIN | POLLOUT,
  // Deno knows nothing of urgent data.
  "urgent data waits": POLLOUT,
};

/** Opens a connection, runs the given actions on it, and reports each. */
const PEER = `
peer = socket.create_connection((args[0], int(args[1])))
for line in sys.stdin:
    if line == "send\\n": peer.send(b"x")
    elif line == "urgent\\n": peer.send(b"x", socket.MSG_OOB)
    elif line == "reset\\n":
        linger = struct.pack("ii", 1, 0)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        peer.close()
    say("done")
`;

function errorOf(s: socket.Socket): number {
  return s.getsockopt(SOL_SOCKET, SO_ERROR);
}

/** The masks of this library for the states of {@linkcode LINUX}. */
class Masks implements AsyncDisposable {
  readonly #net: Net;
  readonly #peers: Peer[] = [];
  readonly all: Record<string, unknown> = {};

  constructor(net: Net) {
    this.#net = net;
  }

  /** Records the mask of a socket, which may be empty for `timeout` ms. */
  async note(state: string, s: socket.Socket, timeout = 0): Promise<void> {
    const p = select.poll();
    p.register(s, ALL);
    // The first look fetches the events that the second one shows.
    await p.poll(timeout);
    await this.#net.tick();
    const events = await p.poll(0);
    p.unregister(s);
    assert(events.length <= 1 && events.every(([object]) => object === s));
    this.all[state] = events[0]?.[1] ?? 0;
  }

  async unconnected(): Promise<void> {
    const fresh = this.#net.socket();
    await this.note("fresh", fresh);
    fresh.bind(["127.0.0.1", 0]);
    await this.note("bound", fresh);

    const refused = this.#net.socket();
    refused.setblocking(false);
    await refused.connect_ex(fresh.getsockname());
    await this.note("refused", refused, 5000);
    this.all["refused: errors"] = [errorOf(refused), errorOf(refused)];
    await this.note("refused, error fetched", refused);
    const told = this.#net.socket();
    await told.connect_ex(fresh.getsockname());
    await this.note("refused, told by connect()", told);
  }

  async listening(): Promise<void> {
    const server = this.#net.listener(0);
    await this.note("listener", server);
    const clients = Array.from({ length: 4 }, () => this.#net.socket());
    for (const client of clients) {
      client.setblocking(false);
      await client.connect_ex(server.getsockname());
    }
    await this.note("listener, a connection waits", server, 5000);
    await this.note("connecting", clients.at(-1)!);
    await this.#net.accept(server);
    await this.note("listener, connection accepted", server);
  }

  async connected(): Promise<void> {
    const [a, b] = await this.#net.pair();
    await this.note("connected", a);
    await b.send("x");
    await this.note("bytes wait", a);
    await a.recv(1);
    await this.note("bytes read", a);
    a.setblocking(false);
    await fill(a);
    await this.note("full", a);
    a.shutdown(SHUT_WR);
    await this.note("full, own SHUT_WR", a);
  }

  async ending(): Promise<void> {
    let [a, b] = await this.#net.pair();
    b.shutdown(SHUT_WR);
    await this.#net.tick();
    await this.note("peer closed its way out", a);
    await a.recv(1);
    await this.note("peer closed its way out, end read", a);
    await this.note("own SHUT_WR", b);
    a.shutdown(SHUT_WR);
    await this.#net.tick();
    await this.note("both closed their way out", a);
    await this.note("both closed their way out, the first", b);

    [a, b] = await this.#net.pair();
    b.close();
    await this.#net.tick();
    await this.note("peer closed", a);

    [a, b] = await this.#net.pair();
    a.shutdown(SHUT_RD);
    await this.note("own SHUT_RD", a);
    [a, b] = await this.#net.pair();
    a.shutdown(SHUT_RDWR);
    await this.note("own SHUT_RDWR", a);
    await this.#net.tick();
    await this.note("peer's SHUT_RDWR", b);
  }

  async failing(): Promise<void> {
    const a = await this.#connectedTo("reset");
    await this.note("peer reset", a);
    this.all["peer reset: errors"] = [errorOf(a), errorOf(a)];
    await this.note("peer reset, error fetched", a);
    const b = await this.#connectedTo("reset");
    await rejects(errno.ECONNRESET, b.recv(1));
    await this.note("peer reset, told by recv()", b);
  }

  async closed(): Promise<void> {
    const [a] = await this.#net.pair();
    const p = select.poll();
    p.register(a, ALL);
    a.close();
    this.all["closed"] = (await p.poll(0))[0]?.[1];
  }

  /** A socket whose peer has done these things, and stays. */
  async #connectedTo(...acts: string[]): Promise<socket.Socket> {
    const server = this.#net.listener();
    const [host, port] = server.getsockname() as [string, number];
    const peer = python(PEER, host, port);
    this.#peers.push(peer);
    const s = await this.#net.accept(server);
    for (const act of acts) {
      await peer.say(act);
      assertEquals(await peer.line(), "done");
    }
    return s;
  }

  /** The states that Linux tells apart and Deno doesn't. */
  async untold(): Promise<void> {
    const [a, b] = await this.#net.pair();
    await b.send("x");
    b.shutdown(SHUT_WR);
    await this.#net.tick();
    await this.note("peer closed its way out, bytes wait", a);
    const reset = await this.#connectedTo("send", "reset");
    await this.note("peer reset, bytes wait", reset);
    const urgent = await this.#connectedTo("urgent");
    await this.note("urgent data waits", urgent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) await peer[Symbol.asyncDispose]();
  }
}

testTcp("event masks are Linux's in every state", async (net) => {
  await using ours = new Masks(net);
  await ours.unconnected();
  await ours.listening();
  await ours.connected();
  await ours.ending();
  await ours.failing();
  await ours.closed();
  await ours.untold();
  const linux = await ask<Record<string, unknown>>(LINUX);
  const hex = (masks: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(masks)
        .map(([state, mask]) => [
          state,
          typeof mask === "number" ? `0x${mask.toString(16)}` : mask,
        ]),
    );
  assertEquals(
    hex(ours.all),
    hex({
      ...linux,
      ...!native && OVER_DENO,
      // A relay reads on, and so sees a reset at once.
      ...net.queues === 1 && !native &&
        { "peer reset, bytes wait": POLLIN | POLLOUT },
    }),
  );
}, { ignore: !isGnuLinux });
