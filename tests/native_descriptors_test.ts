/**
 * Descriptors of the kernel, which other programs and other libraries have too.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fs from "node:fs";
import { errno, select, socket } from "../mod.ts";
import type { Socket } from "../socket/mod.ts";
import { bytes } from "./calls.ts";
import { testIf } from "./cases.ts";
import { lines, testNative as testProgram } from "./native_programs.ts";
import { hasPython, python as judge } from "./oracle.ts";
import { python } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } = socket;
const { SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } = socket;

/** A test that needs the native transport. */
function testNative(name: string, fn: () => void | Promise<void>): void {
  testIf(native, name, fn);
}

/** The descriptor that a socket left. */
function revive(fd: number): Socket {
  return socket.socket(-1, -1, -1, fd);
}

testNative("the kernel tells what a descriptor is of", () => {
  const kinds = [
    [AF_INET, SOCK_STREAM, socket.IPPROTO_TCP],
    [AF_INET, SOCK_DGRAM, socket.IPPROTO_UDP],
    [AF_INET6, SOCK_STREAM, socket.IPPROTO_TCP],
    [AF_UNIX, SOCK_STREAM, 0],
    [AF_UNIX, SOCK_DGRAM, 0],
    [AF_UNIX, SOCK_SEQPACKET, 0],
    [AF_NETLINK, SOCK_RAW, socket.NETLINK_ROUTE],
  ] as const;
  for (const [family, type, proto] of kinds) {
    using s = revive(socket.socket(family, type, proto).detach());
    assertEquals([s.family, s.type, s.proto], [family, type, proto]);
    // Whatever the arguments say.
    using copy = socket.fromfd(s.fileno(), AF_INET, SOCK_STREAM, 99);
    assertEquals([copy.family, copy.type, copy.proto], [family, type, proto]);
    assert(
      String(copy).startsWith(
        `<socket.socket fd=${copy.fileno()}, family=${family}, type=${type}, proto=${proto}`,
      ),
    );
  }
});

testNative("a descriptor that is no socket's can be copied and closed", () => {
  const file = fs.openSync(new URL(import.meta.url), "r");
  throws(errno.ENOTSOCK, () => revive(file));
  throws(errno.ENOTSOCK, () => socket.fromfd(file, AF_INET, SOCK_STREAM));
  const copy = socket.dup(file);
  fs.closeSync(file);
  throws(errno.ENOTSOCK, () => revive(copy));
  socket.close(copy);
  throws(errno.EBADF, () => socket.close(copy));
  throws(errno.EBADF, () => socket.dup(copy));
  throws(errno.EBADF, () => revive(copy));
});

testNative("what a failed call opened is closed again", () => {
  const before = socket.dup(0);
  socket.close(before);
  for (let count = 0; count < 3; count++) {
    throws(errno.ENOTSOCK, () => socket.fromfd(0, AF_INET, SOCK_STREAM));
  }
  const after = socket.dup(0);
  assertEquals(after, before);
  socket.close(after);
});

testNative("arguments of the wrong kind leave a descriptor alone", () => {
  using s = socket.socket();
  const fd = s.fileno();
  const wrong = "1" as unknown as number;
  assertThrows(() => socket.socket(-1, wrong, -1, fd), TypeError);
  assertThrows(() => socket.fromfd(fd, AF_INET, wrong), TypeError);
  assertEquals(s.getsockname(), ["0.0.0.0", 0]);
});

testNative(
  "select() knows descriptors that were detached and revived",
  async () => {
    const [a, b] = await socket.socketpair();
    using near = a;
    const fd = b.detach();
    using far = revive(fd);
    await near.send("x");
    assertEquals(await select.select([fd], [], [], 5), [[fd], [], []]);
    assertEquals(await far.recv(5), bytes("x"));
  },
);

testIf(
  native && hasPython,
  "wrong descriptors are refused as in Python",
  async () => {
    const program = `
import json, socket, sys
def outcome(fd):
  try: socket.socket(fileno=fd).detach()
  except ValueError as e: return [0, str(e)]
  except OSError as e: return [e.errno, ""]
print(json.dumps([outcome(fd) for fd in json.load(sys.stdin)]))`;
    const numbers = [-1, -7, 0, 900];
    const ours = numbers.map((fd) => {
      try {
        return revive(fd).detach();
      } catch (error) {
        if (error instanceof socket.OSError) return [error.errno, ""];
        return [error instanceof RangeError ? 0 : 1, (error as Error).message];
      }
    });
    assertEquals(ours, await judge(program, numbers));
  },
);

