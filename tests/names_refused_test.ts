import { assert, assertEquals } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { constants, filter } from "./names_page.ts";
import { native } from "./transports.ts";

const MODULE: Readonly<Record<string, unknown>> = { ...socket };

/** The error's name, or what the function returns. */
function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    return errno.errorcode[error.errno!];
  }
}

function close(family?: number, type?: number, proto?: number): string {
  socket.socket(family, type, proto).close();
  return "fine";
}

/** A test of what Deno's sockets refuse, and the native transport may have. */
function testOverDeno(name: string, fn: () => void | Promise<void>): void {
  testIf(!native, name, fn);
}

/** The numbers of those constants of some prefixes that have a mark. */
function numbers(marks: string[], ...prefixes: string[]): [string, number][] {
  return filter(constants, ...marks)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    .map((name) => [name, MODULE[name] as number]);
}

testOverDeno(
  "families, types and protocols that are numbers only are refused",
  () => {
    const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } = socket;
    for (const [name, family] of numbers(["number"], "AF_", "PF_")) {
      assertEquals(outcome(() => close(family)), "EAFNOSUPPORT", name);
    }
    for (const [name, type] of numbers(["number"], "SOCK_")) {
      assertEquals(
        outcome(() => close(AF_INET, type)),
        "ESOCKTNOSUPPORT",
        name,
      );
    }
    for (const [name, proto] of numbers(["number"], "IPPROTO_")) {
      // The same number as IPPROTO_IP.
      if (name === "IPPROTO_HOPOPTS") continue;
      for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
        const refused = outcome(() => close(AF_INET6, type, proto));
        assertEquals(refused, "EPROTONOSUPPORT", name);
      }
    }
  },
);

testOverDeno("options are there or refused, as the page says", () => {
  const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;
  const levels: [string, number][] = [
    ["SO_", socket.SOL_SOCKET],
    ["TCP_", socket.IPPROTO_TCP],
    ["IP_", socket.IPPROTO_IP],
    ["IPV6_", socket.IPPROTO_IPV6],
  ];
  const kinds = [
    [AF_INET, SOCK_STREAM],
    [AF_INET6, SOCK_STREAM],
    [AF_UNIX, SOCK_STREAM],
    [AF_INET, SOCK_DGRAM],
    [AF_INET6, SOCK_DGRAM],
  ];
  const refused = (level: number, option: number) =>
    kinds.every(([family, type]) => {
      using s = socket.socket(family, type);
      const read = () => s.getsockopt(level, option, 20);
      const write = () => s.setsockopt(level, option, new Uint8Array(20));
      return [read, write].every((act) => outcome(act) === "ENOPROTOOPT");
    });
  for (const [prefix, level] of levels) {
    for (const [name, option] of numbers(["yes", "differs"], prefix)) {
      // The kernel's defaults and a bound: no options.
      if (/^IP_(DEFAULT|MAX)_/.test(name)) continue;
      assert(!refused(level, option), name);
    }
    for (const [name, option] of numbers(["number"], prefix)) {
      // Of levels of other families.
      if (/^SO_(J1939|VM)_/.test(name)) continue;
      assert(refused(level, option), name);
    }
  }
});

testOverDeno("flags are there or refused, as the page says", async () => {
  const [a, b] = await socket.socketpair();
  using _a = a;
  using _b = b;
  const call = (act: () => Promise<unknown>) =>
    act().then(() => 0, (error) => error.errno);
  for (const [name, flag] of numbers(["number", "differs"], "MSG_")) {
    assertEquals(await call(() => a.send("x", flag)), errno.EOPNOTSUPP, name);
    assertEquals(await call(() => b.recv(1, flag)), errno.EOPNOTSUPP, name);
  }
  for (const [name, flag] of numbers(["yes"], "MSG_")) {
    await a.send("x");
    const used = await Promise.all([
      call(() => a.send("x", flag)),
      call(() => b.recv(1, flag)),
    ]);
    assert(used.includes(0), name);
  }
});
