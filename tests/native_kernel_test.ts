/**
 * Sockets of the families that only the native transport has, as far as this
 * kernel has them and lets the tests use them.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errno, socket } from "../mod.ts";
import { bytes } from "./calls.ts";
import { testIf } from "./cases.ts";
import { hasPython, python } from "./oracle.ts";
import { native } from "./transports.ts";

const {
  AF_ALG,
  AF_CAN,
  AF_INET,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  CAN_RAW,
  NETLINK_ROUTE,
  NETLINK_USERSOCK,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} = socket;

type Bytes = Uint8Array<ArrayBuffer>;

/** An Ethernet protocol for experiments within a network. */
const ETHERTYPE = 0x88b5;

function refused(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A test that needs sockets which not every machine has, or lets one have. */
function testKernel(
  name: string,
  attempt: () => void,
  fn: () => void | Promise<void>,
): void {
  const reason = native ? refused(attempt) : null;
  if (reason) console.warn(`Ignored: "${name}": ${reason}`);
  testIf(native && reason === null, name, fn);
}

/** A test that needs sockets of this family, type and protocol. */
function testFamily(
  name: string,
  kind: [family: number, type: number, proto: number],
  fn: () => void | Promise<void>,
): void {
  testKernel(name, () => socket.socket(...kind).close(), fn);
}

// Messages of the kernel

/** A request for all interfaces: `struct nlmsghdr` and `struct ifinfomsg`. */
function linksRequest(): Uint8Array<ArrayBuffer> {
  const RTM_GETLINK = 18;
  const NLM_F_REQUEST_DUMP = 0x301;
  const view = new DataView(new ArrayBuffer(32));
  view.setUint32(0, 32, true);
  view.setUint16(4, RTM_GETLINK, true);
  view.setUint16(6, NLM_F_REQUEST_DUMP, true);
  return new Uint8Array(view.buffer);
}

/** Index and name of each interface in a part of the answer; `null` behind it. */
function links(answer: Uint8Array): ([number, string] | null)[] {
  const NLMSG_DONE = 3;
  const IFLA_IFNAME = 3;
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  const found: ([number, string] | null)[] = [];
  for (let at = 0; at < answer.length; at += view.getUint32(at, true)) {
    if (view.getUint16(at + 4, true) === NLMSG_DONE) {
      found.push(null);
      break;
    }
    const end = at + view.getUint32(at, true);
    for (let part = at + 32; part < end;) {
      const length = view.getUint16(part, true);
      if (view.getUint16(part + 2, true) === IFLA_IFNAME) {
        const name = answer.subarray(part + 4, part + length - 1);
        const index = view.getInt32(at + 20, true);
        found.push([index, new TextDecoder().decode(name)]);
      }
      part += (length + 3) & ~3;
    }
  }
  return found;
}

testIf(native && hasPython, "AF_NETLINK tells the interfaces", async () => {
  using s = socket.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  assertEquals(s.getsockname(), [0, 0]);
  s.bind([0, 0]);
  const [pid, groups] = s.getsockname();
  assert(typeof pid === "number" && pid !== 0);
  assertEquals(groups, 0);
  assertEquals(await s.sendto(linksRequest(), [0, 0]), 32);
  const found = [];
  while (found.at(-1) !== null) {
    const [answer, sender] = await s.recvfrom(65536);
    assertEquals(sender, [0, 0]);
    found.push(...links(answer));
  }
  const theirs = await python(
    "import json, socket; print(json.dumps(socket.if_nameindex()))",
  );
  assertEquals(found.slice(0, -1) as unknown, theirs);
});

testIf(native, "AF_NETLINK carries messages between sockets", async () => {
  const netlink = () => socket.socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
  using a = netlink();
  using b = netlink();
  a.bind([0, 0]);
  b.bind([0, 0]);
  await a.connect(b.getsockname());
  assertEquals(a.getpeername(), b.getsockname());
  await a.send("to b");
  assertEquals(await b.recvfrom(100), [bytes("to b"), a.getsockname()]);
  await b.sendto("to a", a.getsockname());
  const [data, , flags, sender] = await a.recvmsg(2);
  assertEquals([data, sender], [bytes("to"), b.getsockname()]);
  assert(flags & socket.MSG_TRUNC);
});

// Own addresses, here and in Python

const OWN = `
import json, socket, sys
def own(kind, address):
    with socket.socket(*kind) as s:
        s.bind(tuple(address))
        return [p.hex() if isinstance(p, bytes) else p for p in s.getsockname()]
kind, addresses = json.load(sys.stdin)
print(json.dumps([own(kind, address) for address in addresses]))
`;

/** The own addresses of sockets are those that Python's have. */
async function assertOwn(
  kind: [family: number, type: number, proto: number],
  addresses: fc.Arbitrary<unknown[]>,
): Promise<void> {
  const samples = fc.sample(addresses, 50);
  const theirs = await python<unknown[][]>(OWN, [kind, samples]);
  for (const [index, sample] of samples.entries()) {
    using s = socket.socket(...kind);
    s.bind(sample as [number, number]);
    const own = [...s.getsockname()].map((part) =>
      part instanceof Uint8Array ? part.toHex() : part
    );
    assertEquals(own, theirs[index]!);
  }
}

testIf(native && hasPython, "AF_NETLINK addresses are Python's", async () => {
  // Linux gives numbers below by itself.
  const pid = fc.integer({ min: 0x80000000, max: 0xfffff000 });
  await assertOwn(
    [AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK],
    fc.tuple(pid, fc.nat(0xffffffff)),
  );
});

testKernel(
  "AF_VSOCK addresses are Python's",
  () => {
    if (!hasPython) throw new Error("no python3");
    socket.socket(AF_VSOCK, SOCK_STREAM).close();
  },
  async () => {
    const port = fc.integer({ min: 0x10000000, max: 0xf0000000 });
    await assertOwn(
      [AF_VSOCK, SOCK_STREAM, 0],
      fc.tuple(fc.constant(socket.VMADDR_CID_ANY), port),
    );
  },
);

testKernel(
  "AF_PACKET addresses are Python's",
  () => {
    if (!hasPython) throw new Error("no python3");
    socket.socket(AF_PACKET, SOCK_DGRAM).close();
  },
  async () => {
    await assertOwn(
      [AF_PACKET, SOCK_DGRAM, 0],
      fc.tuple(fc.constant("lo"), fc.nat(0xffff), fc.nat(7), fc.nat(0xffff)),
    );
  },
);

// Connections and frames

/** `VMADDR_CID_LOCAL`, for which Python 3.11 has no name. */
const CID_LOCAL = 1;

testKernel(
  "AF_VSOCK connects within this machine",
  () => {
    using s = socket.socket(AF_VSOCK, SOCK_STREAM);
    s.bind([CID_LOCAL, socket.VMADDR_PORT_ANY]);
  },
  async () => {
    using server = socket.socket(AF_VSOCK, SOCK_STREAM);
    server.bind([CID_LOCAL, socket.VMADDR_PORT_ANY]);
    server.listen();
    using client = socket.socket(AF_VSOCK, SOCK_STREAM);
    await client.connect(server.getsockname());
    const [conn, address] = await server.accept();
    using accepted = conn;
    assertEquals(address, client.getsockname());
    await client.sendall("Hello");
    assertEquals(await accepted.recv(100), bytes("Hello"));
  },
);

testFamily(
  "AF_PACKET sends and receives frames",
  [AF_PACKET, SOCK_DGRAM, 0],
  async () => {
    using receiver = socket.socket(AF_PACKET, SOCK_DGRAM, 0);
    assertEquals(receiver.getsockname(), ["", 0, 0, 0, new Uint8Array(0)]);
    receiver.bind(["lo", ETHERTYPE]);
    using sender = socket.socket(AF_PACKET, SOCK_DGRAM, 0);
    const frame = crypto.getRandomValues(new Uint8Array(100));
    const hardware = new Uint8Array(6);
    await sender.sendto(frame, ["lo", ETHERTYPE, 0, 0, hardware]);
    // Others may use the same number at this time.
    for (;;) {
      const [data, address] = await receiver.recvfrom(1000);
      if (data.toHex() !== frame.toHex()) continue;
      const [ifname, proto, pkttype, hatype, from] = address!;
      assertEquals([ifname, proto, hatype, from], [
        "lo",
        ETHERTYPE,
        772,
        hardware,
      ]);
      // The loopback shows a frame as it leaves, and as it comes.
      if (pkttype === socket.PACKET_HOST) break;
      assertEquals(pkttype, socket.PACKET_OUTGOING);
    }
  },
);

testFamily(
  "AF_PACKET tells of each frame",
  [AF_PACKET, SOCK_RAW, 0],
  async () => {
    const SOL_PACKET = 263;
    const PACKET_AUXDATA = 8;
    using s = socket.socket(AF_PACKET, SOCK_RAW, 0);
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1);
    s.bind(["lo", ETHERTYPE]);
    const head = [...new Uint8Array(12), ETHERTYPE >> 8, ETHERTYPE & 0xff];
    const frame = Uint8Array.of(...head, ...new Uint8Array(50));
    await s.send(frame);
    const [data, ancillary, , address] = await s.recvmsg(1000, 100);
    assertEquals(data.length, frame.length);
    assertEquals(ancillary.map(([level, type]) => [level, type]), [
      [SOL_PACKET, PACKET_AUXDATA],
    ]);
    assertEquals(address![0], "lo");
  },
);

