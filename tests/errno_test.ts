import {
  assertEquals,
  assertNotStrictEquals,
  assertObjectMatch,
  assertThrows,
} from "@std/assert";
import * as errno from "../errno.ts";
import { linux, numbering } from "../errno/table.ts";
import { isGnuLinux, isReference, python } from "./oracle.ts";

const { errorcode, strerror, ...numbers } = errno;

Deno.test({
  name: "errno has the names and numbers of Python's errno",
  ignore: !isGnuLinux,
  async fn() {
    const theirs = await python<Record<string, number>>(
      "import errno, json; print(json.dumps({n: v for n, v" +
        " in vars(errno).items() if n[0] == 'E'}))",
    );
    assertObjectMatch(theirs, numbers);
    // Later versions may know more names.
    if (isReference) assertEquals(numbers, theirs);
    // The same without the help of the system's own numbers.
    assertObjectMatch(theirs, numbering({}).numbers);
  },
});

Deno.test({
  name: "errorcode has the names that Python gives the numbers",
  ignore: !isGnuLinux,
  async fn() {
    const theirs = await python<Record<number, string>>(
      "import errno, json; print(json.dumps(errno.errorcode))",
    );
    assertObjectMatch(theirs, errorcode);
    if (isReference) assertEquals(errorcode, theirs);
  },
});

Deno.test({
  name: "strerror() has the words of os.strerror()",
  ignore: !isGnuLinux,
  async fn() {
    const codes = Array.from({ length: 1000 }, (_, i) => i - 300);
    codes.push(2 ** 31 - 1, -(2 ** 31));
    const theirs = await python<string[]>(
      "import json, os, sys;" +
        "print(json.dumps([os.strerror(c) for c in json.load(sys.stdin)]))",
      codes,
    );
    assertEquals(codes.map(strerror), theirs);
  },
});

Deno.test("strerror() takes 32-bit integers only", () => {
  for (const code of [1.5, NaN, Infinity, "1", null, undefined, {}]) {
    assertThrows(() => strerror(code as number), TypeError);
  }
  for (const code of [2 ** 31, -(2 ** 31) - 1]) {
    assertThrows(() => strerror(code), RangeError);
  }
});

Deno.test("the system's own numbers win over Linux's", () => {
  const macos = {
    EPERM: 1,
    EDEADLK: 11,
    EAGAIN: 35,
    EWOULDBLOCK: 35,
    ECANCELED: 89,
  };
  const table = numbering(macos);
  assertEquals(table.numbers.EAGAIN, 35);
  assertEquals(table.numbers.EWOULDBLOCK, 35);
  assertEquals(table.numbers.EDEADLOCK, 11);
  assertEquals(table.names[35], "EAGAIN");
  assertEquals(table.words[35], "Resource temporarily unavailable");
  assertEquals(table.names[11], "EDEADLOCK");
  // Linux's EDESTADDRREQ is 89.
  assertEquals(table.names[89], "ECANCELED");
  assertEquals(table.words[89], "Operation canceled");
});

Deno.test("a name that the system lacks keeps Linux's number", () => {
  const table = numbering({ EPERM: 1 });
  assertEquals(table.numbers.ERFKILL, linux.ERFKILL[0]);
  assertEquals(table.names[linux.ERFKILL[0]], "ERFKILL");
});

Deno.test("every name of errorcode is an export with that number", () => {
  const byName = new Map(Object.entries(numbers));
  for (const [number, name] of Object.entries(errorcode)) {
    assertEquals(byName.get(name), Number(number));
  }
  assertNotStrictEquals(byName.size, 0);
});
