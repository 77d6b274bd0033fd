import { assertEquals } from "@std/assert";
import { createSocket } from "node:dgram";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  EAI_NONAME,
} from "../socket/constants.ts";
import { namesAt, namesOf } from "../socket/names/database.ts";
import { officialNames, pointer, reverse } from "../socket/names/dns.ts";
import { hostAddress } from "../socket/names/numeric.ts";
import { bytes } from "./calls.ts";
import { rejects } from "./raises.ts";

Deno.test("the hosts file is read as the C library reads it", () => {
  const file = `
# comment
127.0.0.1   localhost  Lo   # another
::1         localhost ip6-localhost
10.0.0.1    one.example one
10.0.0.2    two one
nonsense    one
0:0::2      SIX
10.0.0.3
`;
  assertEquals(namesOf(file, "LO", AF_UNSPEC), {
    name: "localhost",
    aliases: ["Lo"],
  });
  assertEquals(namesOf(file, "localhost", AF_INET6), {
    name: "localhost",
    aliases: ["ip6-localhost"],
  });
  assertEquals(namesOf(file, "one", AF_INET), {
    name: "one.example",
    aliases: ["one", "one", "two"],
  });
  assertEquals(namesOf(file, "six", AF_INET), undefined);
  // For IPv4, the IPv6 loopback address counts as 127.0.0.1.
  assertEquals(namesOf(file, "localhost", AF_INET), {
    name: "localhost",
    aliases: ["Lo", "ip6-localhost"],
  });
  assertEquals(namesAt(file, "10.0.0.2"), { name: "two", aliases: ["one"] });
  assertEquals(namesAt(file, "::2"), { name: "SIX", aliases: [] });
  assertEquals(namesAt(file, "10.0.0.3"), undefined);
});

/**
 * A name server for CNAME records, or those of another type that hold a name;
 * gives its port and a way to stop it.
 */
async function nameServer(aliases: Record<string, string>, type = 5) {
  const labels = (name: string) =>
    Uint8Array.from(
      `${name}.`.split(".").flatMap((label) => [label.length, ...bytes(label)]),
    );
  const server = createSocket("udp4");
  server.on("message", (query, { address, port }) => {
    const end = query.indexOf(0, 12);
    const name: string[] = [];
    for (let at = 12; at < end; at += query[at]! + 1) {
      name.push(query.toString("latin1", at + 1, at + 1 + query[at]!));
    }
    const question = query.subarray(12, end + 5);
    const target = aliases[name.join(".").toLowerCase()];
    const data = target ? labels(target) : new Uint8Array();
    const answer = target
      ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data]
      : [];
    const flags = target ? [0x85, 0x80] : [0x85, 0x83];
    server.send(
      Uint8Array.of(
        ...query.subarray(0, 2),
        ...flags,
        0,
        1,
        0,
        target ? 1 : 0,
        0,
        0,
        0,
        0,
        ...question,
        ...answer,
      ),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

Deno.test("the canonical name is the end of the chain of aliases", async () => {
  await using server = await nameServer({
    "www.shop.test": "shop.test",
    "shop.test": "host7.cdn.test",
    "a.loop.test": "b.loop.test",
    "b.loop.test": "a.loop.test",
  });
  const at = { ipAddr: "127.0.0.1", port: server.port };
  assertEquals(await officialNames("www.shop.test", AF_INET, at), {
    name: "host7.cdn.test",
    aliases: ["www.shop.test", "shop.test"],
  });
  assertEquals(await officialNames("nobody.test", AF_INET, at), {
    name: "nobody.test",
    aliases: [],
  });
  // A circle of aliases ends.
  assertEquals(
    (await officialNames("a.loop.test", AF_INET, at)).aliases.length,
    16,
  );
});

Deno.test("without lookupService() names of addresses are found too", async () => {
  await using server = await nameServer({
    "7.2.0.192.in-addr.arpa": "host7.example",
    [pointer(hostAddress("2001:db8::12")).slice(0, -1)]: "host12.example",
  }, 12);
  const at = { ipAddr: "127.0.0.1", port: server.port };
  const named = (host: string) => reverse(hostAddress(host), at);
  assertEquals(await named("192.0.2.7"), "host7.example");
  assertEquals(await named("2001:db8::12"), "host12.example");
  await rejects(EAI_NONAME, named("192.0.2.8"));
  // The hosts file comes first.
  assertEquals(await named("127.0.0.1"), "localhost");
});