testFamily("AF_CAN on all interfaces", [AF_CAN, SOCK_RAW, CAN_RAW], () => {
  using s = socket.socket(AF_CAN, SOCK_RAW, CAN_RAW);
  s.bind([""]);
  assertEquals(s.getsockname(), [""]);
});

testKernel(
  "AF_ALG computes a hash",
  () => {
    using s = socket.socket(AF_ALG, SOCK_SEQPACKET);
    s.bind(["hash", "sha1"]);
  },
  async () => {
    using algorithm = socket.socket(AF_ALG, SOCK_SEQPACKET);
    algorithm.bind(["hash", "sha1"]);
    const [operation] = await algorithm.accept();
    using s = operation;
    await s.sendall("abc");
    const digest = await crypto.subtle.digest("SHA-1", bytes("abc"));
    assertEquals(await s.recv(100), new Uint8Array(digest));
  },
);

testKernel(
  "AF_ALG encrypts",
  () => {
    using s = socket.socket(AF_ALG, SOCK_SEQPACKET);
    s.bind(["skcipher", "cbc(aes)"]);
  },
  async () => {
    const [key, iv, data] = [1, 2, 3].map((byte) =>
      new Uint8Array(16).fill(byte)
    ) as [Bytes, Bytes, Bytes];
    using algorithm = socket.socket(AF_ALG, SOCK_SEQPACKET);
    algorithm.bind(["skcipher", "cbc(aes)"]);
    algorithm.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key);
    const [operation] = await algorithm.accept();
    using s = operation;
    await s.sendmsg_afalg([data], { op: socket.ALG_OP_ENCRYPT, iv });
    const name = "AES-CBC";
    const cipher = await crypto.subtle.encrypt(
      { name, iv },
      await crypto.subtle.importKey("raw", key, name, false, ["encrypt"]),
      data,
    );
    // Padding follows.
    assertEquals(await s.recv(100), new Uint8Array(cipher, 0, 16));
  },
);

