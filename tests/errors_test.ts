import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import * as errors from "../socket/errors.ts";
import { oserror } from "../socket/oserror.ts";
import { nobody } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { hasPython, isGnuLinux, python as ask } from "./oracle.ts";
import { denoText } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { native } from "./transports.ts";

const { gaierror, OSError, TimeoutError } = errors;

/** Ours, by Python's names; aliases left out. */
const classes = Object.values(errors).filter((value, i, all) =>
  all.indexOf(value) === i
);

testIf(hasPython, "the tree of errors is Python's", async () => {
  const parent = (kind: object) => Object.getPrototypeOf(kind).name;
  const ours = Object.fromEntries(
    classes.map((kind) => [kind.name, parent(kind)]),
  );
  const theirs = await ask<Record<string, string>>(
    `
import builtins, json, socket, sys
kinds = [getattr(builtins, n, None) or getattr(socket, n) for n in json.load(sys.stdin)]
missing = [v for v in vars(builtins).values()
  if isinstance(v, type) and issubclass(v, OSError) and v not in kinds]
print(json.dumps({k.__name__: k.__bases__[0].__name__ for k in kinds + missing}))
`,
    Object.keys(ours),
  );
  // Ours are JavaScript's above that.
  assertEquals(theirs.OSError, "Exception");
  assertEquals(ours, { ...theirs, OSError: "Error" });
});

testIf(isGnuLinux, "the number decides on the class as in Python", async () => {
  const numbers = Object.keys(errno.errorcode).map(Number);
  numbers.push(0, -1, 9999);
  const theirs = await ask<string[]>(
    "import json, sys; print(json.dumps([type(OSError(n, '')).__name__" +
      " for n in json.load(sys.stdin)]))",
    numbers,
  );
  numbers.forEach((number, i) => {
    const error = new OSError(number);
    const kind = classes.find(({ name }) => name === theirs[i])!;
    assertStrictEquals(error.constructor, kind, errno.errorcode[number]);
    assertEquals(error.name, kind.name);
  });
});

testIf(isGnuLinux, "an error says what it says in Python", async () => {
  const theirs = await ask<unknown[]>(`
import errno, json, socket
def tell(call):
  try: call()
  except OSError as e:
    return [type(e).__name__, str(e), e.errno, e.strerror, list(e.args)]
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
timed = socket.create_server(("127.0.0.1", 0))
timed.settimeout(.001)
none = socket.create_server(("127.0.0.1", 0))
none.setblocking(False)
print(json.dumps([tell(call) for call in (
  lambda: socket.socket().connect(bound.getsockname()),
  lambda: socket.socket().getpeername(),
  lambda: timed.accept(),
  lambda: none.accept(),
  lambda: socket.create_connection(("nowhere.invalid", 1)),
)]))
`);
  using bound = socket.socket();
  bound.bind(["127.0.0.1", 0]);
  using timed = socket.create_server(["127.0.0.1", 0]);
  timed.settimeout(0.001);
  using none = socket.create_server(["127.0.0.1", 0]);
  none.setblocking(false);
  using s = socket.socket();
  const calls: (() => unknown)[] = [
    () => s.connect(bound.getsockname()),
    () => s.getpeername(),
    () => timed.accept(),
    () => none.accept(),
    () => socket.create_connection(["nowhere.invalid", 1]),
  ];
  const ours = [];
  for (const call of calls) {
    try {
      await call();
      ours.push(null);
    } catch (error) {
      assertInstanceOf(error, OSError);
      const { name, message, errno, strerror, args } = error;
      ours.push([name, message, errno, strerror, args]);
    }
  }
  assertEquals(ours, theirs);
});

test("errors can be made and told apart", () => {
  assertStrictEquals(socket.error, OSError);
  assertStrictEquals(socket.timeout, TimeoutError);
  const pipe = new OSError(errno.EPIPE);
  assertInstanceOf(pipe, socket.BrokenPipeError);
  assertInstanceOf(pipe, socket.ConnectionError);
  assertInstanceOf(pipe, OSError);
  assertInstanceOf(pipe, Error);
  assertEquals(pipe.args, [errno.EPIPE, "Broken pipe"]);
  assertEquals(String(pipe), "BrokenPipeError: [Errno 32] Broken pipe");
  const cause = new Error("below");
  const own = new OSError(errno.EPERM, "no", { cause });
  assertInstanceOf(own, socket.PermissionError);
  assertEquals([own.message, own.cause], ["[Errno 1] no", cause]);
  // A subclass stays what it was asked to be.
  const late = new TimeoutError("timed out");
  assertEquals([late.errno, late.args], [null, ["timed out"]]);
  assertEquals(new gaierror(errno.EPIPE).constructor, gaierror);
  assertEquals(new OSError("words").constructor, OSError);
});

// Errors of Deno and Node

