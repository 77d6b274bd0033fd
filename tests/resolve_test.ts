import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import * as errno from "../errno.ts";
import * as constants from "../socket/constants.ts";
import { gaierror, PermissionError } from "../socket/errors.ts";
import { type AddressInfo, getaddrinfo } from "../socket/names/getaddrinfo.ts";
import { bytes, type Call, compare, failed, type Result } from "./calls.ts";
import { isGnuLinux } from "./oracle.ts";
import { native } from "./transports.ts";

const {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} = constants;

type Args = Parameters<typeof getaddrinfo>;

function compareAll(calls: Args[]): Promise<Result[]> {
  return compare(
    { getaddrinfo },
    calls.map((args): Call => ["getaddrinfo", ...args]),
    // The order of this machine's own addresses differs between machines.
    (result, [, host]) =>
      host === null || host === "*" ? (result as unknown[]).toSorted() : result,
  );
}

const HOSTS = [
  ..."127.0.0.1 127.1 0x7f.1 1 4294967295 0177.0.0.1 ::1 :: ::ffff:1.2.3.4 fe80::1"
    .split(" "),
  ..."FE80::A ::1%7 fe80::1%3 fe80::1%03 fe80::1%4294967295 ::ffff:1.2.3.4%3 ff02::1%1"
    .split(" "),
  ..."fe80::1%lo ff01::1%lo ff12::2%lo ::ffff:254.128.0.0%lo".split(" "),
  "127.0.0.1\0x",
  "１２７.0.0.1",
  "127。0。0。1",
  null,
  "*",
  bytes("::1"),
];

const NO_ADDRESSES = [
  ..."fe80::1% fe80::1%4294967296 ::1%-1 ::1%0x3 ::1%1x ::1%lo ::ffff:1.2.3.4%x fec0::1%lo ff05::1%lo"
    .split(" "),
  "",
  "::1%lo%lo",
];

const PORTS = [
  ..."0 80 65535 65536 70000 4294967296 99999999999999999999 -80 -4294967216 080 +80 0x50"
    .split(" "),
  ..."18446744073709551615 18446744073709551616 -18446744073709551615".split(
    " ",
  ),
  ..."http domain tftp www HTTP nosuch 80a - + *".split(" "),
  ...["", " ", " 80", "80 ", "\t\n80", "80\0", "http\0x", "--1"],
  ...[
    0,
    80,
    65535,
    65536,
    70000,
    -1,
    2 ** 31,
    2 ** 32,
    Number.MIN_SAFE_INTEGER,
  ],
  null,
  bytes("http"),
  bytes("80"),
];

const mostly = <T>(usual: T[], unusual: T[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...unusual) },
  );

const address = fc.tuple(
  mostly<Args[0]>(HOSTS, NO_ADDRESSES),
  fc.constantFrom(...PORTS),
  mostly([AF_UNSPEC, AF_UNSPEC, AF_UNSPEC, AF_INET, AF_INET6], [1, 17, -1]),
  mostly([0, 0, SOCK_STREAM, SOCK_DGRAM], [SOCK_RAW, 4, 5, 6, 10, 99, -1]),
  mostly([0, 0, 0, IPPROTO_TCP, IPPROTO_UDP], [1, 33, 132, 136, 255, -1]),
  // AI_ADDRCONFIG depends on what the program may know of the machine.
  mostly(
    [0, AI_PASSIVE, AI_V4MAPPED, AI_V4MAPPED | AI_ALL | AI_CANONNAME],
    [AI_NUMERICSERV, AI_NUMERICHOST, AI_CANONNAME, 0x40, 0x800, -1],
  ),
);

Deno.test({
  name: "getaddrinfo() of addresses is Python's, whatever the other arguments",
  ignore: !isGnuLinux,
  async fn() {
    const results = await compareAll(fc.sample(address, 8000) as Args[]);
    const found = results.filter((result) => !failed(result));
    // A comparison of nothing but refusals would prove nothing.
    assert(found.length > 1600, `${found.length} found`);
  },
});

Deno.test({
  name: "getaddrinfo() gives all types and protocols as Python does",
  ignore: !isGnuLinux,
  async fn() {
    const calls: Args[] = [];
    for (const port of ["80", "domain", null]) {
      for (let type = -1; type < 8; type++) {
        for (const proto of [-1, 0, 1, 6, 17, 33, 41, 132, 136, 255, 256]) {
          calls.push(["127.0.0.1", port, 0, type, proto]);
        }
      }
    }
    await compareAll(calls);
  },
});

