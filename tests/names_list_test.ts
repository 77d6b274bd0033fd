import { assert, assertEquals } from "@std/assert";
import {
  queue,
  select,
  selectors,
  socket,
  ssl,
  thread,
  threading,
} from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { constants, entries, type Entry, filter } from "./names_page.ts";
import { isGnuLinux, isReference, python } from "./oracle.ts";

const MARKS = ["yes", "differs", "number", "no", "beyond"];

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
  threading: {
    exports: { ...threading },
    classes: {
      Thread: [() => new threading.Thread(), "threading.Thread"],
      Lock: [() => new threading.Lock(), "threading.Lock()"],
      RLock: [() => new threading.RLock(), "threading.RLock()"],
      Condition: [() => new threading.Condition(), "threading.Condition()"],
      Semaphore: [() => new threading.Semaphore(), "threading.Semaphore"],
      Event: [() => new threading.Event(), "threading.Event"],
      Barrier: [() => new threading.Barrier(1), "threading.Barrier"],
      ExceptHookArgs: [
        () => new threading.ExceptHookArgs([Error, null, null, null]),
        "threading.ExceptHookArgs",
      ],
    },
  },
  ssl: {
    exports: { ...ssl },
    classes: {
      SSLContext: [() => new ssl.SSLContext(), "ssl.SSLContext"],
      SSLSocket: [
        () => ssl.SSLSocket.prototype,
        "ssl.create_default_context().wrap_socket(socket.socket()," +
        ' server_hostname="a")',
      ],
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

/** A socket with TLS has all that a socket has, which is listed there. */
const SOCKET = publicMembers(socket.socket(), null);
const ADDED = ["read", "write"]; // Python's sockets have them with TLS only.

/** Whether a class has a member from the class of sockets. */
function inherited(owner: string, name: string): boolean {
  return owner === "SSLSocket" && SOCKET.has(name) && !ADDED.includes(name);
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
      const members = membersOf(listed, owner);
      const found = [...publicMembers(make(), exports[owner])].filter((name) =>
        !inherited(owner, name) || members.some((each) => each.name === name)
      );
      assertSame(found, filter(members, "yes", "differs", "beyond"), owner);
    }
  });

  testIf(
    isGnuLinux && isReference,
    `${module}: the page has all names of Python's module and its classes`,
    async () => {
      const of = [module, ...Object.values(classes).map(([, py]) => py)];
      const [theirs = [], ...members] = await python<string[][]>(
        `import json, socket, ${module}\n` +
          `print(json.dumps([[n for n in dir(o) if n[0] != "_"]` +
          `                  for o in [${of}]]))`,
      );
      for (const [i, owner] of Object.keys(classes).entries()) {
        const ours = filter(membersOf(listed, owner), "yes", "differs", "no");
        const own = members[i]!.filter((name) => !inherited(owner, name));
        assertSame(ours, own, owner);
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
