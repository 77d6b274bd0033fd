import { assertEquals } from "@std/assert";
import { test } from "./cases.ts";

const ROOT = new URL("../", import.meta.url);

/** The modules that are published, by their paths from the root. */
function* modules(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* modules(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

/** The imports of a module, types included. */
function importsOf(path: string): string[] {
  const url = new URL(path, ROOT);
  const code = Deno.readTextFileSync(url).replaceAll(/\/\*.*?\*\//gs, "");
  const specifiers = code.matchAll(
    /^\s*(?:import|export)\b(?:[^;"]*? from)? "(\.[^"]+)"/gm,
  );
  return Array.from(
    specifiers,
    ([, specifier]) => new URL(specifier!, url).href.slice(ROOT.href.length),
  );
}

const paths = ["errno/", "select/", "socket/", "thread/"]
  .flatMap((folder) => [...modules(folder)]).concat("errno.ts", "mod.ts");
const graph = new Map(paths.map((path) => [path, importsOf(path)]));

test("no module imports itself, directly or indirectly", () => {
  const done = new Set<string>();
  const visit = (path: string, from: string[]) => {
    const at = from.indexOf(path);
    assertEquals(at, -1, [...from.slice(at), path].join(" -> "));
    if (done.has(path)) return;
    for (const next of graph.get(path)!) visit(next, [...from, path]);
    done.add(path);
  };
  for (const path of paths) visit(path, []);
});

test("imports point one way", () => {
  const forbidden: [from: RegExp, to: RegExp][] = [
    [/^socket\//, /^(select|thread)\//],
    [/^select\//, /^thread\//],
    // Only default.ts knows which transports there are.
    [/^(?!socket\/transport\/)/, /^socket\/transport\/\w+\//],
    [/^socket\/transport\/\w+\.ts/, /^socket\/transport\/\w+\//],
    // Programs choose it by importing it.
    [/^(?!socket\/transport\/native\/)/, /^socket\/transport\/native\//],
    [/^socket\/transport\/native\//, /^socket\/transport\/(deno|relay)\//],
    [/^socket\/transport\/deno\//, /^socket\/transport\/relay\//],
    [/^socket\/transport\/relay\//, /^socket\/transport\/deno\//],
    [/^socket\/reactor\//, /^socket\/(transport|names|link|file)\//],
    [/^socket\/transport\//, /^socket\/(socket|create|mod)\.ts/],
  ];
  const known = (path: string, to: string) =>
    path === "socket/transport/default.ts" && !to.includes("/native/");
  const found = paths
    .flatMap((path) => graph.get(path)!.map((to) => [path, to] as const))
    .filter(([path, to]) =>
      !known(path, to) &&
      forbidden.some(([from, other]) => from.test(path) && other.test(to))
    );
  assertEquals(found, []);
});
