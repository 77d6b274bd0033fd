import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { buffer, bytes, type Step, testSteps } from "./script.ts";

// A number beyond a C int raises RangeError, where CPython has OverflowError.

const TOO_LARGE = [2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53];

const { AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_KEEPALIVE, SO_RCVBUF } = socket;

const address = ["127.0.0.1", 9];

testSteps("integers beyond C's ranges are refused", [
  ["s = socket.socket"],
  ["u = socket.socket", AF_INET, SOCK_DGRAM],
  ["a, b = socket.socketpair"],
  ["a.setblocking", false],
  ["b.send", bytes("x")],
  ...TOO_LARGE.flatMap((number): Step[] => [
    ["s.listen", number],
    ["a.shutdown", number],
    ["a.recv", 1, number],
    ["a.recv_into", buffer(1), 0, number],
    ["a.recv_into", buffer(1), 0, 2 ** 32 + socket.MSG_WAITALL],
    ["a.recvfrom", 1, number],
    ["a.recvfrom_into", buffer(1), 0, number],
    ["a.recvmsg", 1, 0, number],
    ["a.send", bytes("x"), number],
    ["a.sendall", bytes("x"), number],
    ["a.sendmsg", [bytes("x")], [], number],
    ["u.sendto", bytes("x"), number, address],
    ["a.getsockopt", number, SO_KEEPALIVE],
    ["a.getsockopt", SOL_SOCKET, number],
    ["a.getsockopt", SOL_SOCKET, SO_KEEPALIVE, number],
    ["a.setsockopt", number, SO_KEEPALIVE, 1],
    ["a.setsockopt", SOL_SOCKET, number, 1],
    ["a.setsockopt", SOL_SOCKET, SO_RCVBUF, number],
    ["socket.socket", number],
    ["socket.socket", AF_INET, number],
    ["socket.socket", AF_INET, 1, number],
    ["socket.socketpair", number],
    ["socket.inet_pton", number, "127.0.0.1"],
    ["socket.inet_ntop", number, bytes("1234")],
    ["socket.getservbyport", number],
  ]),
  // None of the refused calls had an effect.
  ["a.recv", 2],
  ["s.getsockopt", SOL_SOCKET, socket.SO_ACCEPTCONN],
]);

test("select and poll refuse numbers beyond C's ranges", async () => {
  using s = socket.socket();
  using ep = select.epoll<number>();
  const p = select.poll<number>();
  for (const number of TOO_LARGE) {
    for (
      const call of [
        () => select.epoll(number),
        () => select.epoll(1, number),
        () => ep.poll(0, number),
        () => p.register(number),
        () => p.modify(number, 1),
        () => p.unregister(number),
        () => ep.register(number, 1),
        () => ep.modify(number, 1),
        () => ep.unregister(number),
      ]
    ) assertThrows(call, RangeError);
    for (const lists of [[[number], [], []], [[], [], [number]]]) {
      const [r, w, x] = lists as number[][];
      await assertRejects(() => select.select(r!, w!, x!, 0), RangeError);
    }
  }
  assertThrows(() => p.unregister(1.5), TypeError);
  // A number in range that no socket has is not open.
  const gone = s.fileno();
  s.close();
  for (const number of [gone, 2 ** 31 - 1]) {
    const error = assertThrows(() => p.register(number), socket.OSError);
    assertEquals(error.errno, errno.EBADF);
  }
});