testIf(native, "what the kernel doesn't have is its error", () => {
  const kinds: [number, number, number, number][] = [
    [99, SOCK_STREAM, 0, errno.EAFNOSUPPORT],
    [AF_UNIX, 99, 0, errno.EINVAL],
    [AF_INET, SOCK_STREAM, 255, errno.EPROTONOSUPPORT],
    [AF_NETLINK, SOCK_STREAM, 0, errno.ESOCKTNOSUPPORT],
  ];
  for (const [family, type, proto, code] of kinds) {
    const error = assertThrows(
      () => socket.socket(family, type, proto),
      socket.OSError,
    );
    assertEquals(error.errno, code);
  }
});

// Names of AF_UNIX

testIf(native && hasPython, "AF_UNIX names are Python's", async () => {
  const id = crypto.randomUUID();
  const names = [
    `\0${id}`,
    `\0${id}\0\0with NULs`,
    `\0${id}\udc80\udcff\u20ac`,
    `\0${id}`.padEnd(108, "x"),
  ];
  const theirs = await python<number[][]>(
    `
import json, os, socket, sys
def own(name):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.fsencode(name))
        return list(s.getsockname())
print(json.dumps([own(name) for name in json.load(sys.stdin)]))
`,
    names,
  );
  for (const [index, name] of names.entries()) {
    for (const argument of [name, Uint8Array.from(theirs[index]!)]) {
      using s = socket.socket(AF_UNIX);
      s.bind(argument);
      assertEquals(s.getsockname(), name);
    }
  }
});

testIf(native, "an empty AF_UNIX name lets the system choose one", () => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]) {
    using s = socket.socket(AF_UNIX, type);
    assertEquals(s.getsockname(), "");
    s.bind("");
    assert(/^\0[0-9a-f]{5}$/.test(s.getsockname() as string));
  }
});
