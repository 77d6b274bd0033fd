import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { decode, describe, draw, encode, paint } from "../examples/picture.ts";
import { test } from "./cases.ts";
import { commandOf, Folder, runIn } from "./example.ts";
import { type Peer, python, testWithPython } from "./peer.ts";
import { pattern } from "./traffic.ts";

/** The first program on MaixPy's page "usocket", once it is in a network. */
const DOWNLOAD = `
sock = socket.socket()
addr = socket.getaddrinfo(args[0], args[1])[0][-1]
sock.connect(addr)
sock.send(b'''GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1
Host: dl.sipeed.com
cache-control: no-cache

''')

img = b""
sock.settimeout(5)
while True:
    data = sock.recv(4096)
    if len(data) == 0:
        break
    print("rcv:", len(data))
    img = img + data

print(len(img))
img = img[img.find(b"\\r\\n\\r\\n")+4:]
print(len(img))
print("save to picture.bmp")
f = open(args[2],"wb")
f.write(img)
f.close()
print("save ok")
print("display")
`;

/** The second program on that page. */
const SEND = `
addr = (args[0], int(args[1]))
sock = socket.socket()
sock.connect(addr)
sock.settimeout(5)

f = open(args[2],"rb")
while True:
    img = f.read(2048)
    if not img or (len(img) == 0):
        break
    sock.send(img)
f.close()
sock.close()
`;

/**
 * A server of one picture: it prints its port, and the request of every client.
 * The answer goes out in pieces of any size.
 */
const SERVER = `
import random
body = bytes.fromhex(sys.stdin.readline())
random.seed(len(body))
server = socket.create_server(("127.0.0.1", 0))
say(server.getsockname()[1])
answer = b"HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body
while True:
    conn, _ = server.accept()
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = b""
    while not request.endswith((b"\\n\\n", b"\\r\\n\\r\\n")):
        request += conn.recv(4096)
    say(json.dumps(request.decode()))
    rest = answer
    while rest:
        # The header goes byte by byte.
        count = 1 if len(rest) > len(body) else random.randint(1, 9999)
        conn.sendall(rest[:count])
        rest = rest[count:]
    conn.close()
`;

/** Takes in a whole connection, and says it in hexadecimal. */
const RECEIVER = `
server = socket.create_server(("127.0.0.1", 0))
say(server.getsockname()[1])
for _ in range(int(args[0])):
    conn, _ = server.accept()
    data = b""
    while True:
        part = conn.recv(4096)
        if not part: break
        data += part
    conn.close()
    say(data.hex())
`;

/** A picture in which the end of an HTTP header comes often. */
const tricky = {
  width: 90,
  height: 70,
  pixels: pattern(90 * 70 * 3).map((byte) => byte & 1 ? 13 : 10),
};

/** A program's output without the lines about the chunks of the picture. */
function summary(printed: string): string[] {
  return printed.trim().split("\n").filter((line) => !/^rcv: \d+$/.test(line));
}

/** How many bytes came in. */
function received(printed: string): number {
  return [...printed.matchAll(/^rcv: (\d+)$/gm)]
    .reduce((sum, [, count]) => sum + Number(count), 0);
}

test("download_picture.ts gets a picture from its own server", async () => {
  await using folder = await Folder.create();
  const command = await commandOf("download_picture.ts");
  await using program = runIn(folder, command);
  const printed = await program.rest();
  const bmp = await folder.read("picture.bmp");
  assertEquals(bmp, encode(paint()));
  const [whole, ...others] = summary(printed);
  assertEquals(Number(whole), received(printed));
  assert(Number(whole) > bmp.length);
  assertEquals(others, [
    String(bmp.length),
    "save to picture.bmp",
    "save ok",
    "display",
    describe(paint()),
  ]);
});

