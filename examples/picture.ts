// A picture as bytes: painted, kept as a BMP, and drawn in a terminal.
// download_picture.ts, send_picture.ts and receive_picture.ts share it.

/** A picture in memory. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of every pixel, row by row from the top. */
  readonly pixels: Uint8Array;
}

type Color = readonly [red: number, green: number, blue: number];

const CHANNELS = [0, 1, 2] as const;

// The headers of a BMP, whose numbers have their lowest byte first.
const FILE_HEADER = 14;
const HEADERS = FILE_HEADER + 40;
const MAGIC = 0x4d42;
const BITS = 24;
/** The resolution that is written down: 72 dots an inch. */
const DOTS_A_METRE = 2835;

/** Bytes of one row, which ends at a multiple of four. */
function rowSize(width: number): number {
  return Math.ceil(width * 3 / 4) * 4;
}

/** A picture as a BMP file of 24 bits a pixel. */
export function encode(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  const size = HEADERS + rowSize(width) * height;
  const bmp = new Uint8Array(size);
  const view = new DataView(bmp.buffer);
  view.setUint16(0, MAGIC, true);
  view.setUint32(2, size, true);
  view.setUint32(10, HEADERS, true);
  view.setUint32(14, HEADERS - FILE_HEADER, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, BITS, true);
  view.setUint32(34, size - HEADERS, true);
  view.setInt32(38, DOTS_A_METRE, true);
  view.setInt32(42, DOTS_A_METRE, true);
  copy(picture.pixels, bmp, width, height, (row, column) => [
    (row * width + column) * 3,
    HEADERS + (height - 1 - row) * rowSize(width) + column * 3,
  ]);
  return bmp;
}

/** The picture of a BMP file, if it is one of 24 bits a pixel. */
export function decode(bmp: Uint8Array): Picture {
  if (bmp.length < HEADERS) throw new RangeError("That is no BMP.");
  const view = new DataView(bmp.buffer, bmp.byteOffset, bmp.length);
  const start = view.getUint32(10, true);
  const width = view.getInt32(18, true);
  // A negative height says that the rows begin at the top.
  const signed = view.getInt32(22, true);
  const height = Math.abs(signed);
  if (view.getUint16(0, true) !== MAGIC || width < 1 || height < 1) {
    throw new RangeError("That is no BMP.");
  }
  if (view.getUint16(28, true) !== BITS || view.getUint32(30, true) !== 0) {
    throw new RangeError("Only BMPs of 24 bits a pixel are read here.");
  }
  if (bmp.length < start + rowSize(width) * height) {
    throw new RangeError("The end of the BMP is missing.");
  }
  const pixels = new Uint8Array(width * height * 3);
  copy(bmp, pixels, width, height, (row, column) => [
    start + (signed < 0 ? row : height - 1 - row) * rowSize(width) + column * 3,
    (row * width + column) * 3,
  ]);
  return { width, height, pixels };
}

/** Copies every pixel, from red, green, blue to blue, green, red or back. */
function copy(
  source: Uint8Array,
  target: Uint8Array,
  width: number,
  height: number,
  places: (row: number, column: number) => [from: number, to: number],
): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [from, to] = places(row, column);
      target[to] = source[from + 2]!;
      target[to + 1] = source[from + 1]!;
      target[to + 2] = source[from]!;
    }
  }
}

/** Paints an evening at the sea. */
export function paint(width = 160, height = 120): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const color = evening(column / width, row / height);
      pixels.set(color, (row * width + column) * 3);
    }
  }
  return { width, height, pixels };
}

/** The height of the horizon. */
const HORIZON = 0.62;

/** The color at a point, whose coordinates are 0 to 1. */
function evening(x: number, y: number): Color {
  if (y < HORIZON) {
    const hills = 0.56 - 0.05 * Math.sin(x * 7) - 0.03 * Math.sin(x * 17 + 2);
    return y > hills ? [58, 44, 84] : sky(x, y);
  }
  const depth = (y - HORIZON) / (1 - HORIZON);
  const wave = Math.sin((y - HORIZON) * 140 / (0.25 + depth) + x * 5);
  const water = mix([214, 120, 92], [18, 28, 70], depth);
  const glitter = Math.abs(x - 0.68) < 0.05 + depth * 0.09 && wave > 0.2;
  return glitter ? [255, 214, 130] : mix(water, [255, 255, 255], wave * 0.05);
}

function sky(x: number, y: number): Color {
  // A picture is four wide and three high, and the sun is round.
  const sun = Math.hypot((x - 0.68) * 4 / 3, y - 0.36);
  if (sun < 0.13) return [255, 236, 168];
  const air = mix([36, 48, 110], [250, 158, 96], y / HORIZON);
  return mix([255, 226, 150], air, Math.min(1, (sun - 0.13) * 3));
}

function mix(a: Color, b: Color, share: number): Color {
  const one = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [one(0), one(1), one(2)];
}

/**
 * A picture as lines for a terminal, at most `columns` wide and `lines` high.
 * The upper half of every character is one pixel, the lower half another.
 */
export function draw(picture: Picture, columns: number, lines: number): string {
  const most = Math.min(columns, picture.width);
  const wide = Math.floor(picture.width * lines * 2 / picture.height);
  const width = Math.max(1, Math.min(most, wide));
  const high = Math.ceil(picture.height * most / picture.width / 2);
  const height = Math.min(lines, high) * 2;
  let drawing = "";
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column++) {
      const upper = average(picture, width, height, column, row);
      const lower = average(picture, width, height, column, row + 1);
      drawing += `\x1b[38;2;${upper.join(";")};48;2;${lower.join(";")}m▀`;
    }
    drawing += "\x1b[0m\n";
  }
  return drawing;
}

/** The color of what one pixel of a smaller picture stands for. */
function average(
  picture: Picture,
  width: number,
  height: number,
  column: number,
  row: number,
): Color {
  const [left, right] = part(column, width, picture.width);
  const [top, bottom] = part(row, height, picture.height);
  const sum: [number, number, number] = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * picture.width + x) * 3;
      for (const i of CHANNELS) sum[i] += picture.pixels[at + i]!;
    }
  }
  const count = (right - left) * (bottom - top);
  const one = (i: 0 | 1 | 2) => Math.round(sum[i] / count);
  return [one(0), one(1), one(2)];
}

/** Which of `whole` pixels the one at `index` of `count` stands for. */
function part(index: number, count: number, whole: number): [number, number] {
  const first = Math.min(whole - 1, Math.floor(index * whole / count));
  const end = Math.floor((index + 1) * whole / count);
  return [first, Math.min(whole, Math.max(first + 1, end))];
}

/** Shows a picture where there are colors, and describes it elsewhere. */
export function show(picture: Picture): void {
  if (Deno.stdout.isTerminal() && !Deno.noColor) {
    const { columns, rows } = Deno.consoleSize();
    // One line is left for the prompt.
    console.log(draw(picture, columns, rows - 1).trimEnd());
  } else {
    console.log(describe(picture));
  }
}

/** A picture in words. */
export function describe(picture: Picture): string {
  const { width, height } = picture;
  const [above, below] = [0, 1].map((row) =>
    average(picture, 1, 2, 0, row)
      .map((part) => part.toString(16).padStart(2, "0")).join("")
  );
  return `A picture, ${width} pixels wide and ${height} high: ` +
    `#${above} above, #${below} below.`;
}