Deno.test({
  name: "getaddrinfo() of names is Python's",
  ignore: !isGnuLinux,
  async fn() {
    const calls: Args[] = [];
    for (
      const host of ["localhost", "LOCALHOST", bytes("localhost"), "ｌocalhost"]
    ) {
      for (
        const flags of [
          0,
          AI_CANONNAME,
          AI_PASSIVE,
          AI_NUMERICHOST,
          AI_V4MAPPED | AI_ALL,
        ]
      ) {
        calls.push([host, "http", AF_INET, SOCK_STREAM, 0, flags]);
        calls.push([host, 80, AF_INET, 0, IPPROTO_UDP, flags]);
      }
      calls.push([host, 80], [host, "nosuch"], [host, 80, 1], [
        host,
        80,
        AF_INET,
        9,
      ]);
    }
    await compareAll(calls);
  },
});

Deno.test({
  name: "getaddrinfo() refuses what is no host as Python does",
  ignore: !isGnuLinux,
  async fn() {
    const hosts: Args[0][] = [
      ..."nobody é ß a_b -a * a..b é. xn--zzzz".split(" "),
      "a b",
      "",
      "x".repeat(63),
      "x".repeat(64),
      "é".repeat(60),
      `${"x".repeat(60)}.`.repeat(5) + "x",
    ].map((name) => `${name}.invalid`);
    for (const name of ["a..b", "a b", "x".repeat(64), "\xff"]) {
      hosts.push(
        bytes(`${name}.invalid`),
      );
    }
    const calls = hosts.map((host): Args => [host, 80, 0, SOCK_STREAM]);
    for (
      const host of ["127.0.0.1 ", " ", "\n", "[::1]", "1.2.3.4:80", "0x", "."]
    ) {
      calls.push([host, 80, 0, 0, 0, AI_NUMERICHOST]);
    }
    const wrong: unknown[][] = [
      [5, 80],
      [true, 80],
      ["::1", 2 ** 63],
      ["::1", -(2 ** 64)],
      ["::1", 1, 2 ** 31],
      ["::1", 1, 0, -(2 ** 31) - 1],
      ["::1", 1, 0.5],
      ["::1", 1, 0, "1"],
      ["::1", 1, 0, 0, 0, null],
    ];
    calls.push(...wrong as Args[]);
    const results = await compareAll(calls);
    assert(results.every(failed));
  },
});

Deno.test("getaddrinfo() without a host gives this machine's addresses", async () => {
  const loopback = await getaddrinfo(null, 80, 0, SOCK_STREAM);
  assertEquals(loopback, [
    [AF_INET6, SOCK_STREAM, IPPROTO_TCP, "", ["::1", 80, 0, 0]],
    [AF_INET, SOCK_STREAM, IPPROTO_TCP, "", ["127.0.0.1", 80]],
  ]);
  const all = await getaddrinfo(null, 80, 0, SOCK_STREAM, 0, AI_PASSIVE);
  assertEquals(all, [
    [AF_INET, SOCK_STREAM, IPPROTO_TCP, "", ["0.0.0.0", 80]],
    [AF_INET6, SOCK_STREAM, IPPROTO_TCP, "", ["::", 80, 0, 0]],
  ]);
});