testWithPython(
  "download_picture.ts does what MaixPy's program does",
  async () => {
    await using folder = await Folder.create();
    const bmp = encode(tricky);
    await using server = python(SERVER);
    await server.say(bmp.toHex());
    const port = await server.line();

    await using theirs = python(
      DOWNLOAD,
      "127.0.0.1",
      port,
      folder.file("theirs"),
    );
    const expected = await theirs.rest();
    await server.line();
    assertEquals(await folder.read("theirs"), bmp);

    const command = await commandOf("download_picture.ts", port);
    await using ours = runIn(folder, command, "127.0.0.1", port, "/any/a.bmp");
    const printed = await ours.rest();
    assertEquals(
      JSON.parse(await server.line()),
      "GET /any/a.bmp HTTP/1.0\r\nHost: 127.0.0.1\r\n" +
        "cache-control: no-cache\r\n\r\n",
    );
    assertEquals(await folder.read("picture.bmp"), bmp);
    assertEquals(received(printed), received(expected));
    assertEquals(summary(printed), [...summary(expected), describe(tricky)]);
  },
);

testWithPython(
  "download_picture.ts gets a picture from http.server",
  async () => {
    await using folder = await Folder.create();
    await folder.write("here.bmp", encode(tricky));
    await using server = python(
      `
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *a): super().__init__(*a, directory=args[0])
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
say(server.server_port)
server.serve_forever()
`,
      folder.path,
    );
    const port = await server.line();
    const command = await commandOf("download_picture.ts", port);
    await using program = runIn(
      folder,
      command,
      "127.0.0.1",
      port,
      "/here.bmp",
    );
    await program.rest();
    assertEquals(await folder.read("picture.bmp"), encode(tricky));

    await using lost = runIn(folder, command, "127.0.0.1", port, "/lost.bmp");
    await assertRejects(
      () => lost.rest(),
      Error,
      "The server says: HTTP/1.0 404 File not found",
    );
  },
);

/** A terminal: runs a program in it, and says what it shows, in hexadecimal. */
const TERMINAL = `
import fcntl, os, pty, termios
columns, lines, folder, *command = args
pid, terminal = pty.fork()
if pid == 0:
    # Not before the terminal has its size.
    os.read(0, 1)
    os.chdir(folder)
    os.environ.update(TERM="xterm-256color")
    os.environ.pop("NO_COLOR", None)
    os.execvp(command[0], command)
size = struct.pack("HHHH", int(lines), int(columns), 0, 0)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
mode = termios.tcgetattr(terminal)
mode[3] &= ~termios.ECHO
termios.tcsetattr(terminal, termios.TCSANOW, mode)
os.write(terminal, b"\\n")
shown = b""
while True:
    try: part = os.read(terminal, 65536)
    except OSError: break
    if not part: break
    shown += part
os.waitpid(pid, 0)
say(shown.hex())
`;

testWithPython("a terminal shows the picture", async () => {
  await using folder = await Folder.create();
  const command = await commandOf("download_picture.ts");
  const run = async (...before: string[]) => {
    await using terminal = python(
      TERMINAL,
      80,
      24,
      folder.path,
      ...before,
      ...command,
    );
    const shown = new TextDecoder()
      .decode(Uint8Array.fromHex(await terminal.line()));
    return shown.replaceAll("\r\n", "\n").split("display\n")[1];
  };
  assertEquals(await run(), draw(paint(), 80, 23));
  assertEquals(await run("env", "NO_COLOR=1"), `${describe(paint())}\n`);
});

testWithPython(
  "send_picture.ts sends to Python what MaixPy's sends",
  async () => {
    await using folder = await Folder.create();
    await using receiver = python(RECEIVER, 3);
    const port = await receiver.line();
    const command = await commandOf("send_picture.ts", port);

    // The one that it paints, as there is none yet.
    await using first = runIn(folder, command, "127.0.0.1", port);
    assertEquals(await first.rest(), "");
    assertEquals(await receiver.line(), encode(paint()).toHex());
    assertEquals(await folder.read("picture.bmp"), encode(paint()));

    // The one that is there: no multiple of what goes out at once.
    await folder.write("picture.bmp", pattern(100_001));
    await using second = runIn(folder, command, "127.0.0.1", port);
    assertEquals(await second.rest(), "");
    const sent = await receiver.line();
    await using theirs = python(
      SEND,
      "127.0.0.1",
      port,
      folder.file("picture.bmp"),
    );
    assertEquals(await theirs.rest(), "");
    assertEquals(sent, await receiver.line());
    assertEquals(sent, pattern(100_001).toHex());
  },
);

