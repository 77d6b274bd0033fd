/**
 * Where a worker begins.
 *
 * @module
 */

import { BUNDLE } from "./bundle.ts";

/** The address of this module, unless it was bundled. */
const OWN = /\/thread\/entry(\.\w+)$/;

/**
 * The module that makes a worker one for threads: one of this library, or what
 * the library was bundled into.
 *
 * @param here The address of this module.
 */
export function workerModule(here: string = import.meta.url): URL {
  const [, extension] = OWN.exec(here) ?? [];
  return new URL(extension === undefined ? here : `./worker${extension}`, here);
}

/**
 * The address that a worker can begin at. Its first module has to be a local
 * one, or in the address itself; that one may then import any other.
 *
 * @param here The address of this module.
 */
export function entry(here: string = import.meta.url): URL {
  const module = workerModule(here);
  const address = JSON.stringify(module.href);
  if (!OWN.test(here)) {
    return inline(
      `const bundle = { module: ${address} };` +
        `globalThis[Symbol.for(${JSON.stringify(BUNDLE)})] = bundle;` +
        "bundle.exports = import(bundle.module);",
    );
  }
  return module.protocol === "file:" ? module : inline(`import ${address};`);
}

function inline(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