test("every error of Deno's has a number", () => {
  for (const [name, kind] of Object.entries(Deno.errors)) {
    const cause = new kind("words");
    const error = oserror(cause);
    assertInstanceOf(error, OSError, name);
    assertNotEquals(error.errno, null, name);
    assertStrictEquals(error.cause, cause);
  }
  const { errors } = Deno;
  const known: [Error, number][] = [
    [new errors.AddrInUse(), errno.EADDRINUSE],
    [new errors.AddrNotAvailable(), errno.EADDRNOTAVAIL],
    [new errors.BadResource(), errno.EBADF],
    [new errors.BrokenPipe(), errno.EPIPE],
    [new errors.ConnectionAborted(), errno.ECONNABORTED],
    [new errors.ConnectionRefused(), errno.ECONNREFUSED],
    [new errors.ConnectionReset(), errno.ECONNRESET],
    [new errors.Interrupted(), errno.EBADF],
    [new errors.NotCapable("Requires net access"), errno.EACCES],
    [new errors.NotConnected(), errno.ENOTCONN],
    [new errors.PermissionDenied(), errno.EACCES],
    [new errors.TimedOut(), errno.ETIMEDOUT],
    [new Error("Network is unreachable (os error 101)"), errno.ENETUNREACH],
    [Object.assign(new Error(), { code: "EHOSTUNREACH" }), errno.EHOSTUNREACH],
    [Object.assign(new Error(), { code: "ECONNRESET" }), errno.ECONNRESET],
    [Object.assign(new Error(), { code: "EADDRINUSE" }), errno.EADDRINUSE],
    [new Error("who knows"), errno.EIO],
    [new DOMException("words", "AbortError"), errno.EIO],
  ];
  for (const [cause, number] of known) {
    const error = oserror(cause);
    assertEquals(error.errno, number, String(cause));
    assertStrictEquals(error.constructor, new OSError(number).constructor);
    assertStrictEquals(error.cause, cause);
  }
  for (const cause of ["words", undefined, null, {}]) {
    assertEquals(oserror(cause).errno, errno.EIO);
  }
});

// The kernel's numbers have no error below them.
testIf(!native, "an error keeps the one below as its cause", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  using other = socket.socket();
  const used = throws(errno.EADDRINUSE, () => other.bind(address));
  assertInstanceOf(used.cause, Deno.errors.AddrInUse);
  using refusing = await nobody();
  const refused = await rejects(
    errno.ECONNREFUSED,
    other.connect(refusing.address),
  );
  assertInstanceOf(refused.cause, Deno.errors.ConnectionRefused);
  assert(!("code" in refused));
});

test("a host that doesn't exist is a gaierror", async () => {
  const { EAI_NONAME } = socket;
  const host = "nowhere.invalid";
  using s = socket.socket();
  for (
    const error of [
      await rejects(EAI_NONAME, s.connect([host, 1])),
      await rejects(EAI_NONAME, socket.create_connection([host, 1])),
      throws(EAI_NONAME, () => s.bind([host, 0])),
      throws(EAI_NONAME, () => s.bind(["127.0.0.1 ", 0])),
      throws(EAI_NONAME, () => s.bind(["..", 0])),
    ]
  ) {
    assertInstanceOf(error, gaierror);
    assertEquals(error.strerror, "Name or service not known");
  }
});

test("bind() tells names and interfaces that don't exist from other errors", () => {
  const { AF_INET, AF_INET6, EAI_NONAME, SOCK_DGRAM, SOCK_STREAM } = socket;
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
    for (const family of [AF_INET, AF_INET6]) {
      for (const host of ["1::2::3", ":1", "1:", "12345::", "g::"]) {
        using s = socket.socket(family, type);
        assertInstanceOf(throws(EAI_NONAME, () => s.bind([host, 0])), gaierror);
      }
    }
    using s = socket.socket(AF_INET6, type);
    throws(errno.ENODEV, () => s.bind(["fe80::1", 0, 0, 2 ** 30]));
  }
});

// Permissions

test("a missing permission is a PermissionError that names the flag", async () => {
  await using child = denoText(
    [],
    `
    import { errno, socket } from "./mod.ts";

    const { AF_INET6 } = socket;
    async function tell(act) {
      try {
        await act();
        console.log("fine");
      } catch (error) {
        const { name, message } = error;
        console.log(name, error instanceof socket.PermissionError,
          error.errno === errno.EACCES, message, !!error.cause);
      }
    }
    await tell(() => socket.create_connection(["127.0.0.1", 1]));
    await tell(() => socket.socket().connect(["127.0.0.1", 1]));
    await tell(() => socket.socket().connect(["localhost", 1]));
    await tell(() => socket.socket(AF_INET6).connect(["::1", 1]));
    await tell(() => socket.socket().bind(["127.0.0.1", 0]));
    await tell(() => socket.socket().bind(["", 0]));
    await tell(() => socket.socket().listen());
    await tell(() => socket.create_server(["127.0.0.1", 0]));
    await tell(async () => {
      const code = await socket.socket().connect_ex(["127.0.0.1", 1]);
      if (code !== errno.EACCES) throw new Error(code);
      throw new socket.OSError(code, "--allow-net", { cause: code });
    });
    `,
  );
  const told = (await child.rest()).trimEnd().split("\n");
  assertEquals(told.length, 9);
  for (const line of told) {
    assertMatch(line, /^PermissionError true true .*--allow-net.* true$/);
  }
});

test("a permission for a name is enough to connect by that name", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const [, port] = server.getsockname() as [string, number];
  await using child = denoText(
    [`--allow-net=localhost:${port}`],
    `
    import { socket } from "./mod.ts";

    using s = socket.socket();
    await s.connect(["localhost", ${port}]);
    console.log(...s.getpeername());
    try {
      await socket.socket().connect(["127.0.0.1", ${port}]);
    } catch (error) {
      console.log(error.name);
    }
    `,
  );
  assertEquals(await child.rest(), `127.0.0.1 ${port}\nPermissionError\n`);
});
