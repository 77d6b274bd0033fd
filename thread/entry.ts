/**
 * Where a worker begins.
 *
 * @module
 */

/**
 * The address that a worker can begin at. Its first module has to be a local
 * one, or in the address itself; that one may then import any other.
 */
export function entry(module: URL): URL {
  if (module.protocol === "file:") return module;
  const text = `import ${JSON.stringify(module.href)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
