import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLessOrEqual,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { isGnuLinux } from "./oracle.ts";
import { type Peer, python, testWithPython } from "./peer.ts";
import { persist, rejects } from "./raises.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { native } from "./transports.ts";

const { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } = socket;

/** A connection to a Python that does as it is told. */
class Conversation implements AsyncDisposable {
  readonly #peer: Peer;
  readonly socket: socket.Socket;

  private constructor(peer: Peer, socket: socket.Socket) {
    this.#peer = peer;
    this.socket = socket;
  }

  static async start(): Promise<Conversation> {
    using server = socket.create_server(["127.0.0.1", 0]);
    const peer = python(
      `
import hashlib
s = socket.create_connection(("127.0.0.1", int(args[0])))
def reset():
  s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
  s.close()
for line in sys.stdin:
  _ = None
  exec(json.loads(line))
  say(json.dumps(_))
`,
      server.getsockname()[1] as number,
    );
    try {
      // A Python that doesn't start must not be waited for.
      server.settimeout(20);
      const [conn] = await server.accept();
      return new Conversation(peer, conn);
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Has the peer, whose socket is `s`, run a program; what it puts in `_`. */
  async run<T>(program: string): Promise<T> {
    await this.#peer.say(JSON.stringify(program));
    return JSON.parse(await this.#peer.line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.#peer[Symbol.asyncDispose]();
  }
}

testWithPython("a reset wakes a call that waits, with ECONNRESET", async () => {
  const calls: ((s: socket.Socket) => Promise<unknown>)[] = [
    (s) => s.recv(10),
    (s) => s.recv_into(new Uint8Array(10)),
    (s) => s.recv(10, socket.MSG_WAITALL),
    (s) => (s.settimeout(20), s.recv(10)),
    (s) => (s.setblocking(false), persist(() => s.recv(10))),
  ];
  await Promise.all(calls.map(async (call) => {
    await using talk = await Conversation.start();
    const s = talk.socket;
    const [error] = await Promise.all([
      rejects(errno.ECONNRESET, call(s)),
      talk.run("reset()"),
    ]);
    assertInstanceOf(error, socket.ConnectionResetError);
    // As in Linux, the error is reported once.
    assertEquals(await s.recv(10), new Uint8Array(0));
    await rejects(errno.EPIPE, s.send("a"));
  }));
});

testWithPython("a reset is found by later calls", async () => {
  const calls: ((s: socket.Socket) => Promise<unknown>)[] = [
    (s) => s.recv(10),
    (s) => s.recv_into(new Uint8Array(10)),
    (s) => (s.setblocking(false), persist(() => s.recv(10))),
    (s) => s.send("a"),
    (s) => (s.settimeout(20), s.send("a").then(() => s.recv(1))),
  ];
  await Promise.all(calls.map(async (call) => {
    await using talk = await Conversation.start();
    await talk.run("reset()");
    await rejects(errno.ECONNRESET, call(talk.socket));
  }));
});

testWithPython("a reset ends a send() that waits", async () => {
  const calls: ((s: socket.Socket) => Promise<unknown>)[] = [
    (s) => s.sendall(pattern(64 * 1024 * 1024)),
    (s) => s.send(pattern(64 * 1024 * 1024)),
    (s) => (s.settimeout(20), s.sendall(pattern(64 * 1024 * 1024))),
  ];
  for (const call of calls) {
    await using talk = await Conversation.start();
    const sent = call(talk.socket).catch((error) => error);
    // It is on its way.
    await talk.run("s.recv(1000)");
    await talk.run("reset()");
    const error = await sent;
    assertInstanceOf(error, socket.ConnectionResetError);
    assertEquals(await talk.socket.recv(1), new Uint8Array(0));
  }
});

testWithPython(
  "sending to a closed peer raises BrokenPipeError in the end",
  async () => {
    for (const timeout of [null, 20, 0]) {
      await using talk = await Conversation.start();
      const s = talk.socket;
      s.settimeout(timeout);
      await talk.run("s.close()");
      let error;
      // The first one makes the peer's system answer with a reset.
      while (!error || error instanceof socket.BlockingIOError) {
        error = await s.send("a").then(() => null, (error) => error);
      }
      assertInstanceOf(error, socket.ConnectionError);
      assert([errno.EPIPE, errno.ECONNRESET].includes(error.errno!));
    }
  },
);

testWithPython("a peer that shut down sending still receives", async () => {
  for (const timeout of [null, 20]) {
    await using talk = await Conversation.start();
    const s = talk.socket;
    s.settimeout(timeout);
    await talk.run("s.sendall(b'question'); s.shutdown(socket.SHUT_WR)");
    assertEquals(text(await receiveAll(s)), "question");
    const size = 4 * 1024 * 1024;
    const sent = s.sendall(pattern(size)).then(() =>
      s.shutdown(socket.SHUT_WR)
    );
    const [length, end] = await talk.run<[number, string]>(
      `data = b''.join(iter(lambda: s.recv(65536), b'')); ` +
        `_ = [len(data), hashlib.sha256(data).hexdigest()]`,
    );
    await sent;
    assertEquals(length, size);
    assertEquals(end, await sha256(pattern(size)));
    assertEquals(await s.recv(1), new Uint8Array(0));
  }
});

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", data);
  return new Uint8Array(hash).toHex();
}

testWithPython("a peer that sends one byte at a time", async () => {
  await using talk = await Conversation.start();
  const s = talk.socket;
  const dribble = "s.setsockopt(6, socket.TCP_NODELAY, 1);" +
    "_ = [s.send(b'%c' % (i % 251)) for i in range(1000)] and None";
  const buffer = new Uint8Array(64);
  const ways: (() => Promise<void>)[] = [
    () => receivePattern(s, 1000),
    async () => {
      const all = await s.recv(1000, socket.MSG_WAITALL);
      assertEquals(all, pattern(1000));
    },
    async () => {
      for (let count = 0; count < 1000;) {
        const length = await persist(() => s.recv_into(buffer));
        assertEquals(buffer.slice(0, length), pattern(length, count));
        count += length;
      }
    },
  ];
  for (const [i, receive] of ways.entries()) {
    s.settimeout([null, 20, 0][i]!);
    await Promise.all([talk.run(dribble), receive()]);
  }
});

/**
 * How many bytes the system has on their way from one port of 127.0.0.1 to
 * another: those not acknowledged, and then, as they only go that way, those
 * not received. A few may count twice, for an instant.
 */
const ON_THE_WAY = `
def on_the_way(a, b):
  def queues(*ports):
    names = ["0100007F:%04X" % port for port in ports]
    with open("/proc/net/tcp") as table:
      # A table that changes while it is read may show a row twice.
      row = next(row.split() for row in table if row.split()[1:3] == names)
    return [int(n, 16) for n in row[4].split(":")]
  return queues(a, b)[0] + queues(b, a)[1]
`;

/** How many bytes, of those sent from one end, the system has. */
async function inTheSystem(
  talk: Conversation,
  from: "ours" | "theirs",
): Promise<number> {
  const ports = [talk.socket.getsockname(), talk.socket.getpeername()]
    .map(([, port]) => port);
  if (from === "theirs") ports.reverse();
  return await talk.run(`${ON_THE_WAY}_ = on_the_way(${ports})`);
}

// How much the kernel takes of a native socket is its own affair.
testIf(
  isGnuLinux && !native,
  "data for a peer that stops reading is bounded by SO_SNDBUF",
  async () => {
    for (const size of [null, 4096]) {
      await using talk = await Conversation.start();
      const s = talk.socket;
      if (size !== null) s.setsockopt(SOL_SOCKET, SO_SNDBUF, size);
      const limit = s.getsockopt(SOL_SOCKET, SO_SNDBUF);
      s.settimeout(0.1);
      // Until nothing moves any more.
      const sent = await fill(s);
      s.setblocking(false);
      for (let i = 0; i < 100; i++) await rejects(errno.EAGAIN, s.send("a"));
      const queued = sent - await inTheSystem(talk, "ours");
      assertGreater(sent, limit);
      assertLessOrEqual(queued, limit);
      assertLessOrEqual(sent, 64 * 1024 * 1024);

      // No byte is lost.
      s.close();
      const [length, hash] = await talk.run<[number, string]>(
        `data = b''.join(iter(lambda: s.recv(65536), b'')); ` +
          `_ = [len(data), hashlib.sha256(data).hexdigest()]`,
      );
      assertEquals(length, sent);
      assertEquals(hash, await sha256(pattern(sent)));
    }
  },
);

testIf(
  isGnuLinux,
  "read-ahead for a slow reader is bounded by SO_RCVBUF",
  async () => {
    for (const size of [null, 2000]) {
      await using talk = await Conversation.start();
      const s = talk.socket;
      if (size !== null) s.setsockopt(SOL_SOCKET, SO_RCVBUF, size);
      const limit = s.getsockopt(SOL_SOCKET, SO_RCVBUF);
      // Until nothing moves any more.
      const sent = await talk.run<number>(`
s.settimeout(.1)
data = bytes(i % 251 for i in range(65536))
_ = 0
try:
  while 1: _ += s.send(data[_ % 251:])
except TimeoutError: pass
`);
      let received = 0;
      const held = async () =>
        sent - received - await inTheSystem(talk, "theirs");
      for (const timeout of [20, 0, null]) {
        s.settimeout(timeout);
        const bytes = await persist(() => s.recv(100));
        assertEquals(bytes, pattern(100, received));
        received += bytes.length;
        assertLessOrEqual(await held(), limit);
      }
    }
  },
);

testWithPython(
  "a blocking send() waits for a peer that stops reading",
  async () => {
    await using talk = await Conversation.start();
    const s = talk.socket;
    const size = 32 * 1024 * 1024;
    let done = false;
    const sent = s.sendall(pattern(size)).then(() => done = true);
    // By now the call would have ended if it didn't wait.
    for (let i = 0; i < 10; i++) await talk.run("s.recv(1, socket.MSG_PEEK)");
    assert(!done);
    const received = talk.run<number>(
      `_ = sum(iter(lambda: len(s.recv(65536)), 0))`,
    );
    await sent;
    s.shutdown(socket.SHUT_WR);
    assertEquals(await received, size);
  },
);

testWithPython(
  "connecting to a peer that never accepts times out",
  async () => {
    await using peer = python(
      "s = socket.create_server(('127.0.0.1', 0), backlog=0);" +
        "say(s.getsockname()[1]); sys.stdin.readline()",
    );
    const port = Number(await peer.line());
    using stack = new DisposableStack();
    for (let clients = 0;; clients++) {
      assertLessOrEqual(clients, 5);
      const client = stack.use(socket.socket());
      client.settimeout(0.1);
      const code = await client.connect_ex(["127.0.0.1", port]);
      if (code === 0) continue;
      assertEquals(code, errno.EAGAIN);
      break;
    }
  },
);

testWithPython(
  "clients that never send are accepted, too",
  async () => {
    using server = socket.create_server(["127.0.0.1", 0]);
    await using peer = python(
      "all = [socket.create_connection(('127.0.0.1', int(args[0])))" +
        " for i in range(50)]; [s.close() for s in all]",
      server.getsockname()[1] as number,
    );
    for (let i = 0; i < 50; i++) {
      const [conn] = await server.accept();
      using accepted = conn;
      assertEquals(await accepted.recv(1), new Uint8Array(0));
    }
    assertEquals(await peer.rest(), "");
  },
);
