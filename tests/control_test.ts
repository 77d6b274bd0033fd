import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { hasPython, isGnuLinux, python } from "./oracle.ts";
import { rejects } from "./raises.ts";
import { native } from "./transports.ts";

const { CMSG_LEN, CMSG_SPACE, recv_fds, send_fds } = socket;

testIf(
  isGnuLinux && hasPython,
  "sizes of control messages are Python's",
  async () => {
    const top = 2 ** 31;
    const lengths = [-1, 0, 1, 3, 4, 7, 8, 9, 16, 1000, 2 ** 40];
    for (let less = 0; less < 40; less++) lengths.push(top - less);
    const program = `
import json, socket, sys
def outcome(function, length):
  try: return function(length)
  except OverflowError: return None
print(json.dumps([[outcome(socket.CMSG_LEN, n), outcome(socket.CMSG_SPACE, n)]
  for n in json.load(sys.stdin)]))`;
    const outcome = (size: (length: number) => number, length: number) => {
      try {
        return size(length);
      } catch (error) {
        if (error instanceof RangeError) return null;
        throw error;
      }
    };
    assertEquals(
      lengths.map((n) => [outcome(CMSG_LEN, n), outcome(CMSG_SPACE, n)]),
      await python(program, lengths),
    );
  },
);

test("what is no length is refused", () => {
  for (const size of [CMSG_LEN, CMSG_SPACE]) {
    for (const wrong of ["4", 1.5, null, undefined, NaN, 4n]) {
      assertThrows(() => size(wrong as number), TypeError);
    }
  }
});

test("what are no descriptors is refused", async () => {
  const [a, b] = await socket.socketpair();
  using near = a;
  using far = b;
  for (const wrong of [["1"], [1.5], [null], 5, null]) {
    const fds = wrong as unknown as number[];
    await assertRejects(() => send_fds(near, ["x"], fds), TypeError);
  }
  for (const fd of [2 ** 31, -(2 ** 31) - 1]) {
    await assertRejects(() => send_fds(near, ["x"], [fd]), RangeError);
  }
  await assertRejects(() => recv_fds(far, 1, -1), RangeError);
  await assertRejects(() => recv_fds(far, -1, 1), RangeError);
  await assertRejects(() => recv_fds(far, 1, 2 ** 30), RangeError);
  await assertRejects(() => recv_fds(far, 1, 1.5), TypeError);
});

testIf(!native, "no descriptors go over Deno", async () => {
  const [a, b] = await socket.socketpair();
  using near = a;
  using far = b;
  await rejects(errno.EOPNOTSUPP, send_fds(near, ["x"], [near.fileno()]));
  await near.send("y");
  const [data, ...rest] = await recv_fds(far, 10, 3);
  assertEquals([...data], [..."y"].map((letter) => letter.charCodeAt(0)));
  assertEquals(rest, [[], 0, null]);
});
