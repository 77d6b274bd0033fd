import {
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as errno from "../errno.ts";
import { AI_ADDRCONFIG, NI_NOFQDN } from "../socket/constants.ts";
import { OSError, PermissionError } from "../socket/errors.ts";
import {
  if_indextoname,
  if_nameindex,
  if_nametoindex,
} from "../socket/names/interfaces.ts";
import { bytes, run } from "./calls.ts";
import { isGnuLinux, python } from "./oracle.ts";
import { native } from "./transports.ts";

Deno.test({
  name: "with all permissions, interfaces and this machine's name are Python's",
  ignore: !isGnuLinux,
  async fn() {
    const [mine, theirs] = await Promise.all([
      run(
        ["--allow-all"],
        `await (async () => {
          const known = interfaces.if_nameindex();
          return [
            known,
            known.map(([index, name]) => [interfaces.if_nametoindex(name), interfaces.if_indextoname(index)]),
            hostnames.gethostname(),
            await hostnames.getfqdn("localhost"),
            await getnameinfo.getnameinfo(["127.0.0.1", 80], ${NI_NOFQDN}),
            await Promise.all(known.map(([, name]) => getaddrinfo.getaddrinfo("fe80::1%" + name, 80))),
            await Promise.all(known.map(([index]) => getnameinfo.getnameinfo(["fe80::1", 80, 0, index], 3))),
            await Promise.all([
              getaddrinfo.getaddrinfo("fe80::1%nosuch0", 80),
              ...[0, 2, 10].map((family) => getaddrinfo.getaddrinfo(null, 80, family, 1, 0, ${AI_ADDRCONFIG})),
            ].map((result) => result.then((found) => found.sort(), (error) => error.args))),
          ];
        })()`,
      ),
      python(`
import json, socket
def resolve(host, family, flags):
    try: found = socket.getaddrinfo(host, 80, family, 1, 0, flags)
    except socket.gaierror as e: return e.args
    return sorted(found, key=lambda info: str(int(info[0])))
known = socket.if_nameindex()
print(json.dumps([
    known,
    [(socket.if_nametoindex(name), socket.if_indextoname(index)) for index, name in known],
    socket.gethostname(),
    socket.getfqdn("localhost"),
    socket.getnameinfo(("127.0.0.1", 80), socket.NI_NOFQDN),
    [socket.getaddrinfo("fe80::1%" + name, 80) for _, name in known],
    [socket.getnameinfo(("fe80::1", 80, 0, index), 3) for index, _ in known],
    [resolve("fe80::1%nosuch0", 0, 0),
     *[resolve(None, family, socket.AI_ADDRCONFIG) for family in (0, 2, 10)]]]))
`),
    ]);
    assertEquals(mine, theirs);
  },
});

Deno.test({
  name: "an interface that isn't there is an OSError if all can be seen",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const errors = await run(
      ["--allow-all"],
      `[
        () => interfaces.if_nametoindex("nosuch0"),
        () => interfaces.if_indextoname(999999),
      ].map((call) => { try { return call(); } catch (error) { return [error.name, ...error.args]; } })`,
    );
    assertEquals(errors, [
      ["OSError", "no interface with this name"],
      ["OSError", errno.ENXIO, "No such device or address"],
    ]);
  },
});

Deno.test({
  name:
    "with --allow-sys=networkInterfaces, interfaces with a link-local address are known",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const [infos, indexes, error] = await run<
      [Deno.NetworkInterfaceInfo[], [number, string][], string]
    >(
      ["--allow-sys=networkInterfaces", "--allow-read"],
      `(() => {
        const infos = Deno.networkInterfaces();
        const linked = infos.filter(({ scopeid }) => scopeid);
        let message;
        try { interfaces.if_nameindex(); } catch (error) { message = error.name + error.message; }
        return [linked, linked.map(({ name, scopeid }) =>
          [interfaces.if_nametoindex(name), interfaces.if_indextoname(scopeid)]), message];
      })()`,
    );
    assertEquals(indexes, infos.map(({ name, scopeid }) => [scopeid!, name]));
    assertStringIncludes(error, "PermissionError");
  },
});

Deno.test({
  name:
    "interfaces without permission are a PermissionError, but for Linux's loopback",
  ignore: Deno.build.os !== "linux",
  permissions: "none",
  fn() {
    assertEquals(if_nametoindex("lo"), 1);
    assertEquals(if_nametoindex(bytes("lo")), 1);
    assertEquals(if_indextoname(1), "lo");
    for (
      const call of [
        if_nameindex,
        () => if_nametoindex("other0"),
        () => if_indextoname(77),
      ]
    ) {
      const error = assertThrows(call, PermissionError);
      assertStrictEquals(error.errno, errno.EACCES);
      assertStringIncludes(
        error.message,
        native ? "--allow-sys" : "--allow-all",
      );
    }
    // A name that no interface can have is refused without a look-up.
    assertThrows(
      () => if_nametoindex(""),
      OSError,
      "no interface with this name",
    );
    assertThrows(
      () => if_nametoindex("x".repeat(16)),
      OSError,
      "no interface with this name",
    );
    assertThrows(() => if_indextoname(0), OSError, "No such device or address");
  },
});

Deno.test("interfaces check their arguments", () => {
  for (const value of [null, undefined, 5, {}] as unknown as string[]) {
    assertThrows(() => if_nametoindex(value), TypeError);
  }
  for (const value of [null, undefined, "1", 1.5] as unknown as number[]) {
    assertThrows(() => if_indextoname(value), TypeError);
  }
  assertThrows(() => if_nametoindex("lo\0"), RangeError);
  assertThrows(() => if_indextoname(-1), RangeError);
  assertThrows(() => if_indextoname(2 ** 32), RangeError);
});
