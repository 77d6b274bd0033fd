import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import {
  decode,
  draw,
  encode,
  paint,
  type Picture,
} from "../examples/picture.ts";
import { test, testIf } from "./cases.ts";
import { hasPython, python } from "./oracle.ts";

const pictures: fc.Arbitrary<Picture> = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 7 }),
  })
  .chain(({ width, height }) => {
    const length = width * height * 3;
    return fc.uint8Array({ minLength: length, maxLength: length })
      .map((pixels) => ({ width, height, pixels: new Uint8Array(pixels) }));
  });

/** Another reader of BMPs: bytes in hexadecimal to width, height, pixels. */
const READER = `
import json, struct, sys
def read(bmp):
    magic, size, _, start = struct.unpack_from("<2sIII", bmp)
    head, width, height, planes, bits, packed, length = struct.unpack_from(
        "<IiiHHII", bmp, 14)
    assert (magic, size, head) == (b"BM", len(bmp), 40)
    assert (planes, bits, packed) == (1, 24, 0)
    row = (width * 3 + 3) & ~3
    assert length == row * height == size - start
    pixels = []
    for y in reversed(range(height)):
        line = bmp[start + y * row:start + (y + 1) * row]
        assert not any(line[width * 3:])
        for x in range(0, width * 3, 3):
            pixels += line[x:x + 3][::-1]
    return [width, height, pixels]
print(json.dumps([read(bytes.fromhex(b)) for b in json.load(sys.stdin)]))
`;

test("a picture comes back from its BMP", () => {
  fc.assert(fc.property(pictures, (picture) => {
    assertEquals(decode(encode(picture)), picture);
  }));
  assertEquals(decode(encode(paint())), paint());
});

testIf(hasPython, "Python reads the BMPs that are written", async () => {
  const some = [...fc.sample(pictures, 200), paint()];
  assertEquals(
    await python(READER, some.map((picture) => encode(picture).toHex())),
    some.map(({ width, height, pixels }) => [width, height, [...pixels]]),
  );
});

test("the rows of a BMP may begin at the top, behind a longer header", () => {
  fc.assert(fc.property(pictures, fc.nat(99), (picture, gap) => {
    const { width, height } = picture;
    const written = encode(picture);
    const row = (written.length - 54) / height;
    const bmp = new Uint8Array(written.length + gap);
    bmp.set(written.subarray(0, 54));
    const view = new DataView(bmp.buffer);
    view.setUint32(10, 54 + gap, true);
    view.setInt32(22, -height, true);
    for (let y = 0; y < height; y++) {
      const from = 54 + y * row;
      const line = written.subarray(from, from + row);
      bmp.set(line, 54 + gap + (height - 1 - y) * row);
    }
    assertEquals(decode(bmp), { ...picture, width, height });
  }));
});

test("anything but a whole BMP of 24 bits is refused", () => {
  const refused = (bytes: Uint8Array) => {
    try {
      decode(bytes);
      return false;
    } catch (error) {
      assertInstanceOf(error, RangeError);
      return true;
    }
  };
  assert(refused(new Uint8Array(0)));
  assert(refused(new TextEncoder().encode("<!doctype html>".repeat(10))));
  fc.assert(fc.property(pictures, fc.nat(1e6), (picture, at) => {
    const bmp = encode(picture);
    assert(refused(bmp.subarray(0, at % bmp.length)));
  }));
  // Magic, width, height, bits a pixel, compression.
  for (
    const [at, value] of [[0, 0], [18, 0], [22, 0], [28, 8], [30, 1]] as const
  ) {
    const bmp = encode(paint(1, 1));
    bmp[at] = value;
    assert(refused(bmp), `byte ${at}`);
  }
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 54, maxLength: 80 }),
    pictures,
    fc.array(fc.tuple(fc.nat(53), fc.nat(255)), { minLength: 1, maxLength: 3 }),
    (noise, picture, changes) => {
      refused(noise);
      const bmp = encode(picture);
      for (const [at, value] of changes) bmp[at] = value;
      refused(bmp);
    },
  ));
});

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];

function cell(upper: number[], lower: number[]): string {
  return `\x1b[38;2;${upper.join(";")};48;2;${lower.join(";")}m▀`;
}

test("a character shows two pixels", () => {
  const pixels = Uint8Array.from([RED, GREEN, BLUE, WHITE].flat());
  assertEquals(
    draw({ width: 2, height: 2, pixels }, 80, 24),
    `${cell(RED, BLUE)}${cell(GREEN, WHITE)}\x1b[0m\n`,
  );
  assertEquals(
    draw({ width: 1, height: 4, pixels }, 80, 24),
    `${cell(RED, GREEN)}\x1b[0m\n${cell(BLUE, WHITE)}\x1b[0m\n`,
  );
  // One character for all, so each half is the middle of two.
  assertEquals(
    draw({ width: 2, height: 2, pixels }, 1, 1),
    `${cell([128, 128, 0], [128, 128, 255])}\x1b[0m\n`,
  );
});

test("a drawing fits in its place", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      (width, height, columns, lines) => {
        const drawing = draw(paint(width, height), columns, lines);
        const drawn = drawing.split("\n").slice(0, -1);
        assert(drawn.length >= 1 && drawn.length <= lines);
        for (const line of drawn) {
          const count = line.split("▀").length - 1;
          assert(count >= 1 && count <= Math.min(columns, width));
          assert(line.endsWith("\x1b[0m"));
        }
      },
    ),
    { examples: [[1, 50, 1, 14]] },
  );
});
