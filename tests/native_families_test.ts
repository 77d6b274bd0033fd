/**
 * The addresses of the families that only the native transport has: their
 * forms, what is wrong, and what Python makes of the same.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { socket } from "../mod.ts";
import { addressFamily, formatAddress } from "../socket/names/families.ts";
import type { SocketAddress } from "../socket/transport/transport.ts";
import { bytes } from "./calls.ts";
import { testIf } from "./cases.ts";
import { isGnuLinux, python } from "./oracle.ts";
import { native } from "./transports.ts";

const {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  AF_TIPC,
  AF_VSOCK,
  BTPROTO_HCI,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  CAN_BCM,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
} = socket;
/** AF_XDP, which Python has no form for. */
const AF_OTHER = 44;

function testNative(name: string, fn: () => void | Promise<void>): void {
  testIf(native, name, fn);
}

/** An address argument as transports get it. */
function parse(family: number, proto: number, argument: unknown) {
  return addressFamily(family).parse(argument, "bind", proto).address;
}

/** An address argument as it comes back. */
function back(family: number, proto: number, argument: unknown): unknown {
  const { address } = JSON.parse(
    JSON.stringify({ address: parse(family, proto, argument) }),
  );
  return formatAddress(family, address, proto);
}

const hardware = Uint8Array.of(1, 2, 3, 4, 5, 6);
const none = new Uint8Array(0);

testNative("each family gives an address back with all its parts", () => {
  const cases: [
    family: number,
    proto: number,
    argument: unknown,
    expected: unknown,
  ][] = [
    [AF_NETLINK, 0, [7, 0x80000001], [7, 0x80000001]],
    [AF_NETLINK, 0, [-1, 2 ** 32 + 3], [0xffffffff, 3]],
    [AF_VSOCK, 0, [2, 1024], [2, 1024]],
    [AF_VSOCK, 0, [-1, -1], [socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY]],
    [AF_QIPCRTR, 0, [1, 0xfffffffe], [1, 0xfffffffe]],
    [AF_PACKET, 0, ["lo", 3], ["lo", 3, 0, 0, none]],
    [AF_PACKET, 0, ["lo", 0x88cc, 4], ["lo", 0x88cc, 4, 0, none]],
    [
      AF_PACKET,
      0,
      ["lo", 0xffff, 0x104, 0x10304, hardware.buffer],
      ["lo", 0xffff, 4, 0x304, hardware],
    ],
    [AF_CAN, CAN_RAW, [""], [""]],
    [AF_CAN, CAN_RAW, ["lo"], ["lo"]],
    [AF_CAN, CAN_BCM, [bytes("lo")], ["lo"]],
    [AF_CAN, CAN_ISOTP, ["lo", 1, 2 ** 31 + 2], ["lo", 1, 2 ** 31 + 2]],
    [
      AF_CAN,
      CAN_J1939,
      ["lo", 2n ** 63n + 1n, 0x3ffff, 0x1fe],
      ["lo", 2n ** 63n + 1n, 0x3ffff, 0xfe],
    ],
    [AF_CAN, CAN_J1939, ["", -1, 0, 0], ["", 2n ** 64n - 1n, 0, 0]],
    [
      AF_BLUETOOTH,
      BTPROTO_L2CAP,
      ["1:23:ab:CD:EF:0", 0x1001],
      ["01:23:AB:CD:EF:00", 0x1001],
    ],
    [
      AF_BLUETOOTH,
      BTPROTO_RFCOMM,
      [socket.BDADDR_LOCAL, 30],
      [socket.BDADDR_LOCAL, 30],
    ],
    [AF_BLUETOOTH, BTPROTO_HCI, [513], [513]],
    [
      AF_BLUETOOTH,
      BTPROTO_SCO,
      "01:23:45:67:89:AB",
      "01:23:45:67:89:AB",
    ],
    [
      AF_BLUETOOTH,
      BTPROTO_SCO,
      bytes("01:23:45:67:89:ab"),
      "01:23:45:67:89:AB",
    ],
    [AF_TIPC, 0, [TIPC_ADDR_NAMESEQ, 1, 2, 3], [1, 1, 2, 3, 2]],
    [AF_TIPC, 0, [TIPC_ADDR_NAME, 1, 2, 3, 1], [2, 1, 2, 2, 1]],
    [AF_TIPC, 0, [TIPC_ADDR_ID, 1, 2, 3, -1], [3, 1, 2, 0, 0xffffffff]],
    [AF_ALG, 0, ["hash", "sha1"], ["hash", "sha1", 0, 0]],
    [
      AF_ALG,
      0,
      ["t".repeat(13), "n".repeat(63), 1, 2],
      ["t".repeat(13), "n".repeat(63), 1, 2],
    ],
    [AF_RDS, 0, ["127.1", 80], ["127.0.0.1", 80]],
  ];
  for (const [family, proto, argument, expected] of cases) {
    assertEquals(back(family, proto, argument), expected);
  }
});

