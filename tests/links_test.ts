import { assert, assertEquals } from "@std/assert";
import { test } from "./cases.ts";

const root = new URL("../", import.meta.url);
const EXPORTS: Readonly<Record<string, string>> = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", root)),
).exports;

// The parts of the output of `deno doc --json` that are used here.

interface Location {
  filename: string;
  line: number;
  col: number;
}

interface Member {
  name: string;
  isStatic?: boolean;
}

interface Declaration {
  kind: string;
  location: Location;
  def?: {
    target?: Location;
    elements?: Documented[];
    methods?: Member[];
    properties?: Member[];
  };
}

interface Documented {
  name: string;
  declarations: Declaration[];
}

interface Module {
  module_doc?: unknown;
  symbols: Documented[];
}

/** The documented symbols of each entry point, by its URL. */
async function documented(): Promise<Record<string, Module>> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", "--json", ...Object.values(EXPORTS)],
    cwd: root,
  }).output();
  assert(success);
  return JSON.parse(new TextDecoder().decode(stdout)).nodes;
}

function key({ filename, line, col }: Location): string {
  return `${filename}:${line}:${col}`;
}

/** The names under which a page finds a symbol and its members. */
function* names({ name, declarations }: Documented): Generator<string> {
  yield name;
  for (const { kind, def } of declarations) {
    for (const member of [...def?.methods ?? [], ...def?.properties ?? []]) {
      const ofInstance = kind === "class" && !member.isStatic;
      yield `${name}.${ofInstance ? "prototype." : ""}${member.name}`;
    }
  }
}

/** The targets of the links in all comments of a part of the output. */
function* targets(part: unknown): Generator<string> {
  if (typeof part === "string") {
    for (const [, target = ""] of part.matchAll(/\{@link\w* ([^\s|}]+)/g)) {
      yield target;
    }
  } else if (typeof part === "object" && part !== null) {
    for (const value of Object.values(part)) yield* targets(value);
  }
}

test("each link of a comment leads to a symbol of the same module", async () => {
  const modules = await documented();
  const declared = new Map<string, Declaration>();
  for (const { symbols } of Object.values(modules)) {
    for (const { declarations } of symbols) {
      for (const declaration of declarations) {
        if (declaration.kind === "reference") continue;
        declared.set(key(declaration.location), declaration);
      }
    }
  }
  const dead = new Set<string>();
  let count = 0;
  for (const [url, { module_doc, symbols }] of Object.entries(modules)) {
    const known = new Set(symbols.flatMap((symbol) => [...names(symbol)]));
    const pages: unknown[] = [module_doc];
    for (const { name, declarations } of symbols) {
      for (const { def, ...declaration } of declarations) {
        // The symbols of a namespace are those of another entry point.
        if (def?.elements) pages.push(declaration);
        else if (!def?.target) pages.push({ def, ...declaration });
        else {
          const target = declared.get(key(def.target));
          pages.push(target);
          if (!target) continue;
          const alias = { name, declarations: [target] };
          for (const member of names(alias)) known.add(member);
        }
      }
    }
    for (const target of targets(pages)) {
      count++;
      if (!known.has(target)) dead.add(`${url}: ${target}`);
    }
  }
  assert(count > 0);
  assertEquals([...dead], []);
});

/** The fragment of a heading, as GitHub makes it. */
function fragment(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** The pages of the documentation. */
async function* pages(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.endsWith(".md")) yield new URL(name, folder);
  }
}

test("each link from page to page leads to a file and a heading", async () => {
  const dead = [];
  let count = 0;
  for (const folder of [".", "docs/", "tests/bench/"]) {
    for await (const page of pages(new URL(folder, root))) {
      const text = await Deno.readTextFile(page);
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        const url = new URL(target, page);
        // A link out of the clone leads to a page of the repository on GitHub.
        if (!url.href.startsWith(root.href)) continue;
        count++;
        const wanted = url.hash.slice(1);
        url.hash = "";
        const found = await Deno.stat(url).catch(() => null);
        if (!found) dead.push(`${page.pathname}: ${target}`);
        if (!found || wanted === "") continue;
        const headings = (await Deno.readTextFile(url)).matchAll(/^#+ (.*)$/gm);
        const fragments = [...headings].map(([, heading = ""]) =>
          fragment(heading)
        );
        if (!fragments.includes(wanted)) {
          dead.push(`${page.pathname}: ${target}`);
        }
      }
    }
  }
  assert(count > 0);
  assertEquals(dead, []);
});
