import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import { AF_INET, AF_INET6 } from "../socket/constants.ts";
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
} from "../socket/names/inet.ts";
import { interpreter, isGnuLinux, python } from "./oracle.ts";

/**
 * How many times 11,000 inputs are made. Another number may follow `--` on the
 * command line of the tests.
 */
const ROUNDS = Number(Deno.args[0] ?? 10);

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The result of a call: "-" for OSError, "!" for ValueError. */
function outcome(call: () => string): string {
  try {
    return call();
  } catch (error) {
    if (error instanceof OSError) return "-";
    assertInstanceOf(error, RangeError);
    return "!";
  }
}

/** The results of the functions, each for its own third of a list of texts. */
const ofTexts = (texts: string[]) =>
  texts.map((text, index) =>
    outcome(() =>
      hex(
        index % 3 === 0
          ? inet_aton(text)
          : inet_pton(index % 3 === 1 ? AF_INET : AF_INET6, text),
      )
    )
  );

const ofBytes = (bytes: Uint8Array<ArrayBuffer>) =>
  [
    inet_ntop(AF_INET6, bytes),
    inet_ntop(AF_INET, bytes.subarray(0, 4)),
    inet_ntoa(bytes.subarray(12)),
  ].join();

/** Answers lists of texts, and lists of sixteen bytes in hexadecimal. */
const ORACLE = `
import json, sys
from socket import *
def outcome(f, *a):
    try: return f(*a).hex()
    except OSError: return "-"
    except ValueError: return "!"
def of_text(i, t):
    if i % 3 == 0: return outcome(inet_aton, t)
    return outcome(inet_pton, AF_INET if i % 3 == 1 else AF_INET6, t)
def of_bytes(b):
    return ",".join((inet_ntop(AF_INET6, b), inet_ntop(AF_INET, b[:4]),
        inet_ntoa(b[12:])))
for line in sys.stdin:
    q = json.loads(line)
    if isinstance(q, list): r = (of_text(i, t) for i, t in enumerate(q))
    else:
        q = bytes.fromhex(q)
        r = (of_bytes(q[i:i + 16]) for i in range(0, len(q), 16))
    print(" ".join(r), flush=True)
`;

/** A python3 that answers line by line. */
class Oracle implements AsyncDisposable {
  #child = new Deno.Command(interpreter, {
    args: ["-c", ORACLE],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  #answers = this.#child.stdout.pipeThrough(new TextDecoderStream())[
    Symbol.asyncIterator
  ]();
  #questions = this.#child.stdin.getWriter();

  async ask(question: string[] | string): Promise<string[]> {
    const line = new TextEncoder().encode(JSON.stringify(question) + "\n");
    const written = this.#questions.write(line);
    let answer = "";
    while (!answer.endsWith("\n")) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error("python3 went away");
      answer += value;
    }
    await written;
    return answer.trimEnd().split(" ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#questions.close();
    await this.#answers.next();
    await this.#child.status;
  }
}

