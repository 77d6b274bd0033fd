import { assert, assertEquals } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { isGnuLinux, isReference, python } from "./oracle.ts";
import { native } from "./transports.ts";

const page = await Deno.readTextFile(
  new URL("../docs/names.md", import.meta.url),
);

/** The entry of one name in `docs/names.md`. */
interface Entry {
  readonly name: string;
  /** `yes`, `differs`, `number` or `no`; in the last table, a description. */
  readonly mark: string;
}

/** The names in a text, each between two backquotes. */
function names(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The entries of a chapter: of its tables, and of its lists. */
function entries(chapter: string): Entry[] {
  const [, text] = page.split(`\n## ${chapter}\n`);
  assert(text, `no chapter "${chapter}"`);
  const found: Entry[] = [];
  const [own = ""] = text.split("\n## ");
  for (
    const [, first = "", mark = ""] of own.matchAll(/^\| (.*?) *\| (.*?) *\|/gm)
  ) {
    for (const name of names(first)) found.push({ name, mark });
  }
  // The names of an item end at its first full stop.
  for (
    const [, mark = "", list = ""] of own.matchAll(
      /^- \*\*(\w+)\*\*: ([^.]*)\./gm,
    )
  ) {
    for (const name of names(list)) found.push({ name, mark });
  }
  assert(found.length > 0);
  return found;
}

function filter(of: readonly Entry[], ...marks: string[]): string[] {
  return of.filter(({ mark }) => marks.includes(mark)).map(({ name }) => name);
}

const MODULE: Readonly<Record<string, unknown>> = { ...socket };
const functions = entries("Functions, classes and exceptions");
const constants = entries("Constants");
const cpython = [...functions, ...constants];
const methods = entries("Socket objects");
const beyond = entries("Beyond Python's module");

/** The same names, whatever their order. */
function assertSame(
  actual: Iterable<string>,
  expected: Iterable<string>,
): void {
  assertEquals([...actual].sort(), [...expected].sort());
}

/** Whether a name is one that `PREFIX_*` stands for. */
function stands(pattern: string, name: string): boolean {
  return pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1));
}

/** A Python that was built without the Bluetooth headers lacks these. */
const BLUETOOTH = /^(AF_BLUETOOTH|SOL_HCI|(BDADDR|BTPROTO|HCI)_.*)$/;

test("every mark is one of the four, and every name has one", () => {
  for (const { name, mark } of [...cpython, ...methods]) {
    assert(["yes", "differs", "number", "no"].includes(mark), name);
  }
  for (const list of [cpython, methods, beyond]) {
    const all = list.map(({ name }) => name);
    assertSame(all, new Set(all));
  }
});

test("the module's exports are those that the page lists", () => {
  const others = beyond.map(({ name }) => name)
    .filter((name) => !name.includes("."));
  assertSame(
    Object.keys(MODULE),
    [...filter(cpython, "yes", "differs", "number"), ...others],
  );
  for (const { name, mark } of constants) {
    if (mark === "no") continue;
    assert(/^(number|boolean|string)$/.test(typeof MODULE[name]), name);
  }
});

testIf(
  isGnuLinux && isReference,
  "the page has all names of Python's module",
  async () => {
    const theirs = await python<string[]>(
      "import json, socket\n" +
        "print(json.dumps([n for n in dir(socket) if n[0] != '_']))",
    );
    const exact = cpython.map(({ name }) => name).filter((name) =>
      !name.endsWith("*")
    );
    const patterns = cpython.map(({ name }) => name).filter((name) =>
      name.endsWith("*")
    );
    const rest = theirs.filter((name) => !exact.includes(name));
    // A pattern covers each remaining name, and no pattern is unused.
    assertEquals(
      rest.filter((name) => !patterns.some((p) => stands(p, name))),
      [],
    );
    const strangers = [
      ...patterns.filter((p) => !rest.some((name) => stands(p, name))),
      ...exact.filter((name) => !theirs.includes(name)),
    ];
    assertEquals(strangers.filter((name) => !BLUETOOTH.test(name)), []);
    assertEquals(beyond.filter(({ name }) => theirs.includes(name)), []);
  },
);

testIf(
  isGnuLinux && isReference,
  "the page has all of Python's socket objects",
  async () => {
    const theirs = await python<string[]>(
      "import json, socket\n" +
        "print(json.dumps([n for n in dir(socket.socket) if n[0] != '_']))",
    );
    assertSame(methods.map(({ name }) => name), theirs);
  },
);

test("the members of sockets are those that the page lists", () => {
  using s = socket.socket();
  for (const { name, mark } of methods) {
    assertEquals(name in s, mark !== "no", name);
  }
  for (const { name } of beyond) {
    const [head, attribute] = name.split(".");
    if (attribute) assert(head === "socket" && attribute in s, name);
  }
});

/** The names that the two pages list, without the text around them. */
const PAGES: Readonly<Record<string, string>> = {
  "MicroPython's `usocket`":
    "socket getaddrinfo inet_ntop inet_pton AF_INET AF_INET6 SOCK_STREAM " +
    "SOCK_DGRAM IPPROTO_UDP IPPROTO_TCP SOL_* SO_* error socket.close " +
    "socket.bind socket.listen socket.accept socket.connect socket.send " +
    "socket.sendall socket.recv socket.sendto socket.recvfrom " +
    "socket.setsockopt socket.settimeout socket.setblocking socket.makefile " +
    "socket.read socket.readinto socket.readline socket.write",
  "Zerynth's `socket`": "socket socket.fileno socket.connect socket.close " +
    "socket.recv socket.recv_into socket.recvfrom socket.send " +
    "socket.sendall socket.sendto socket.settimeout",
};

test("all names of the microcontrollers' pages exist", () => {
  using s = socket.socket();
  for (const [chapter, list] of Object.entries(PAGES)) {
    const listed = entries(chapter);
    assertSame(listed.map(({ name }) => name), list.split(" "));
    for (const { name, mark } of listed) {
      assert(["yes", "differs"].includes(mark), name);
      const [, attribute] = name.split(".");
      const there = attribute
        ? attribute in s
        : Object.keys(MODULE).some((n) => n === name || stands(name, n));
      assert(there, name);
    }
  }
});

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
