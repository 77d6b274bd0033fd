import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errno, socket } from "../mod.ts";
import type { AddressFamily } from "../socket/names/address.ts";
import {
  addressFamily,
  formatAddress,
  registerAddressFamily,
  resolveAddress,
} from "../socket/names/families.ts";
import {
  decodePath,
  encodePath,
  fromPath,
} from "../socket/names/unix_address.ts";
import { bytes } from "./calls.ts";
import { test, testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { Folder } from "./example.ts";
import { hasPython, isGnuLinux, python as ask } from "./oracle.ts";
import { denoText, python } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const { AF_INET, AF_INET6, AF_UNIX, AF_VSOCK, SOCK_DGRAM, SOCK_STREAM } =
  socket;

/** An address argument as it comes back. */
function parsed(family: number, argument: unknown): unknown {
  const { address, name } = addressFamily(family).parse(argument, "bind");
  const formatted = formatAddress(family, address);
  return name === undefined ? formatted : [formatted, name];
}

test("each family parses and formats its addresses", () => {
  const cases: [family: number, argument: unknown, expected: unknown][] = [
    [AF_INET, ["127.1", 80], ["127.0.0.1", 80]],
    [AF_INET, ["", 80], ["0.0.0.0", 80]],
    [AF_INET, ["<broadcast>", 80], ["255.255.255.255", 80]],
    [AF_INET, ["localhost", 80], [["localhost", 80], "localhost"]],
    [AF_INET6, ["0:0::1", 80], ["::1", 80, 0, 0]],
    [AF_INET6, ["", 80, 5], ["::", 80, 5, 0]],
    [AF_INET6, ["fe80::1%7", 80], ["fe80::1", 80, 0, 7]],
    [AF_INET6, ["fe80::1", 80, 0, 7], ["fe80::1", 80, 0, 7]],
    [AF_INET6, ["host", 1, 2, 3], [["host", 1, 2, 3], "host"]],
    [AF_UNIX, "/run/a", "/run/a"],
    [AF_UNIX, bytes("\0name"), "\0name"],
    [AF_UNIX, bytes("/fr\xc3\xb6h").buffer, "/fröh"],
    [AF_UNIX, bytes("/\xff"), "/\udcff"],
  ];
  for (const [family, argument, expected] of cases) {
    assertEquals(parsed(family, argument), expected);
  }
  throws(socket.EAI_ADDRFAMILY, () => parsed(AF_INET, ["::1", 80]));
  throws(socket.EAI_ADDRFAMILY, () => parsed(AF_INET6, ["127.0.0.1", 80]));
  if (!native) throws(errno.EAFNOSUPPORT, () => parsed(AF_VSOCK, [1, 2]));
});

test("wrong addresses raise CPython's errors", () => {
  const cases: [family: number, argument: unknown, message: string][] = [
    [AF_INET, "host", "bind(): AF_INET address must be an array, not string"],
    [AF_INET, ["", 1, 2], "AF_INET address must be a pair [host, port]"],
    [
      AF_INET6,
      [""],
      "AF_INET6 address must be an array [host, port[, flowinfo[, scope_id]]]",
    ],
    [AF_INET, [1, 1], "bind(): host must be a string, not number"],
    [AF_INET, ["", 65536], "bind(): port must be 0-65535."],
    [AF_INET6, ["", 1, -1], "bind(): flowinfo must be 0-1048575."],
    [AF_INET6, ["", 1, 0, -1], "bind(): scope_id must be 0-4294967295."],
    [
      AF_UNIX,
      5,
      "bind(): AF_UNIX address must be a string or a buffer, not number",
    ],
    [AF_UNIX, bytes("/".repeat(108)), "AF_UNIX path too long"],
  ];
  for (const [family, argument, message] of cases) {
    const error = assertThrows(() => parsed(family, argument), Error);
    assertEquals(error.message, message);
  }
});

test("addresses are compared by their family, also after JSON", () => {
  const same = (family: number, first: unknown, second: unknown) => {
    const { equals, parse } = addressFamily(family);
    const { address } = parse(first, "");
    const copy = JSON.parse(JSON.stringify(address));
    assertEquals(equals(address, copy), true);
    return equals(copy, parse(second, "").address);
  };
  assertEquals(same(AF_INET, ["127.1", 1], ["127.0.0.1", 1]), true);
  assertEquals(same(AF_INET, ["127.1", 1], ["127.0.0.1", 2]), false);
  assertEquals(same(AF_INET6, ["fe80::1%1", 1], ["fe80::1", 1, 0, 1]), true);
  assertEquals(same(AF_INET6, ["fe80::1%1", 1], ["fe80::1%2", 1]), false);
  assertEquals(same(AF_UNIX, "/\udcff", bytes("/\xff")), true);
  assertEquals(same(AF_UNIX, "\0a", "\0b"), false);
});

test("a transport can add a family", async () => {
  const family: AddressFamily = {
    parse: (argument) => ({ address: fromPath(JSON.stringify(argument)) }),
    format: (address) => JSON.parse(String(address)),
    equals: (first, second) => first === second,
    unbound: fromPath("[]"),
  };
  const number = 1000;
  registerAddressFamily(number, family);
  const { address } = await resolveAddress(number, SOCK_STREAM, [3, 80], "");
  assertEquals(formatAddress(number, address) as unknown, [3, 80]);
});

// Paths

testIf(hasPython, "paths are decoded as in Python", async () => {
  const pieces = fc.constantFrom(
    ..."a / ö \u20ac 😀 \ufeff \ufffd".split(" ").map((text) => [
      ...new TextEncoder().encode(text),
    ]),
    [0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f],
    [0xff],
    [0],
  );
  const paths = fc.sample(fc.array(pieces, { maxLength: 9 }), 500)
    .map((path) => path.flat());
  const theirs = await ask<string[]>(
    `
import json, os, sys
print(json.dumps([os.fsdecode(bytes(path)) for path in json.load(sys.stdin)]))
`,
    paths,
  );
  for (const [index, path] of paths.entries()) {
    const decoded = decodePath(Uint8Array.from(path));
    assertStrictEquals(decoded, theirs[index]);
    assertEquals([...encodePath(decoded)], path);
  }
});

testIf(isGnuLinux, "a path may be given as its bytes", async () => {
  await using folder = await Folder.create();
  await using child = denoText(
    [
      "--allow-net",
      `--allow-read=${folder.path}`,
      `--allow-write=${folder.path}`,
    ],
    `
    import { errno, socket } from "./mod.ts";

    const path = ${JSON.stringify(folder.file("fröhlich"))};
    const bytes = new TextEncoder().encode(path);
    using server = socket.create_server(bytes, { family: socket.AF_UNIX });
    using client = socket.socket(socket.AF_UNIX);
    await client.connect(bytes.buffer);
    console.log(server.getsockname() === path, client.getpeername() === path);
    using other = socket.socket(socket.AF_UNIX);
    try {
      other.bind(Uint8Array.of(...bytes, 0xff));
    } catch (error) {
      console.log(errno.errorcode[error.errno]);
    }
    `,
  );
  // Natively it is a path, which the permission to a folder doesn't show.
  const refused = native ? "EACCES" : "EILSEQ";
  assertEquals(await child.rest(), `true true\n${refused}\n`);
});

// Scopes

/** A link-local address of this machine, and its interface. */
async function linkLocal(): Promise<[host: string, scope: number] | null> {
  const table = await output("cat", "/proc/net/if_inet6") ?? "";
  const [, hex, index] = /^(fe80\w{28}) (\w+) /m.exec(table) ?? [];
  if (hex === undefined || index === undefined) return null;
  const packed = Uint8Array.fromHex(hex);
  return [socket.inet_ntop(AF_INET6, packed), parseInt(index, 16)];
}

const LOCAL = isGnuLinux ? await linkLocal() : null;
const [HOST, SCOPE] = LOCAL ?? ["", 0];

testIf(LOCAL !== null, "the scope of a TCP address is kept", async () => {
  using server = socket.create_server([`${HOST}%${SCOPE}`, 0], {
    family: AF_INET6,
  });
  const name = server.getsockname();
  assertEquals([name[0], ...name.slice(2)], [HOST, 0, SCOPE]);
  for (const to of [name, [`${HOST}%${SCOPE}`, name[1]] as [string, number]]) {
    using client = socket.socket(AF_INET6);
    await client.connect(to);
    const [conn, peer] = await server.accept();
    using accepted = conn;
    assertEquals(client.getpeername(), name);
    assertEquals(accepted.getsockname(), name);
    assertEquals(peer, client.getsockname());
    assertEquals(accepted.getpeername(), peer);
    assertEquals(peer[3], SCOPE);
  }
  using unscoped = socket.socket(AF_INET6);
  await rejects(errno.EINVAL, unscoped.connect([HOST, name[1] as number]));
  // Python sees the same.
  await using peer = python(
    `
s = socket.socket(socket.AF_INET6)
s.connect((args[0], int(args[1]), 0, int(args[2])))
say(s.getpeername())
`,
    HOST,
    String(name[1]),
    String(SCOPE),
  );
  const [conn, from] = await server.accept();
  conn.close();
  assertEquals(from[3], SCOPE);
  assertEquals(
    await peer.line(),
    `('${HOST}', ${name[1]}, 0, ${SCOPE})`,
  );
});

testIf(LOCAL !== null, "the scope of a UDP address is kept", async () => {
  using a = socket.socket(AF_INET6, SOCK_DGRAM);
  using b = socket.socket(AF_INET6, SOCK_DGRAM);
  a.bind([HOST, 0, 0, SCOPE]);
  b.bind([`${HOST}%${SCOPE}`, 0]);
  const names = [a.getsockname(), b.getsockname()] as const;
  for (const name of names) assertEquals([name[0], name[3]], [HOST, SCOPE]);
  await a.sendto("to", names[1]);
  assertEquals(await b.recvfrom(9), [bytes("to"), names[0]]);
  await b.connect(names[0]);
  assertEquals(b.getpeername(), names[0]);
  await a.sendto("back", names[1]);
  assertEquals(text(await b.recv(9)), "back");
});

testIf(LOCAL !== null, "global addresses have no scope", async () => {
  using server = socket.create_server(["::1", 0, 0, SCOPE], {
    family: AF_INET6,
  });
  using client = socket.socket(AF_INET6);
  const [, port] = server.getsockname();
  await client.connect(["::1", port as number, 0, SCOPE]);
  assertEquals(client.getpeername(), ["::1", port as number, 0, 0]);
});