testNative("the kernel gets the structures of its headers", () => {
  const le = (size: number, ...values: number[]) => {
    const view = new DataView(new ArrayBuffer(size * values.length));
    values.forEach((value, index) =>
      size === 4
        ? view.setUint32(4 * index, value, true)
        : view.setUint16(2 * index, value, true)
    );
    return [...new Uint8Array(view.buffer)];
  };
  const text = (
    value: string,
    size: number,
  ) => [...bytes(value.padEnd(size, "\0"))];
  const device = [0xab, 0x89, 0x67, 0x45, 0x23, 0x01];
  const name = "01:23:45:67:89:AB";
  const cases: [
    family: number,
    proto: number,
    argument: unknown,
    expected: number[],
  ][] = [
    [AF_NETLINK, 0, [7, 9], le(4, 16, 7, 9)],
    [AF_VSOCK, 0, [7, 9], le(4, 40, 9, 7, 0)],
    [AF_QIPCRTR, 0, [7, 9], le(4, 42, 7, 9)],
    [
      AF_PACKET,
      0,
      ["lo", 0x0806, 4, 772, hardware],
      [17, 0, 8, 6, ...le(4, 1), ...le(2, 772), 4, 6, ...hardware, 0, 0],
    ],
    [AF_CAN, CAN_RAW, ["lo"], le(4, 29, 1, 0, 0, 0, 0)],
    [AF_CAN, CAN_ISOTP, ["", 7, 9], le(4, 29, 0, 7, 9, 0, 0)],
    [
      AF_CAN,
      CAN_J1939,
      ["lo", 0x0000000700000009n, 11, 13],
      le(4, 29, 1, 9, 7, 11, 13),
    ],
    [
      AF_BLUETOOTH,
      BTPROTO_L2CAP,
      [name, 7],
      [...le(2, 31, 7), ...device, 0, 0, 0, 0],
    ],
    [
      AF_BLUETOOTH,
      BTPROTO_RFCOMM,
      [name, 7],
      [...le(2, 31), ...device, 7, 0],
    ],
    [AF_BLUETOOTH, BTPROTO_HCI, [7], le(2, 31, 7, 0)],
    [AF_BLUETOOTH, BTPROTO_SCO, name, [...le(2, 31), ...device]],
    [AF_TIPC, 0, [1, 7, 8, 9, 3], [30, 0, 1, 3, ...le(4, 7, 8, 9)]],
    [AF_TIPC, 0, [2, 7, 8, 9, 3], [30, 0, 2, 3, ...le(4, 7, 8, 0)]],
    [AF_TIPC, 0, [3, 7, 8, 9, 3], [30, 0, 3, 3, ...le(4, 8, 7, 0)]],
    [
      AF_ALG,
      0,
      ["hash", "sha1", 7, 9],
      [38, 0, ...text("hash", 14), ...le(4, 7, 9), ...text("sha1", 64)],
    ],
  ];
  for (const [family, proto, argument, expected] of cases) {
    const address = parse(family, proto, argument);
    assertEquals(address as unknown, expected);
  }
});

testNative("a family without a form has a number and bytes", () => {
  const address = [AF_OTHER, 0, 1, 2, 3] as unknown as SocketAddress;
  assertEquals(formatAddress(AF_OTHER, address), [
    AF_OTHER,
    Uint8Array.of(1, 2, 3),
  ]);
  const { equals } = addressFamily(AF_OTHER);
  assertEquals(equals(address, address), true);
  assertEquals(equals(address, [AF_OTHER, 0] as never), false);
});