/** Starts receive_picture.ts, which then listens. */
async function receiver(folder: Folder): Promise<[Peer, port: number]> {
  const port = getAvailablePort();
  const command = await commandOf("receive_picture.ts", port);
  const program = runIn(folder, command, "127.0.0.1", port);
  assertEquals(await program.line(), `Listening at [ "127.0.0.1", ${port} ]`);
  return [program, port];
}

testWithPython(
  "receive_picture.ts takes what MaixPy's program sends",
  async () => {
    await using folder = await Folder.create();
    await folder.write("sent.bmp", encode(tricky));
    const [receiving, port] = await receiver(folder);
    await using program = receiving;
    await using sender = python(
      SEND,
      "127.0.0.1",
      port,
      folder.file("sent.bmp"),
    );
    assertEquals(await sender.rest(), "");
    assertMatch(await program.line(), /^Connected by \[ "127.0.0.1", \d+ \]$/);
    const bmp = encode(tricky);
    assertEquals(
      await program.rest(),
      `${bmp.length} bytes in received.bmp\n${describe(tricky)}\n`,
    );
    assertEquals(await folder.read("received.bmp"), bmp);
  },
);

test("receive_picture.ts takes what send_picture.ts sends", async () => {
  await using folder = await Folder.create();
  // The old file is longer, and must be overwritten whole.
  await folder.write("received.bmp", pattern(200_000));
  const [receiving, port] = await receiver(folder);
  await using program = receiving;
  const command = await commandOf("send_picture.ts", port);
  await using sender = runIn(folder, command, "127.0.0.1", port);
  assertEquals(await sender.rest(), "");
  await program.rest();
  const bmp = await folder.read("received.bmp");
  assertEquals(bmp, await folder.read("picture.bmp"));
  assertEquals(decode(bmp), paint());
});

testWithPython(
  "the programs time out after 5 s without data, as MaixPy's",
  async () => {
    await using folder = await Folder.create();
    await folder.write("picture.bmp", pattern(16 * 1024 * 1024));
    // One that answers nothing, and takes no more than the system keeps for it.
    await using silent = python(
      `
server = socket.create_server(("127.0.0.1", 0))
say(server.getsockname()[1])
conns = [server.accept() for _ in range(int(args[0]))]
sys.stdin.readline()
`,
      4,
    );
    const port = await silent.line();
    const [receiving, own] = await receiver(folder);
    await using waiting = receiving;
    await using _client = python(
      "s = socket.create_connection(('127.0.0.1', int(args[0])))\n" +
        "s.send(b'BM'); sys.stdin.readline()",
      own,
    );
    const host = "127.0.0.1";
    await using download = runIn(
      folder,
      await commandOf("download_picture.ts", port),
      host,
      port,
    );
    const sending = await commandOf("send_picture.ts", port);
    await using send = runIn(folder, sending, host, port);
    await using theirDownload = python(
      DOWNLOAD,
      host,
      port,
      folder.file("none"),
    );
    await using theirSend = python(
      SEND,
      host,
      port,
      folder.file("picture.bmp"),
    );
    const programs = [waiting, download, send, theirDownload, theirSend];
    await Promise.all(
      programs.map((program) =>
        assertRejects(() => program.rest(), Error, "TimeoutError: timed out")
      ),
    );
    assertEquals(await folder.read("picture.bmp"), pattern(16 * 1024 * 1024));
  },
);
