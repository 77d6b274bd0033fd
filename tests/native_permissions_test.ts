/**
 * What sockets of the kernel's families may do, and the interfaces that they
 * name: in processes with permissions of their own.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { denoText, Peer, programText } from "./peer.ts";
import { native } from "./transports.ts";

const {
  AF_INET,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  NETLINK_ROUTE,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} = socket;

/** An Ethernet protocol for experiments within a network. */
const ETHERTYPE = 0x88b5;

const DENIED = "PermissionError: [Errno 13] Requires sys access to " +
  '"networkInterfaces", run again with the --allow-sys flag';

/** A program's head: the native transport, and what a call raises or returns. */
const HEAD = `
  export * from "./socket/transport/native/mod.ts";
  import { errno, socket } from "./mod.ts";
  const said = (act) => {
    try { return act(); } catch (error) { return error.name + ": " + error.message; }
  };
`;

testIf(native, "sockets without hosts need all of --allow-net", async () => {
  const kinds = [
    [AF_NETLINK, SOCK_RAW, NETLINK_ROUTE],
    [AF_VSOCK, SOCK_STREAM, 0],
    [AF_PACKET, SOCK_RAW, 0],
    [AF_INET, SOCK_RAW, socket.IPPROTO_ICMP],
    [AF_INET, SOCK_STREAM, 0],
    [AF_UNIX, SOCK_SEQPACKET, 0],
  ];
  const program = `${HEAD}
    console.log(JSON.stringify(${JSON.stringify(kinds)}.map((kind) =>
      said(() => socket.socket(...kind).close()) ?? null
    )));
  `;
  const message = "PermissionError: [Errno 13] Requires net access to all " +
    "hosts, run again with the --allow-net flag";
  for (const flags of [[], ["--allow-net=127.0.0.1"]]) {
    await using child = denoText(["--allow-ffi", ...flags], program);
    assertEquals(JSON.parse(await child.line()), [
      ...new Array(4).fill(message),
      null,
      null,
    ]);
  }
});

const hasNamespaces = native &&
  await output(
      "unshare",
      ...["-rn", "ip", "link", "add", "v0", "type", "veth", "peer", "v1"],
    ) === "";
if (native && !hasNamespaces) {
  console.warn("No network namespaces here: tests that need one are ignored.");
}

/** What a program prints in a network with the pair of interfaces v0 and v1. */
async function inNamespace(
  flags: readonly string[],
  program: string,
): Promise<unknown> {
  const setUp = "ip link add v0 type veth peer name v1 && " +
    'ip link set v0 up && ip link set v1 up && exec "$@"';
  await using child = new Peer("unshare", [
    ...["-rn", "sh", "-c", setUp, "sh"],
    ...[Deno.execPath(), "run", "--no-prompt", "--quiet", "--allow-ffi"],
    ...flags,
    programText(HEAD + program),
  ]);
  return JSON.parse(await child.line());
}

testIf(
  hasNamespaces,
  "interfaces are libc's, if they may be known",
  async () => {
    const program = `
    console.log(JSON.stringify([
      said(() => socket.if_nameindex().map(([, name]) => name).sort()),
      said(() => socket.if_indextoname(socket.if_nametoindex("v1"))),
      said(() => socket.if_nametoindex("v2")),
      said(() => socket.if_indextoname(9999)),
      said(() => socket.if_nametoindex("lo")),
      said(() => socket.if_indextoname(1)),
    ]));
  `;
    assertEquals(
      await inNamespace(["--allow-sys=networkInterfaces"], program),
      [
        ["lo", "v0", "v1"],
        "v1",
        "OSError: no interface with this name",
        "OSError: [Errno 6] No such device or address",
        1,
        "lo",
      ],
    );
    assertEquals(await inNamespace([], program), [
      ...new Array(4).fill(DENIED),
      1,
      "lo",
    ]);
  },
);

testIf(
  hasNamespaces,
  "AF_PACKET frames go from one interface to another",
  async () => {
    const program = `
    const packet = (name) => {
      const s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0);
      s.bind([name, ${ETHERTYPE}]);
      return s;
    };
    using a = packet("v0");
    using b = packet("v1");
    const own = a.getsockname();
    const to = b.getsockname();
    await a.sendto("Hello", ["v0", ${ETHERTYPE}, 0, 0, to[4]]);
    const [data, from] = await b.recvfrom(5);
    console.log(JSON.stringify([
      new TextDecoder().decode(data),
      from.slice(0, 4),
      from[4].toHex() === own[4].toHex(),
      said(() => a.bind(["v2", 1])),
    ]));
  `;
    const ARPHRD_ETHER = 1;
    assertEquals(
      await inNamespace(
        ["--allow-net", "--allow-sys=networkInterfaces"],
        program,
      ),
      [
        "Hello",
        ["v1", ETHERTYPE, socket.PACKET_HOST, ARPHRD_ETHER],
        true,
        "OSError: [Errno 19] No such device",
      ],
    );
  },
);

testIf(
  hasNamespaces,
  "an interface that may not be known has no name",
  async () => {
    const program = `
    using s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0);
    s.bind(["v0", 1]);
    const own = s.getsockname();
    Deno.permissions.revokeSync({ name: "sys", kind: "networkInterfaces" });
    const denied = said(() => s.bind(["v0", 1]));
    console.log(JSON.stringify([own[0], s.getsockname()[0], denied]));
  `;
    const flags = ["--allow-net", "--allow-sys=networkInterfaces"];
    assertEquals(await inNamespace(flags, program), ["v0", "", DENIED]);
  },
);
