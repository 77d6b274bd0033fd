import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { OSError } from "../socket/errors.ts";
import {
  getprotobyname,
  getservbyname,
  getservbyport,
  PROTOCOLS,
  SERVICES,
} from "../socket/names/services.ts";
import { entries, named } from "../socket/names/database.ts";
import { bytes, type Call, compare, failed } from "./calls.ts";
import { isGnuLinux } from "./oracle.ts";

const FUNCTIONS = { getservbyname, getservbyport, getprotobyname };

function systemFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

const services = systemFile("/etc/services");
const protocols = systemFile("/etc/protocols");

Deno.test({
  name: "services are the system's, by name and by port",
  ignore: !isGnuLinux || !services,
  async fn() {
    const known = [...entries(services)];
    const calls: Call[] = [];
    for (const { name, aliases, number, proto } of known) {
      for (const protocol of [[], [proto], ["udp"], ["dccp"]]) {
        for (const one of [name, ...aliases]) {
          calls.push(["getservbyname", one, ...protocol]);
        }
        calls.push(["getservbyport", number, ...protocol]);
      }
      calls.push(["getservbyname", name.toUpperCase()]);
      calls.push(["getservbyport", number + 1]);
    }
    for (const port of [0, 65535]) calls.push(["getservbyport", port]);
    for (const name of ["", "80", "http ", "http#", "nosuch"]) {
      calls.push(["getservbyname", name]);
    }
    calls.push(["getservbyname", "http", ""], ["getservbyname", "http", "TCP"]);
    for (const argument of [-1, 65536, 2 ** 40, "80", 80.5, null]) {
      calls.push(["getservbyport", argument]);
    }
    for (const argument of [80, null, "http\0", bytes("http")]) {
      calls.push(["getservbyname", argument]);
      calls.push(["getservbyname", "http", argument]);
    }
    const results = await compare(FUNCTIONS, calls);
    assert(results.filter((result) => !failed(result)).length > 100);
  },
});

Deno.test({
  name: "protocols are the system's",
  ignore: !isGnuLinux || !protocols,
  async fn() {
    const calls: Call[] = [...entries(protocols)].flatMap(
      ({ name, aliases }) => [name, ...aliases, `${name}x`],
    ).map((name) => ["getprotobyname", name]);
    for (const argument of ["", "6", "Tcp", 6, null, "tcp\0", bytes("tcp")]) {
      calls.push(["getprotobyname", argument]);
    }
    const results = await compare(FUNCTIONS, calls);
    assert(results.filter((result) => !failed(result)).length > 20);
  },
});

Deno.test({
  name: "the built-in services and protocols are those of this system",
  ignore: !isGnuLinux || !services || !protocols,
  fn() {
    for (
      const [ours, theirs] of [
        [SERVICES, services],
        [PROTOCOLS, protocols],
      ] as const
    ) {
      const system = [...entries(theirs)];
      let shared = 0;
      for (const entry of entries(ours)) {
        for (const name of [entry.name, ...entry.aliases]) {
          const other = system.find((other) =>
            named(other, name) && other.proto === entry.proto
          );
          // A system may have fewer or other names, but no other numbers for them.
          if (!other) continue;
          assertStrictEquals(other.number, entry.number, name);
          shared++;
        }
      }
      assert(shared > 20, `${shared} shared`);
    }
  },
});

Deno.test({
  name: "the common services and protocols need no permission",
  permissions: "none",
  fn() {
    assertEquals(getservbyname("http"), 80);
    assertEquals(getservbyname("www", "tcp"), 80);
    assertEquals(getservbyname("domain", "udp"), 53);
    assertEquals(getservbyport(443), "https");
    assertEquals(getservbyport(514, "tcp"), "shell");
    assertEquals(getservbyport(514, "udp"), "syslog");
    assertEquals(getprotobyname("tcp"), 6);
    assertEquals(getprotobyname("UDP"), 17);
    assertEquals(getprotobyname("ipv6-icmp"), 58);
    assertThrows(() => getservbyname("http", "udp"), OSError);
  },
});

Deno.test("a service or protocol that isn't there is an OSError without a number", () => {
  const failures: [() => unknown, string][] = [
    [() => getservbyname("nosuch"), "service/proto not found"],
    [() => getservbyname("http", "nosuch"), "service/proto not found"],
    [() => getservbyport(0), "port/proto not found"],
    [() => getservbyport(80, "nosuch"), "port/proto not found"],
    [() => getprotobyname("nosuch"), "protocol not found"],
  ];
  for (const [call, message] of failures) {
    const error = assertThrows(call, OSError);
    assertEquals(error.message, message);
    assertStrictEquals(error.errno, null);
  }
});

Deno.test("services and protocols check their arguments", () => {
  for (const value of [null, 80, new Uint8Array(1)] as unknown as string[]) {
    assertThrows(() => getservbyname(value), TypeError);
    assertThrows(() => getservbyname("http", value), TypeError);
    assertThrows(() => getservbyport(80, value), TypeError);
    assertThrows(() => getprotobyname(value), TypeError);
  }
  for (const value of [null, "80", 80.5, undefined] as unknown as number[]) {
    assertThrows(() => getservbyport(value), TypeError);
  }
  for (const port of [-1, 65536, 2 ** 40]) {
    assertThrows(() => getservbyport(port), RangeError, "port must be 0-65535");
  }
  assertThrows(() => getservbyname("http\0"), RangeError, "embedded null");
  assertThrows(
    () => getservbyname("http", "tcp\0"),
    RangeError,
    "embedded null",
  );
  assertThrows(() => getprotobyname("tcp\0"), RangeError, "embedded null");
});

Deno.test("a list of services is read as the C library reads it", () => {
  const list =
    "# a comment\n\n  one\t1/tcp  uno  ein # another\ntwo 2/udp#glued\nbad\nworse x/tcp\nthree 3\r\n";
  assertEquals([...entries(list)], [
    { name: "one", number: 1, proto: "tcp", aliases: ["uno", "ein"] },
    { name: "two", number: 2, proto: "udp", aliases: [] },
    { name: "three", number: 3, proto: "", aliases: [] },
  ]);
});
