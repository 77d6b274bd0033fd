/**
 * Workers of a program that was bundled: its one module is theirs too.
 *
 * @module
 */

import { type Exports, preload } from "./load.ts";

/** Where a worker's first module leaves what it loads. */
export const BUNDLE = "@berkeley/socket.bundle";

/** What is left there. */
interface Bundle {
  readonly module: string;
  /** There as soon as the first of its modules runs. */
  readonly exports: Promise<Exports>;
}

const key = Symbol.for(BUNDLE);
const bundle = Reflect.get(globalThis, key) as Bundle | undefined;
if (bundle) {
  Reflect.deleteProperty(globalThis, key);
  preload(bundle.module, bundle.exports);
}

// What is imported by such an expression is part of the module graph, and so of
// caches, compiled programs and bundles. Else workers load it by its address.
if (bundle) import("./worker.ts");