testNative("an address is the same after a way there and back", () => {
  const u8 = fc.nat(0xff);
  const u16 = fc.nat(0xffff);
  const u32 = fc.nat(0xffffffff);
  const ifname = fc.constantFrom("", "lo");
  const device = fc.array(u8, { minLength: 6, maxLength: 6 }).map((bytes) =>
    bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":")
      .toUpperCase()
  );
  const octets = fc.uint8Array({ maxLength: 8 });
  const text = (maxLength: number) =>
    fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength });
  const forms: [family: number, proto: number, fc.Arbitrary<unknown>][] = [
    [AF_NETLINK, 0, fc.tuple(u32, u32)],
    [AF_VSOCK, 0, fc.tuple(u32, u32)],
    [AF_QIPCRTR, 0, fc.tuple(u32, u32)],
    [AF_PACKET, 0, fc.tuple(fc.constant("lo"), u16, u8, u16, octets)],
    [AF_CAN, CAN_RAW, fc.tuple(ifname)],
    [AF_CAN, CAN_BCM, fc.tuple(ifname)],
    [AF_CAN, CAN_ISOTP, fc.tuple(ifname, u32, u32)],
    [
      AF_CAN,
      CAN_J1939,
      fc.tuple(ifname, fc.bigInt(0n, 2n ** 64n - 1n), u32, u8),
    ],
    [AF_BLUETOOTH, BTPROTO_L2CAP, fc.tuple(device, u16)],
    [AF_BLUETOOTH, BTPROTO_RFCOMM, fc.tuple(device, u8)],
    [AF_BLUETOOTH, BTPROTO_HCI, fc.tuple(u16)],
    [AF_BLUETOOTH, BTPROTO_SCO, device],
    [AF_TIPC, 0, fc.tuple(fc.constant(1), u32, u32, u32, fc.nat(127))],
    [AF_ALG, 0, fc.tuple(text(13), text(63), u32, u32)],
  ];
  for (const [family, proto, addresses] of forms) {
    const { equals } = addressFamily(family);
    fc.assert(fc.property(addresses, addresses, (first, second) => {
      assertEquals(back(family, proto, first), first);
      const [one, other] = [first, second].map((address) =>
        parse(family, proto, address)
      ) as [SocketAddress, SocketAddress];
      const same = fc.stringify(first) === fc.stringify(second);
      assertEquals(equals(one, other), same);
    }));
  }
});

/** Wrong addresses; Python takes the arrays for tuples. */
const WRONG: [family: number, proto: number, argument: unknown][] = [
  ...["x", [], [1], [1, 2, 3], ["a", 1], [1, "a"], [1, 1.5], [null, 1]]
    .flatMap((argument): [number, number, unknown][] => [
      [AF_NETLINK, 0, argument],
      [AF_VSOCK, 0, argument],
      [AF_QIPCRTR, 0, argument],
    ]),
  ...[
    ...["x", ["lo"], ["lo", 1, 2, 3, "b", 5], [1, 1], ["lo", "x"]],
    ...[["lo", 2 ** 31], ["lo", -1], ["lo", 65536], ["nosuch0", 3], ["", 3]],
    ...[["a".repeat(20), 3], ["lo\0", 3], ["lo", 3, 0, 0, "x"], ["lo", 3, "x"]],
    ...[["lo", 3, 0, 2 ** 40], ["lo", 3, -(2 ** 31) - 1], ["lo", 1.5]],
    ["lo", 3, 0, 0, { bytes: 9 }],
    ["nosuch0", -1, 0, 0, { bytes: 9 }],
    ["lo", -1, 0, 0, { bytes: 9 }],
  ].map((argument): [number, number, unknown] => [AF_PACKET, 0, argument]),
  ...["x", [], ["", 1], [1], ["lo\0"], ["a".repeat(16)], ["nosuch0"]]
    .map((argument): [number, number, unknown] => [AF_CAN, CAN_RAW, argument]),
  [AF_CAN, 0, [""]],
  [AF_CAN, 77, "x"],
  ...[[""], ["", 1, 2, 3], ["", "x", 2], [1, 1, 2], ["a".repeat(16), 1, 1]]
    .map((argument): [number, number, unknown] => [
      AF_CAN,
      CAN_ISOTP,
      argument,
    ]),
  ...[[""], ["", 1, 2, 3, 4], ["", "x", 2, 3], ["", 1.5, 1, 1]]
    .map((argument): [number, number, unknown] => [
      AF_CAN,
      CAN_J1939,
      argument,
    ]),
  ...["x", [1], [1, 2, 3, 4, 5, 6], [1, 2, 3, "x"], [9, 1, 2, 3]]
    .map((argument): [number, number, unknown] => [AF_TIPC, 0, argument]),
  ...[
    ...["x", ["a"], ["hash", "sha1", 1, 2, 3], ["hash", 1], ["hash\0", "x"]],
    ...[["a".repeat(14), "x"], ["a", "b".repeat(64)], ["a", "b", "c"]],
  ].map((argument): [number, number, unknown] => [AF_ALG, 0, argument]),
  ...["x", [1], ["127.0.0.1", -1], ["127.0.0.1", 1, 1]]
    .map((argument): [number, number, unknown] => [AF_RDS, 0, argument]),
  [AF_OTHER, 0, [1, 2]],
];

