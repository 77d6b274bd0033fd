import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as errno from "../errno.ts";
import { EAI_ADDRFAMILY } from "../socket/constants.ts";
import { gaierror, herror, PermissionError } from "../socket/errors.ts";
import {
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbyname_ex,
  gethostname,
} from "../socket/names/hostnames.ts";
import { bytes, type Call, compare } from "./calls.ts";
import { isGnuLinux } from "./oracle.ts";

const FUNCTIONS = { getfqdn, gethostbyaddr, gethostbyname, gethostbyname_ex };

Deno.test({
  name: "names of hosts are Python's",
  ignore: !isGnuLinux,
  async fn() {
    const names = [
      ..."localhost LOCALHOST 127.0.0.1 127.1 0x7f.1 ::ffff:127.0.0.1 nobody.invalid"
        .split(" "),
      ..."é.invalid a..invalid fe80::1%1 fe80::1 1.2.3.4%lo".split(" "),
      "",
      "a b.invalid",
      "localhost\0",
      bytes("localhost"),
      bytes("127.0.0.1"),
    ];
    const calls: Call[] = [];
    for (const name of names) {
      calls.push(["gethostbyname", name], ["gethostbyname_ex", name]);
    }
    for (
      const name of [
        "1",
        "4294967295",
        "255.255.255.255",
        "<broadcast>",
        "0.0.0.0",
      ]
    ) {
      calls.push(["gethostbyname", name], ["gethostbyname_ex", name]);
    }
    for (
      const name of [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        bytes("localhost"),
      ]
    ) {
      calls.push(["gethostbyaddr", name]);
    }
    for (
      const name of [
        "",
        "nobody.invalid",
        "a..invalid",
        "::1%lo",
        "127.0.0.1\0",
      ]
    ) {
      calls.push(["gethostbyaddr", name]);
    }
    for (
      const name of [
        "localhost",
        " localhost\n",
        "127.0.0.1",
        "nobody.invalid",
        " nobody.invalid ",
      ]
    ) {
      calls.push(["getfqdn", name]);
    }
    for (const name of [null, 5, true]) {
      calls.push(["gethostbyname", name], ["gethostbyname_ex", name], [
        "gethostbyaddr",
        name,
      ]);
    }
    await compare(FUNCTIONS, calls);
  },
});

Deno.test({
  name: "hosts that are addresses need no permission",
  permissions: "none",
  async fn() {
    assertEquals(await gethostbyname("127.1"), "127.0.0.1");
    assertEquals(await gethostbyname(""), "0.0.0.0");
    assertEquals(await gethostbyname("<broadcast>"), "255.255.255.255");
    assertEquals(await gethostbyname_ex("127.0.0.1"), ["127.0.0.1", [], [
      "127.0.0.1",
    ]]);
    const error = await assertRejects(() => gethostbyname("::1"), gaierror);
    assertStrictEquals(error.errno, EAI_ADDRFAMILY);
    for (const name of ["0x7f.1", "::ffff:127.0.0.1", "<broadcast>"]) {
      const nameless = await assertRejects(
        () => gethostbyname_ex(name),
        herror,
      );
      assertEquals(nameless.args, [1, "Unknown host"]);
    }
    await assertRejects(
      () => gethostbyname_ex(""),
      herror,
      "Unknown server error",
    );
  },
});

Deno.test({
  name: "a look-up without permission is a PermissionError that names the flag",
  permissions: "none",
  async fn() {
    const calls: [() => Promise<unknown>, string][] = [
      [() => gethostbyname("localhost"), '"localhost"'],
      [() => gethostbyname_ex("localhost"), '"localhost"'],
      [() => gethostbyaddr("127.0.0.1"), '"127.0.0.1"'],
      [() => gethostbyaddr("::1"), '"::1"'],
      [() => getfqdn("127.0.0.1"), '"127.0.0.1"'],
    ];
    for (const [call, host] of calls) {
      const error = await assertRejects(call, PermissionError);
      assertStrictEquals(error.errno, errno.EACCES);
      assertStringIncludes(error.message, `net access to ${host}`);
      assertStringIncludes(error.message, "--allow-net");
    }
    const own = [
      assertThrows(gethostname, PermissionError),
      await assertRejects(() => getfqdn(), PermissionError),
    ];
    for (const error of own) {
      assertStrictEquals(error.errno, errno.EACCES);
      assertStringIncludes(error.message, "--allow-sys");
      assertInstanceOf(error.cause, Deno.errors.NotCapable);
    }
  },
});

Deno.test("names of hosts check their arguments", async () => {
  for (const value of [null, 5, {}] as unknown as string[]) {
    for (
      const call of [gethostbyname, gethostbyname_ex, gethostbyaddr, getfqdn]
    ) {
      await assertRejects(() => call(value) as Promise<unknown>, TypeError);
    }
  }
  await assertRejects(
    () => gethostbyname("a..invalid"),
    RangeError,
    "label empty or too long",
  );
});