/** Numbers below a bound, the same ones for the same seed. */
function random(seed: number): (bound: number) => number {
  return (bound) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const CHARACTERS = [
  ..."00112233445566778899abcdefABCDEFgxXoz...:::% \t\n\v\f\r+-_/,[]",
  ..."\0\u0085\u00a0é\u0661\uff11\u3002\u2003😀",
];

const NUMBERS = [
  ..."0 1 7 8 9 10 99 100 127 199 249 255 256 260 300 999 1000 65535 65536"
    .split(" "),
  ..."16777215 16777216 4294967295 4294967296 18446744073709551616 00 01 08"
    .split(" "),
  ..."0377 0400 00000000000000000000377 037777777777 040000000000 0x 0x0".split(
    " ",
  ),
  ..."0xff 0Xff 0x100 0xffff 0x10000 0xffffff 0xffffffff 0x100000000 0b1 1e1"
    .split(" "),
];

/** An address, or nearly one, or nothing like one. */
function addressLike(below: (bound: number) => number): string {
  const one = <T>(list: readonly T[]) => list[below(list.length)]!;
  const many = <T>(count: number, make: () => T) =>
    Array.from({ length: count }, make);
  const part = () => below(3) ? String(below(256)) : one(NUMBERS);
  const group = () =>
    below(3)
      ? below(0x10000).toString(16)
      : one(["0", "00", "0000", "ffff", "FFFF", "00001", "1.2.3.4"]);
  const dotted = () => many(below(4) ? 4 : below(6), part).join(".");
  const colons = () => {
    const groups = many(below(3) ? 8 : below(10), group);
    if (below(3) === 0) groups.splice(below(groups.length + 1), 8, dotted());
    if (below(3)) {
      groups.splice(
        below(groups.length + 1),
        below(8),
        "",
        ...many(below(2), () => ""),
      );
    }
    return groups.join(":");
  };
  const characters = [
    ...one([
      dotted,
      colons,
      () => many(below(12), () => one(CHARACTERS)).join(""),
    ])(),
  ];
  for (let edits = Math.max(0, below(5) - 2); edits > 0; edits--) {
    const at = below(characters.length + 1);
    const kept = below(2)
      ? [one(CHARACTERS)]
      : characters.slice(at, at + below(3));
    characters.splice(at, below(2), ...kept);
  }
  return characters.join("");
}

/** Sixteen bytes, mostly with runs of zeros and IPv4 addresses in them. */
function addressBytes(below: (bound: number) => number): number[] {
  const zeros = below(8);
  return Array.from({ length: 8 }, (_, index) => {
    if (below(10) < zeros) return 0;
    if (index === 5 && below(2)) return 0xffff;
    return below(3) ? below(0x10000) : below(0x100) << 8 * below(2);
  }).flatMap((word) => [word >> 8, word & 0xff]);
}

Deno.test({
  name: "inet_aton(), inet_pton() and inet_ntop() are Python's, on many inputs",
  ignore: !isGnuLinux,
  async fn() {
    await using oracle = new Oracle();
    let texts = 0;
    let accepted = 0;
    let arrays = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const below = random(seed);
        const some = Array.from({ length: 7000 }, () => addressLike(below));
        const theirs = await oracle.ask(some);
        for (const [index, ours] of ofTexts(some).entries()) {
          if (ours !== theirs[index]) {
            const call = [some[index], index % 3];
            assertEquals([...call, ours], [...call, theirs[index]]);
          }
          if (ours.length > 1) accepted++;
        }
        texts += some.length;

        const bytes = Uint8Array.from(
          Array.from({ length: 4000 }, () => addressBytes(below)).flat(),
        );
        const names = await oracle.ask(hex(bytes));
        for (const [index, name] of names.entries()) {
          const array = bytes.subarray(16 * index, 16 * index + 16);
          const ours = ofBytes(array);
          if (ours !== name) {
            assertEquals([hex(array), ours], [hex(array), name]);
          }
          const [text = ""] = ours.split(",");
          const back = hex(inet_pton(AF_INET6, text));
          if (back !== hex(array)) assertEquals(back, hex(array));
        }
        arrays += names.length;
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
    assert(texts + arrays >= 11_000 * ROUNDS);
    // A comparison of nothing but refusals would prove nothing.
    assert(
      accepted > texts / 20 && accepted < texts / 2,
      `${accepted} of ${texts}`,
    );
  },
});

Deno.test({
  name: "the byte orders are Python's",
  ignore: !isGnuLinux,
  async fn() {
    const numbers = fc.sample(
      fc.oneof(
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.constantFrom(0, 0xffff, 0xffffffff),
      ),
      2000,
    );
    const theirs = await python<number[][]>(
      "import json, sys; from socket import *\n" +
        "print(json.dumps([[htonl(n), ntohl(n), htons(n & 65535), ntohs(n & 65535)]" +
        " for n in json.load(sys.stdin)]))",
      numbers,
    );
    assertEquals(
      numbers.map((
        n,
      ) => [htonl(n), ntohl(n), htons(n & 0xffff), ntohs(n & 0xffff)]),
      theirs,
    );
  },
});