/** Python's words for what is wrong, as they are here. */
function translated([name, message]: [name: string, message: string]) {
  const names: Record<string, string> = {
    OverflowError: "RangeError",
    ValueError: "RangeError",
  };
  return [
    names[name] ?? name,
    message.replace("must be tuple, not str", "must be an array, not string")
      .replace("must be tuple, not list", "must be an array, not Array")
      .replace("null byte", "null character")
      .replace(
        /a (pair|tuple) \((.*?),? ?\)$/,
        (_, kind, parts) =>
          `${kind === "pair" ? "a pair" : "an array"} [${parts}]`,
      )
      .replace("be a tuple of", "be an array of"),
  ];
}

/** Whether the error is that of one part, for which there are other words here. */
function isOfPart(theirs: string, { message }: Error): boolean {
  return /interpreted as an integer|must be int|expected str|bytes-like/
    .test(theirs) || /must be a string/.test(message);
}

testIf(
  native && isGnuLinux,
  "wrong addresses raise Python's errors",
  async () => {
    const theirs = await python<[name: string, message: string][]>(
      `
import json, socket, sys
def made(a):
    if isinstance(a, dict): return bytes(a["bytes"])
    return tuple(map(made, a)) if isinstance(a, list) else a
def wrong(family, proto, address):
    # A socket that says so has any family to the checks of its addresses.
    fd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach()
    with socket.socket(family, socket.SOCK_DGRAM, proto, fileno=fd) as s:
        try: s.bind(made(address))
        except Exception as e: return [type(e).__name__, str(e)]
print(json.dumps([wrong(*case) for case in json.load(sys.stdin)]))
`,
      WRONG,
    );
    for (const [index, [family, proto, argument]] of WRONG.entries()) {
      const made = Array.isArray(argument)
        ? argument.map((part) =>
          part?.bytes ? new Uint8Array(part.bytes) : part
        )
        : argument;
      const error = assertThrows(() => parse(family, proto, made), Error);
      const [name, message] = translated(theirs[index]!);
      const what = `${family} ${proto} ${JSON.stringify(argument)}`;
      // Interfaces other than lo may not be known.
      if (/No such device/.test(message!) && error.name === "PermissionError") {
        continue;
      }
      const ours = isOfPart(message!, error) ? message : error.message;
      assertEquals([what, error.name, ours], [what, name, message]);
    }
  },
);

testNative("wrong Bluetooth addresses have a wrong format", () => {
  const cases: [proto: number, argument: unknown, message: string][] = [
    [BTPROTO_L2CAP, "x", "bind(): wrong format"],
    [BTPROTO_L2CAP, ["00:00:00:00:00:00", 65536], "bind(): wrong format"],
    [BTPROTO_L2CAP, ["00:00:00:00:00", 1], "bad bluetooth address"],
    [BTPROTO_L2CAP, ["00:00:00:00:00:100", 1], "bad bluetooth address"],
    [BTPROTO_RFCOMM, ["00:00:00:00:00:00", 256], "bind(): wrong format"],
    [BTPROTO_RFCOMM, ["00:00:00:00:00:0g", 1], "bad bluetooth address"],
    [BTPROTO_HCI, [], "bind(): wrong format"],
    [BTPROTO_HCI, ["x"], "bind(): wrong format"],
    [BTPROTO_SCO, 5, "bind(): wrong format"],
    [BTPROTO_SCO, "", "bad bluetooth address"],
    [9, "", "bind(): unknown Bluetooth protocol"],
  ];
  for (const [proto, argument, message] of cases) {
    const wrong = () => parse(AF_BLUETOOTH, proto, argument);
    assertThrows(wrong, socket.OSError, message);
  }
});