Deno.test({
  name: "getaddrinfo() of addresses and services needs no permission",
  permissions: "none",
  async fn() {
    assertEquals(await getaddrinfo("127.1", "http"), [
      [AF_INET, SOCK_STREAM, IPPROTO_TCP, "", ["127.0.0.1", 80]],
    ]);
    assertEquals(
      await getaddrinfo("::ffff:10.0.0.1", 53, AF_INET, 0, 0, AI_CANONNAME),
      [
        [AF_INET, SOCK_STREAM, IPPROTO_TCP, "::ffff:10.0.0.1", [
          "10.0.0.1",
          53,
        ]],
        [AF_INET, SOCK_DGRAM, IPPROTO_UDP, "", ["10.0.0.1", 53]],
        [AF_INET, SOCK_RAW, 0, "", ["10.0.0.1", 53]],
      ],
    );
    assertEquals(await getaddrinfo("fe80::1%12", null, 0, SOCK_SEQPACKET), [
      [AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP, "", ["fe80::1", 0, 0, 12]],
    ]);
    assertEquals((await getaddrinfo(null, "domain", AF_INET6)).length, 2);
    // Addresses that the program may not see don't restrict the result.
    for (const host of ["::1", "127.0.0.1"]) {
      assertEquals(
        (await getaddrinfo(host, 1, 0, SOCK_STREAM, 0, AI_ADDRCONFIG)).length,
        1,
      );
    }
    const error = await assertRejects(
      () => getaddrinfo("nobody.invalid", 80, 0, 0, 0, AI_NUMERICHOST),
      gaierror,
      "Name or service not known",
    );
    assertStrictEquals(error.errno, constants.EAI_NONAME);
    assertEquals(error.args, [-2, "Name or service not known"]);
  },
});

Deno.test({
  name:
    "getaddrinfo() of a name without permission is a PermissionError that names the flag",
  permissions: "none",
  async fn() {
    for (
      const [host, port, words] of [["localhost", 80, "localhost:80"], [
        "nobody.invalid",
        0,
        "nobody.invalid",
      ]] as const
    ) {
      const error = await assertRejects(
        () => getaddrinfo(host, port),
        PermissionError,
      );
      assertStrictEquals(error.errno, errno.EACCES);
      assertStringIncludes(error.message, `net access to "${words}"`);
      assertStringIncludes(error.message, "--allow-net");
      // The native transport refuses it itself.
      if (!native) assertInstanceOf(error.cause, Error);
    }
  },
});

Deno.test({
  name: "getaddrinfo() may look up for a port what may be reached on that port",
  permissions: { net: ["localhost:8080"] },
  async fn() {
    for (const service of [8080, "http-alt"]) {
      const [[, , , , address]] = await getaddrinfo("localhost", service);
      assertEquals(address[1], 8080);
    }
    await assertRejects(() => getaddrinfo("localhost", 8081), PermissionError);
    await assertRejects(() => getaddrinfo("localhost", null), PermissionError);
  },
});

Deno.test({
  name:
    "the name of an interface as a scope needs a permission, but for Linux's loopback",
  ignore: Deno.build.os !== "linux",
  permissions: "none",
  async fn() {
    const [[, , , , sockaddr]] = await getaddrinfo("fe80::1%lo", 80);
    assertEquals(sockaddr, ["fe80::1", 80, 0, 1]);
    const error = await assertRejects(
      () => getaddrinfo("fe80::1%other0", 80),
      PermissionError,
    );
    const flag = native ? "--allow-sys" : "--allow-all";
    assertStringIncludes(error.message, flag);
    await assertRejects(() => getaddrinfo("::1%other0", 80), gaierror);
  },
});

Deno.test("getaddrinfo() gives IPv4 addresses as IPv6 ones on demand", async () => {
  const both = (await getaddrinfo("localhost", 80, AF_UNSPEC, SOCK_STREAM)).map(
    (info) => info[4][0],
  );
  const mapped = both.map((host) =>
    host.includes(":") ? host : `::ffff:${host}`
  );
  const v6 = both.filter((host) => host.includes(":"));
  for (
    const [flags, hosts] of [[AI_V4MAPPED | AI_ALL, mapped], [
      AI_V4MAPPED,
      v6.length > 0 ? v6 : mapped,
    ]] as const
  ) {
    const found = await getaddrinfo(
      "localhost",
      80,
      AF_INET6,
      SOCK_STREAM,
      0,
      flags,
    );
    assertEquals<AddressInfo[]>(
      found,
      hosts.map((
        host,
      ) => [AF_INET6, SOCK_STREAM, IPPROTO_TCP, "", [host, 80, 0, 0]]),
    );
  }
});

Deno.test("getaddrinfo() takes a port of the right type only", async () => {
  for (
    const port of [1.5, NaN, true, undefined, [], {}] as unknown as number[]
  ) {
    await assertRejects(
      () => getaddrinfo("127.0.0.1", port),
      TypeError,
      "argument 2",
    );
  }
  for (const host of [undefined, 1, [], {}] as unknown as string[]) {
    await assertRejects(() => getaddrinfo(host, 80), TypeError, "argument 1");
  }
});
