import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import * as errno from "../errno.ts";
import {
  EAI_NONAME,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
} from "../socket/constants.ts";
import { gaierror, PermissionError } from "../socket/errors.ts";
import { getnameinfo } from "../socket/names/getnameinfo.ts";
import { type Call, compare } from "./calls.ts";
import { isGnuLinux } from "./oracle.ts";

Deno.test({
  name: "getnameinfo() is Python's",
  ignore: !isGnuLinux,
  async fn() {
    const numeric = NI_NUMERICHOST | NI_NUMERICSERV;
    const calls: Call[] = [];
    for (let flags = 0; flags < 0x40; flags++) {
      // The local domain takes permissions that these tests don't have.
      if (flags & NI_NOFQDN) continue;
      for (const port of [0, 80, 514, 4569, 60001]) {
        calls.push(["getnameinfo", ["127.0.0.1", port], flags]);
      }
    }
    for (const flags of [0x40, 0x80, 0x100, -1]) {
      calls.push(["getnameinfo", ["127.0.0.1", 80], flags]);
    }
    for (const port of [65616, -1, 2 ** 31 - 1, 2 ** 31, "80", 1.5, null]) {
      calls.push(["getnameinfo", ["127.0.0.1", port], numeric]);
    }
    for (
      const host of [
        "127.1",
        "1",
        "localhost",
        "",
        "*",
        "::ffff:127.0.0.1",
        "fe80::1%1",
        "nobody.invalid",
        null,
        "127.0.0.1\0",
      ]
    ) {
      calls.push(["getnameinfo", [host, 80], numeric], ["getnameinfo", [
        host,
        80,
        0,
        0,
      ], numeric]);
    }
    for (
      const host of [
        "::1",
        "fe80::1",
        "ff01::1",
        "ff02::1",
        "ff12::1",
        "ff05::1",
        "fd00::1",
      ]
    ) {
      for (const scope of [0, 1, 4294967294, 4294967296, -1]) {
        calls.push(["getnameinfo", [host, 80, 0, scope], numeric]);
      }
    }
    for (const flow of [1048575, 1048576, -1, "0"]) {
      calls.push(["getnameinfo", ["::1", 80, flow], numeric]);
    }
    for (const address of [[], ["::1"], ["::1", 1, 0, 0, 0], "::1", null]) {
      calls.push(["getnameinfo", address, numeric]);
    }
    calls.push(["getnameinfo", ["::1", 80], 2 ** 31], ["getnameinfo", [
      "::1",
      80,
    ], null]);
    await compare({ getnameinfo }, calls);
  },
});

Deno.test({
  name: "getnameinfo() in numbers needs no permission",
  permissions: "none",
  async fn() {
    assertEquals(await getnameinfo(["127.0.0.1", 80], NI_NUMERICHOST), [
      "127.0.0.1",
      "http",
    ]);
    assertEquals(
      await getnameinfo(["::1", 514, 0, 7], NI_NUMERICHOST | NI_DGRAM),
      ["::1%7", "syslog"],
    );
    const error = await assertRejects(
      () => getnameinfo(["127.0.0.1", 80], NI_NUMERICHOST | NI_NAMEREQD),
      gaierror,
    );
    assertStrictEquals(error.errno, EAI_NONAME);
  },
});

Deno.test({
  name:
    "getnameinfo() without permission is a PermissionError that names the flag",
  permissions: "none",
  async fn() {
    for (const flags of [0, NI_NOFQDN, NI_NAMEREQD]) {
      for (
        const [host, words] of [["127.0.0.1", "127.0.0.1:80"], [
          "::1",
          "[::1]:80",
        ]] as const
      ) {
        const error = await assertRejects(
          () => getnameinfo([host, 80], flags),
          PermissionError,
        );
        assertStrictEquals(error.errno, errno.EACCES);
        assertStringIncludes(error.message, `net access to "${words}"`);
        assertStringIncludes(error.message, "--allow-net");
      }
    }
  },
});

Deno.test({
  name: "an address may be looked up for the port that may be reached there",
  permissions: { net: ["127.0.0.1:80"] },
  async fn() {
    const [host, service] = await getnameinfo(["127.0.0.1", 80], 0);
    assertNotEquals(host, "127.0.0.1");
    assertEquals(service, "http");
    await assertRejects(
      () => getnameinfo(["127.0.0.1", 81], 0),
      PermissionError,
    );
  },
});
