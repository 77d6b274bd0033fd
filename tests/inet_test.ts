import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import * as errno from "../errno.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../socket/constants.ts";
import { OSError } from "../socket/errors.ts";
import {
  htonl,
  htons,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
  pton4,
  pton6,
} from "../socket/names/inet.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("inet_aton() takes the old forms of an address", () => {
  const same = {
    "127.0.0.1": [127, 0, 0, 1],
    "127.1": [127, 0, 0, 1],
    "127.0.1": [127, 0, 0, 1],
    "2130706433": [127, 0, 0, 1],
    "0x7f.0.0.01": [127, 0, 0, 1],
    "0x7F000001": [127, 0, 0, 1],
    "017700000001": [127, 0, 0, 1],
    "1.2.3.4 and more": [1, 2, 3, 4],
    "1.2.3.4\n\u00ff": [1, 2, 3, 4],
    "1.2.65535": [1, 2, 255, 255],
    "1.16777215": [1, 255, 255, 255],
    "4294967295": [255, 255, 255, 255],
    "0": [0, 0, 0, 0],
  };
  for (const [text, bytes] of Object.entries(same)) {
    assertEquals(inet_aton(text), Uint8Array.from(bytes), text);
  }
});

Deno.test("inet_aton() refuses texts that are no address", () => {
  const none = [
    "",
    " ",
    " 1",
    "1.",
    ".1",
    "1..2",
    "08",
    "0x",
    "0x.1",
    "1.2.3.4.5",
  ];
  none.push(
    "256.1",
    "1.256.1",
    "1.2.65536",
    "1.16777216",
    "4294967296",
    "-1",
    "+1",
  );
  none.push("1.2.3.4x", "1.2.3.4\u00a0", "\u0661", "0b1", "1e1", "1,2", "::1");
  for (const text of none) {
    const error = assertThrows(() => inet_aton(text), OSError);
    assertEquals(
      error.message,
      "illegal IP address string passed to inet_aton",
      text,
    );
    assertStrictEquals(error.errno, null);
  }
});

Deno.test("inet_pton() reads both families and refuses texts that are no address", () => {
  assertEquals(inet_pton(AF_INET, "1.2.3.255"), Uint8Array.of(1, 2, 3, 255));
  const v6 = {
    "::": "0".repeat(32),
    "::1": "1".padStart(32, "0"),
    "1::": "0001".padEnd(32, "0"),
    "1:2:3:4:5:6:7::": "00010002000300040005000600070000",
    "FE80::a:1.2.3.4": "fe80000000000000" + "0000000a01020304",
    "::ffff:1.2.3.4": "00000000000000000000ffff01020304",
    "1:2:3:4:5:6:7:8": "00010002000300040005000600070008",
  };
  for (const [text, bytes] of Object.entries(v6)) {
    assertEquals(hex(inet_pton(AF_INET6, text)), bytes, text);
  }
  const none = [
    "",
    ":",
    ":::",
    "1:",
    ":1",
    "1::2::3",
    "12345::",
    "g::",
    "::1%lo",
    "[::1]",
  ];
  none.push(
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1:2:3:4:5:6:7:1.2.3.4",
  );
  none.push(
    "::1.2.3",
    "::01.2.3.4",
    "1.2.3.4::",
    "1.2.3.4",
    "::1 ",
    "::1.2.3.4:1",
  );
  for (const text of none) {
    const error = assertThrows(() => inet_pton(AF_INET6, text), OSError);
    assertEquals(
      error.message,
      "illegal IP address string passed to inet_pton",
      text,
    );
    assertStrictEquals(error.errno, null);
    assertStrictEquals(pton6(text), null);
  }
  for (
    const text of [
      "",
      "1.2.3",
      "1.2.3.4.",
      "01.2.3.4",
      "1.2.3.256",
      "1.2.3.4 ",
      "0x1.2.3.4",
      "::",
    ]
  ) {
    assertThrows(() => inet_pton(AF_INET, text), OSError, "illegal IP address");
    assertStrictEquals(pton4(text), null);
  }
  assert(pton4("1.2.3.4") && pton6("::1.2.3.4"));
});

Deno.test("inet_pton() and inet_ntop() know two families", () => {
  const error = assertThrows(() => inet_pton(99, "1.2.3.4"), OSError);
  assertStrictEquals(error.errno, errno.EAFNOSUPPORT);
  assertThrows(() => inet_pton(AF_UNIX, "1.2.3.4"), OSError);
  assertThrows(
    () => inet_ntop(99, new Uint8Array(4)),
    RangeError,
    "unknown address family 99",
  );
});

