/**
 * The C library that the native transport calls: where it is, and whether this
 * program may load it.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "./errors.ts";
import { granted, permissionError } from "./permissions.ts";

/** The machines whose structures and constants are known. */
const MACHINES = ["x86_64", "aarch64"];

/** The name by which the dynamic linker finds it. */
const NAME = "libc.so.6";

/** Where distributions put it, the most common place first. */
function places(): string[] {
  const folders = [`/lib/${Deno.build.arch}-linux-gnu`, "/lib64", "/lib"];
  return folders.flatMap((folder) => [folder, `/usr${folder}`])
    .map((folder) => `${folder}/${NAME}`);
}

/** Why this system has no such library; `null` if it should have. */
function obstacle(): string | null {
  // Edge runtimes lack parts of Deno, which its types promise.
  const { dlopen, build } = Deno as {
    dlopen?: unknown;
    build?: Partial<typeof Deno.build>;
  };
  if (typeof dlopen !== "function") return "this runtime has no Deno.dlopen";
  const { os, arch = "", env = "gnu" } = build ?? {};
  return os === "linux" && MACHINES.includes(arch) && env === "gnu"
    ? null
    : `this is ${[os, arch, env].join(" ")}`;
}

function unsupported(why: string, cause?: unknown): OSError {
  const needs = "native sockets need Linux on x86-64 or aarch64, with glibc";
  return new OSError(errno.ENOSYS, `${needs}: ${why}`, { cause });
}

/**
 * The names under which the library may be loaded. A permission for a path lets
 * only that path be loaded; the linker's own search takes all of `--allow-ffi`.
 */
function permitted(): string[] {
  const all = Deno.permissions.querySync({ name: "ffi" });
  const paths = places().filter((path) => granted({ name: "ffi", path }));
  return all.state === "granted" && !all.partial ? [NAME, ...paths] : paths;
}

/** Whether {@linkcode load} may be expected to succeed. Loads nothing. */
export function isLoadable(): boolean {
  return obstacle() === null && permitted().length > 0;
}

/**
 * Loads the library: calls `open` with its names until one succeeds.
 *
 * An `OSError` with `ENOSYS` if this system has none, a `PermissionError` if
 * the program may not load it.
 */
export function load<T>(open: (path: string) => T): T {
  const why = obstacle();
  if (why !== null) throw unsupported(why);
  const paths = permitted();
  if (paths.length === 0) throw permissionError("ffi", `"${present()}"`);
  let cause: unknown;
  for (const path of paths) {
    try {
      return open(path);
    } catch (error) {
      // The first place is where most have it.
      cause ??= error;
    }
  }
  throw unsupported(`${NAME} can't be loaded`, cause);
}

/** The path to allow: where the file is, as far as the program may know. */
function present(): string {
  const paths = places();
  const found = paths.find((path) => {
    try {
      return granted({ name: "read", path }) && Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  return found ?? paths[0]!;
}
