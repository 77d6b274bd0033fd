import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { testIf } from "./cases.ts";
import { type Chunk, Judge, type Operation, play } from "./file_judge.ts";
import { hasPython } from "./oracle.ts";

const hex = (bytes: Iterable<number>) => Uint8Array.from(bytes).toHex();

/** Cuts bytes at random places. */
function cut(
  bytes: fc.Arbitrary<Uint8Array>,
  largest: number,
): fc.Arbitrary<string[]> {
  const lengths = fc.array(fc.integer({ min: 1, max: largest }), {
    minLength: 1,
    maxLength: 12,
  });
  return fc.tuple(bytes, lengths).map(([whole, lengths]) => {
    const chunks: string[] = [];
    for (let at = 0, i = 0; at < whole.length; i++) {
      const length = lengths[i % lengths.length]!;
      chunks.push(hex(whole.subarray(at, at + length)));
      at += length;
    }
    return chunks;
  });
}

function operation(
  name: string,
  argument: fc.Arbitrary<number | null> = fc.constant(null),
): fc.Arbitrary<Operation> {
  return argument.map((value) => [name, value]);
}

const size = fc.integer({ min: 0, max: 12 });
const sizeOrAll = fc.option(fc.integer({ min: -1, max: 12 }), { freq: 5 });

/** Enough operations to come to the end. */
function operations(
  ...kinds: fc.Arbitrary<Operation>[]
): fc.Arbitrary<Operation[]> {
  return fc.array(fc.oneof(...kinds), { maxLength: 12 })
    .map((list) => [...list, ["read", 4], ["read", null], ["read", null]]);
}

/** Operations whose result doesn't depend on the contents of the buffer. */
const COUNTED = [
  operation("read", sizeOrAll),
  operation("readinto", size),
  operation("readline", sizeOrAll),
  operation("readline"),
  operation("readlines", sizeOrAll),
];

/** Operations whose result does. */
const UNCOUNTED = [
  operation("read1", fc.integer({ min: -1, max: 12 })),
  operation("readinto1", size),
  operation("peek"),
];

const binary = fc.array(fc.constantFrom(10, 10, 13, 97, 98, 0, 255), {
  maxLength: 60,
}).map((bytes) => Uint8Array.from(bytes));

/** Reads of which some find no data yet. */
const chunks: fc.Arbitrary<Chunk[]> = fc.tuple(
  cut(binary, 9),
  fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
).map(([chunks, dice]) =>
  chunks.flatMap((chunk) => dice.next().value === 0 ? [chunk, null] : [chunk])
);

testIf(hasPython, "files of bytes read what Python's read", async () => {
  await using judge = new Judge();
  const small = fc.record({
    chunks,
    size: fc.integer({ min: 1, max: 9 }),
    operations: operations(...COUNTED),
  });
  const large = fc.record({
    chunks,
    size: fc.constant(8192),
    operations: operations(...COUNTED, ...UNCOUNTED),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(small, large), async (scene) => {
      assertEquals(await play(scene), await judge.play(scene));
    }),
    { numRuns: 1000 },
  );
});

testIf(hasPython, "files of bytes write what Python's write", async () => {
  await using judge = new Judge();
  const scenes = fc.record({
    takes: fc.array(
      fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 }),
      { maxLength: 12 },
    ),
    size: fc.integer({ min: 1, max: 9 }),
    operations: fc.array(
      fc.oneof(
        operation("write", fc.integer({ min: 0, max: 30 })),
        operation("flush"),
      ),
      { maxLength: 12 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      assertEquals(await play(scene), await judge.play(scene));
    }),
    { numRuns: 1000 },
  );
});

const ENCODINGS = [
  "utf-8",
  "utf-8",
  "UTF_8",
  "utf-8-sig",
  "ascii",
  "latin-1",
  "utf-16",
  "utf-16-le",
  "utf-16-be",
  "koi8_r",
  "cp1251",
  "iso8859_15",
];

const options = fc.record(
  {
    encoding: fc.constantFrom(...ENCODINGS),
    errors: fc.constantFrom("strict", "ignore", "replace"),
    newline: fc.constantFrom(null, null, "", "\n", "\r", "\r\n"),
  } as const,
);

const CHARACTERS = ["\n", "\n", "\r", "\r\n", "a", "b", "é", "ж", "€", "😀"];

const letters = (most: number) =>
  fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: most });

/** Bytes as they may come in an encoding, with and without faults. */
function encoded(encoding: string): fc.Arbitrary<Uint8Array> {
  const text = letters(30).map((text) => encode(text, encoding));
  const noise = fc.array(
    fc.constantFrom(...hexBytes("0a0d00616285c3a9e282acf09f9880edf4d8dcff")),
    { maxLength: 30 },
  ).map((bytes) => Uint8Array.from(bytes));
  const marked = (bytes: Uint8Array) =>
    Uint8Array.from([...mark(encoding), ...bytes]);
  return fc.oneof(text, text.map(marked), noise, noise.map(marked));
}

function hexBytes(hex: string): number[] {
  return [...Uint8Array.fromHex(hex)];
}

function mark(encoding: string): number[] {
  if (!encoding.startsWith("utf-16")) return hexBytes("efbbbf");
  return hexBytes(encoding.endsWith("be") ? "feff" : "fffe");
}

function encode(text: string, encoding: string): Uint8Array {
  if (!encoding.startsWith("utf-16")) return new TextEncoder().encode(text);
  const bytes = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) {
    bytes.setUint16(2 * i, text.charCodeAt(i), !encoding.endsWith("be"));
  }
  return new Uint8Array(bytes.buffer);
}

testIf(hasPython, "files of text read what Python's read", async () => {
  await using judge = new Judge();
  const scenes = options.chain((text) =>
    fc.record({
      chunks: cut(encoded(text.encoding), 9),
      size: fc.constantFrom(9, 8192),
      text: fc.constant(text),
      operations: operations(
        operation("read", fc.integer({ min: 0, max: 12 })),
        operation("readline"),
        // For no characters at all CPython waits for some to come.
        operation("readline", sizeOrAll.filter((size) => size !== 0)),
        operation("readlines", sizeOrAll),
      ),
    })
  );
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      assertEquals(await play(scene), await judge.play(scene));
    }),
    { numRuns: 3000 },
  );
});

testIf(hasPython, "files of text write what Python's write", async () => {
  await using judge = new Judge();
  const piece = fc.oneof(
    letters(12),
    fc.constantFrom("\ud800", "a\udc00b", "", "\u0080", "ÿ"),
  );
  const scenes = fc.record({
    takes: fc.constant([]),
    size: fc.constantFrom(3, 8192),
    text: options,
    operations: fc.array(
      piece.map((text): Operation => ["write", text]),
      { maxLength: 6 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      assertEquals(await play(scene), await judge.play(scene));
    }),
    { numRuns: 1000 },
  );
});
