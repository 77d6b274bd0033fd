import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hostToASCII } from "../socket/names/idna.ts";
import { bytes } from "./calls.ts";
import { hasPython, python } from "./oracle.ts";

const LABELS = [
  ..."a A x-1 _y é É ß ẞ straße ς Σίσυφος 日本 ｌocal １２７ Ⅷ ﬁ ½ ㎏ á ä́ "
    .split(" "),
  ..."почта भारत 한국 שלום مثال İ ı ſ Å K a\u00adb a\u200db a\u200cb \u00ad"
    .split(" "),
  ..."a\u2024b a b\u00a0c\u3000 \u0080 a\ufffdb \ue000 \u2028 %lo ::1 😀".split(
    " ",
  ),
  "x".repeat(63),
  "x".repeat(64),
  "é".repeat(55),
  "é".repeat(60),
];

Deno.test({
  name: "names become ASCII as Python's idna codec has it",
  ignore: !hasPython,
  async fn() {
    const labels = fc.array(fc.constantFrom(...LABELS), {
      minLength: 1,
      maxLength: 4,
    });
    const dots = fc.constantFrom(".", ".", ".", "\u3002", "\uff0e", "\uff61");
    const names = fc.sample(
      fc.tuple(labels, dots).map(([labels, dot]) => labels.join(dot)),
      3000,
    );
    names.push(...LABELS, "", ".", "..", "a.", "é.", ".a", ".é", "a..é");
    const theirs = await python<(string | null)[]>(
      `
import json, sys
def ascii(name):
    try: return name.encode("idna").decode()
    except UnicodeError: return None
print(json.dumps([ascii(name) for name in json.load(sys.stdin)]))
`,
      names,
    );
    for (const [index, name] of names.entries()) {
      let ours: string | null = null;
      try {
        ours = hostToASCII(name);
      } catch (error) {
        assert(error instanceof RangeError);
      }
      assertEquals([name, ours], [name, theirs[index]]);
    }
    assert(theirs.filter((name) => name !== null).length > 500);
  },
});

Deno.test("bytes are taken as they are", () => {
  assertEquals(hostToASCII(bytes("a..\xff")), "a..\xff");
  assertThrows(
    () => hostToASCII("a..b"),
    RangeError,
    "label empty or too long",
  );
});
