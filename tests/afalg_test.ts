import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { socket } from "../mod.ts";
import { algMessages, type AlgOptions } from "../socket/afalg.ts";
import { bytes } from "./calls.ts";
import { test } from "./cases.ts";

const { AF_ALG, ALG_OP_ENCRYPT, SOL_ALG } = socket;

test("an operation of AF_ALG goes in control messages", () => {
  const op = [SOL_ALG, socket.ALG_SET_OP, Uint8Array.of(1, 0, 0, 0)];
  assertEquals(
    algMessages(AF_ALG, { op: ALG_OP_ENCRYPT }) as unknown[],
    [op],
  );
  assertEquals(
    algMessages(AF_ALG, {
      op: ALG_OP_ENCRYPT,
      iv: bytes("abc"),
      assoclen: 258,
    }),
    [
      op,
      [SOL_ALG, socket.ALG_SET_IV, Uint8Array.of(3, 0, 0, 0, 97, 98, 99)],
      [SOL_ALG, socket.ALG_SET_AEAD_ASSOCLEN, Uint8Array.of(2, 1, 0, 0)],
    ] as unknown[],
  );
});

test("a wrong operation raises Python's errors", async () => {
  const cases: [options: unknown, message: string][] = [
    [{}, "Invalid or missing argument 'op'"],
    [{ op: -1 }, "Invalid or missing argument 'op'"],
    [{ op: "x" }, "op must be an integer, not string"],
    [{ op: 1, assoclen: -1 }, "assoclen must be positive"],
    [{ op: 1, iv: "x" }, "a buffer is required, not string"],
  ];
  for (const [options, message] of cases) {
    const act = () => algMessages(AF_ALG, options as AlgOptions);
    assertEquals(assertThrows(act, TypeError).message, message);
  }
  const [a, b] = await socket.socketpair();
  using _a = a;
  using _b = b;
  await assertRejects(
    () => a.sendmsg_afalg(["x"], { op: ALG_OP_ENCRYPT }),
    socket.OSError,
    "algset is only supported for AF_ALG",
  );
});