Deno.test("inet_ntop() and inet_ntoa() take any buffer of the right length", () => {
  const bytes = Uint8Array.of(9, 127, 0, 0, 1, 9);
  for (
    const buffer of [
      bytes.slice(1, 5),
      bytes.slice(1, 5).buffer,
      new DataView(bytes.buffer, 1, 4),
    ]
  ) {
    assertEquals(inet_ntop(AF_INET, buffer), "127.0.0.1");
    assertEquals(inet_ntoa(buffer), "127.0.0.1");
  }
  for (const length of [0, 3, 5, 16]) {
    assertThrows(
      () => inet_ntop(AF_INET, new Uint8Array(length)),
      RangeError,
      "invalid length",
    );
    assertThrows(
      () => inet_ntoa(new Uint8Array(length)),
      OSError,
      "packed IP wrong length",
    );
  }
  for (const length of [0, 4, 15, 17]) {
    assertThrows(
      () => inet_ntop(AF_INET6, new Uint8Array(length)),
      RangeError,
      "invalid length",
    );
  }
});

Deno.test("inet_ntop() gives the short form of an IPv6 address", () => {
  const shown = {
    "00000000000000000000000000000000": "::",
    "00000000000000000000000000000001": "::1",
    "00000000000000000000000000010000": "::0.1.0.0",
    "00000000000000000000ffff01020304": "::ffff:1.2.3.4",
    "00000000000000000000fffe01020304": "::fffe:102:304",
    "00010000000000020000000000000003": "1:0:0:2::3",
    "00010000000000000002000000000000": "1::2:0:0:0",
    "00010002000000030004000500060007": "1:2:0:3:4:5:6:7",
    "0ABC0000000000000000000000000000": "abc::",
  };
  for (const [bytes, text] of Object.entries(shown)) {
    assertEquals(
      inet_ntop(
        AF_INET6,
        Uint8Array.from(bytes.match(/../g)!, (byte) => parseInt(byte, 16)),
      ),
      text,
    );
  }
});

Deno.test("other types, and texts with a NUL, are refused first", () => {
  for (
    const value of [
      null,
      undefined,
      1,
      new Uint8Array(4),
    ] as unknown as string[]
  ) {
    assertThrows(() => inet_aton(value), TypeError);
    assertThrows(() => inet_pton(AF_INET, value), TypeError);
  }
  for (
    const value of [null, undefined, 1, "1234"] as unknown as Uint8Array<
      ArrayBuffer
    >[]
  ) {
    assertThrows(() => inet_ntoa(value), TypeError);
    assertThrows(() => inet_ntop(AF_INET, value), TypeError);
  }
  for (const value of [null, undefined, "2", 2.5] as unknown as number[]) {
    assertThrows(() => inet_pton(value, "1.2.3.4"), TypeError);
    assertThrows(() => inet_ntop(value, new Uint8Array(4)), TypeError);
  }
  assertThrows(
    () => inet_aton("1.2.3.4\0"),
    RangeError,
    "embedded null character",
  );
  assertThrows(
    () => inet_pton(AF_INET, "1.2.3.4\0"),
    RangeError,
    "embedded null character",
  );
});

Deno.test("the byte orders are each other's inverse", () => {
  fc.assert(fc.property(fc.nat(0xffffffff), (number) => {
    assertStrictEquals(ntohl(htonl(number)), number);
    assertStrictEquals(ntohs(htons(number & 0xffff)), number & 0xffff);
  }));
});

Deno.test("the byte orders take integers of their size only", () => {
  for (const reorder of [htons, ntohs]) {
    assertThrows(
      () => reorder(-1),
      RangeError,
      `${reorder.name}: can't convert negative`,
    );
    assertThrows(
      () => reorder(0x10000),
      RangeError,
      `${reorder.name}: int too large`,
    );
  }
  for (const reorder of [htonl, ntohl]) {
    assertThrows(() => reorder(-1), RangeError, "negative");
    assertThrows(() => reorder(2 ** 32), RangeError, "int larger than 32 bits");
  }
  for (const reorder of [htons, ntohs, htonl, ntohl]) {
    for (
      const value of [1.5, NaN, "1", null, undefined, 1n] as unknown as number[]
    ) {
      assertThrows(() => reorder(value), TypeError);
    }
  }
});
