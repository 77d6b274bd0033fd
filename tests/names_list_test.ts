import { assert, assertEquals } from "@std/assert";
import { errno, select, selectors, socket, thread } from "../mod.ts";
import * as queue from "../thread/queue.ts";
import { test, testIf } from "./cases.ts";
import { isGnuLinux, isReference, python } from "./oracle.ts";
import { native } from "./transports.ts";

const page = await Deno.readTextFile(
  new URL("../docs/names.md", import.meta.url),
);

/** The entry of one name in `docs/names.md`. */
interface Entry {
  /** A member of a class stands behind its name: `Queue.put`. */
  readonly name: string;
  readonly mark: string;
}

const MARKS = ["yes", "differs", "number", "no", "beyond"];

/** The names in a text, each between two backquotes. */
function names(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The entries of those chapters whose headings begin so. */
function entries(heading: string): Entry[] {
  const found: Entry[] = [];
  const own = page.split("\n## ").filter((text) => text.startsWith(heading))
    .join("\n");
  for (
    const [, first = "", mark = ""] of own.matchAll(/^\| (.*?) *\| (.*?) *\|/gm)
  ) {
    for (const name of names(first)) found.push({ name, mark });
  }
  // The names of an item end at its first full stop.
  for (
    const [, mark = "", list = ""] of own.matchAll(
      /^- \*\*(\w+)\*\*: ((?:`[^`]+`|[^.])*)\./gm,
    )
  ) {
    for (const name of names(list)) found.push({ name, mark });
  }
  assert(found.length > 0, `no chapter "${heading}"`);
  return found;
}

function filter(of: readonly Entry[], ...marks: string[]): string[] {
  return of.filter(({ mark }) => marks.includes(mark)).map(({ name }) => name);
}

/** A module that the page lists under its name in Python. */
interface Module {
  readonly exports: Readonly<Record<string, unknown>>;
  /**
   * Of each class whose members are listed: an object here, which holds nothing
   * that has to be closed, and an object or the class in Python.
   */
  readonly classes: Readonly<Record<string, [here: () => object, py: string]>>;
}

const MODULES: Readonly<Record<string, Module>> = {
  socket: {
    exports: { ...socket },
    classes: { socket: [() => socket.socket(), "socket.socket"] },
  },
  select: {
    exports: { ...select },
    classes: {
      poll: [() => select.poll(), "select.poll()"],
      epoll: [() => select.epoll(), "select.epoll"],
    },
  },
  selectors: {
    exports: { ...selectors },
    classes: {
      BaseSelector: [
        () => selectors.PollSelector.prototype,
        "selectors.BaseSelector",
      ],
      SelectorKey: [
        () => new selectors.SelectorKey(0, 0, 0, null),
        "selectors.SelectorKey",
      ],
    },
  },
  _thread: {
    exports: { ...thread },
    classes: {
      LockType: [() => thread.allocate_lock(), "_thread.LockType"],
      RLock: [() => new thread.RLock(), "_thread.RLock"],
    },
  },
  queue: {
    exports: { ...queue },
    classes: {
      Queue: [() => new queue.Queue(), "queue.Queue()"],
      SimpleQueue: [() => new queue.SimpleQueue(), "queue.SimpleQueue"],
    },
  },
};

/** The same names, whatever their order. */
function assertSame(
  actual: Iterable<string>,
  expected: Iterable<string>,
  message?: string,
): void {
  assertEquals([...actual].sort(), [...expected].sort(), message);
}

/** Whether a name is one that `PREFIX_*` stands for. */
function stands(pattern: string, name: string): boolean {
  return pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1));
}

function isPublic(name: string): boolean {
  return !name.startsWith("_");
}

/** The names of a module, without the members of its classes. */
function topLevel(list: readonly Entry[]): Entry[] {
  return list.filter(({ name }) => !name.includes("."));
}

/** The members of a class, by their own names. */
function membersOf(list: readonly Entry[], owner: string): Entry[] {
  return list.filter(({ name }) => name.startsWith(`${owner}.`))
    .map(({ name, mark }) => ({ name: name.slice(owner.length + 1), mark }));
}

/** The names of all public members that an object has, and its class. */
function publicMembers(object: object, owner: unknown): Set<string> {
  // As static members, those that are on a function beside what each has.
  const found = new Set(
    typeof owner === "function" ? Object.getOwnPropertyNames(owner) : [],
  );
  for (const name of ["length", "name", "prototype"]) found.delete(name);
  let part = object;
  while (part !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(part)) found.add(name);
    part = Object.getPrototypeOf(part);
  }
  for (const name of ["constructor", "toString"]) found.delete(name);
  return new Set([...found].filter(isPublic));
}

/** A Python that was built without the Bluetooth headers lacks these. */
const BLUETOOTH = /^(AF_BLUETOOTH|SOL_HCI|(BDADDR|BTPROTO|HCI)_.*)$/;

for (const [module, { exports, classes }] of Object.entries(MODULES)) {
  const listed = entries(`\`${module}\``);

  test(`${module}: every mark is one of the five, and each name has one`, () => {
    for (const { name, mark } of listed) assert(MARKS.includes(mark), name);
    const all = listed.map(({ name }) => name);
    assertSame(all, new Set(all));
    const owners = all.filter((name) => name.includes("."))
      .map((name) => name.split(".")[0]!);
    assertSame(new Set(owners), Object.keys(classes));
  });

  test(`${module}: the exports are those that the page lists`, () => {
    assertSame(
      Object.keys(exports).filter(isPublic),
      filter(topLevel(listed), "yes", "differs", "number", "beyond"),
    );
  });

  test(`${module}: the members are those that the page lists`, () => {
    for (const [owner, [make]] of Object.entries(classes)) {
      const found = publicMembers(make(), exports[owner]);
      const members = membersOf(listed, owner);
      assertSame(found, filter(members, "yes", "differs", "beyond"), owner);
    }
  });

  testIf(
    isGnuLinux && isReference,
    `${module}: the page has all names of Python's module and its classes`,
    async () => {
      const of = [module, ...Object.values(classes).map(([, py]) => py)];
      const [theirs = [], ...members] = await python<string[][]>(
        `import json, ${module}\n` +
          `print(json.dumps([[n for n in dir(o) if n[0] != "_"]` +
          `                  for o in [${of}]]))`,
      );
      for (const [i, owner] of Object.keys(classes).entries()) {
        const ours = filter(membersOf(listed, owner), "yes", "differs", "no");
        assertSame(ours, members[i]!, owner);
      }
      const all = filter(topLevel(listed), "yes", "differs", "number", "no");
      const patterns = all.filter((name) => name.endsWith("*"));
      const exact = all.filter((name) => !name.endsWith("*"));
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
      const beyond = filter(listed, "beyond");
      assertEquals(beyond.filter((name) => theirs.includes(name)), []);
    },
  );
}

const MODULE = MODULES["socket"]!.exports;
const constants = entries("`socket`: constants");

test("the constants of sockets are plain values", () => {
  for (const { name, mark } of constants) {
    if (mark === "no") continue;
    assert(/^(number|boolean|string)$/.test(typeof MODULE[name]), name);
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