testIf(
  native && hasPython,
  "a program that is started gets an inheritable socket",
  async () => {
    using server = socket.create_server(["127.0.0.1", 0]);
    using secret = socket.socket();
    server.set_inheritable(true);
    await using child = python(
      `
fd, secret = map(int, args)
server = socket.socket(fileno=fd)
say(server.family, server.type, server.getsockname()[1], server.get_inheritable())
try: socket.socket(fileno=secret); say("leaked")
except OSError as error: say(error.errno)
server.settimeout(10)
conn, address = server.accept()
conn.sendall(b"from the child")
conn.close()
`,
      server.fileno(),
      secret.fileno(),
    );
    const [, port] = server.getsockname();
    assertEquals(await child.line(), `2 1 ${port} True`);
    // Whatever has that number there, it isn't this socket.
    assert((await child.line()) !== "leaked");
    using client = await socket.create_connection(server.getsockname());
    assertEquals(text((await client.read())!), "from the child");
    await child.rest();
  },
);

testIf(
  native && hasPython,
  "a program that is started may share a connection",
  async () => {
    const [a, b] = await socket.socketpair();
    using near = a;
    using far = b;
    far.set_inheritable(true);
    await using child = python(
      `
same = socket.socket(fileno=int(args[0]))
# Blocking, for the other process too.
same.setblocking(True)
say(same.recv(5).decode())
sys.stdin.readline()
`,
      far.fileno(),
    );
    await near.send("first");
    assertEquals(await child.line(), "first");
    // No call holds the event loop up, though the kernel would let it.
    far.settimeout(0.01);
    await rejects(null, far.recv(1));
    near.settimeout(0.01);
    await rejects(null, near.recvmsg(1));
    far.settimeout(0);
    await rejects(errno.EAGAIN, far.recvmsg(1));
    await rejects(errno.EAGAIN, far.recv_into(new Uint8Array(1)));
    await rejects(errno.EAGAIN, far.recvfrom(1));
    // Neither does one that finds no room.
    const large = new Uint8Array(1_000_000);
    await far.send(large);
    await rejects(errno.EAGAIN, far.sendmsg([large]));
    await rejects(errno.EAGAIN, far.send(large));
    await child.say();
    await child.rest();
  },
);

testIf(
  native && hasPython,
  "a program adopts a socket of the one that started it",
  async () => {
    await using parent = python(
      `
import subprocess
deno, program, module = args
near, far = socket.socketpair()
listener = socket.create_server(("127.0.0.1", 0))
text = f'''
import {{ socket }} from "{program}";
const [far, listener] = Deno.args.map((fd) => socket.socket(-1, -1, -1, Number(fd)));
console.log(far.family, far.type, String(listener.getsockname()));
await far.sendall(await far.recv(100));
const [conn] = await listener.accept();
await conn.sendall("from the child");
'''
fds = [far.fileno(), listener.fileno()]
child = subprocess.Popen(
  [deno, "run", "--quiet", "--no-prompt", "--allow-ffi", "--allow-net", "--preload", module,
   "data:application/typescript," + __import__("urllib.parse").parse.quote(text), *map(str, fds)],
  pass_fds=fds, stdout=subprocess.PIPE, text=True)
say(child.stdout.readline().strip())
say(listener.getsockname()[1])
near.sendall(b"there and back")
say(near.recv(100).decode())
client = socket.create_connection(listener.getsockname())
listener.close()
say(client.recv(100).decode())
say(child.wait(), near.recv(1) if far.close() is None else "")
`,
      Deno.execPath(),
      import.meta.resolve("../mod.ts"),
      import.meta.resolve("../socket/transport/native/mod.ts"),
    );
    const [family, type, address] = (await parent.line()).split(" ");
    const port = await parent.line();
    assertEquals([family, type, address], ["1", "1", `127.0.0.1,${port}`]);
    assertEquals(await parent.line(), "there and back");
    assertEquals(await parent.line(), "from the child");
    assertEquals(await parent.line(), "0 b''");
    await parent.rest();
  },
);

testProgram(
  "numbers of earlier sockets are no descriptors of the system",
  async () => {
    const printed = await lines(
      ["--allow-all"],
      `
    const early = Array.from({ length: 300 }, () => mod.socket.socket());
    await install();
    const { socket, close, dup, recv_fds, send_fds } = mod.socket;
    const [a, b] = await mod.socket.socketpair();
    const numbers = new Set(early.map((s) => s.fileno()));
    const { size } = numbers;
    const [first] = numbers;
    await tell(() => send_fds(a, ["x"], [a.fileno(), first]));
    const fds = [a.fileno(), dup(b.fileno()), dup(0)];
    await send_fds(a, ["x"], fds);
    const [, came] = await recv_fds(b, 1, 3);
    for (const fd of [...fds, ...came]) numbers.add(fd);
    console.log(numbers.size - size);
    // They are what they were sent as.
    await socket(-1, -1, -1, came[0]).send("from a");
    socket(-1, -1, -1, came[1]).close();
    console.log(new TextDecoder().decode(await b.recv(10)));
    close(came[2]);
    await tell(() => close(came[2]));
    console.log(early.every((s) => s.type === 1 && !s.closed));
    `,
    );
    assertEquals(printed, [
      "fine OSError 9 [Errno 9] Bad file descriptor",
      "6",
      "from a",
      "fine OSError 9 [Errno 9] Bad file descriptor",
      "true",
    ]);
  },
);
