/**
 * The system's network databases: hosts, services and protocols.
 *
 * @module
 */

import { raiseExhausted } from "./exhausted.ts";

const WINDOWS = "C:\\Windows\\System32\\drivers\\etc\\";

/** Where Windows calls a file by another name than Unix. */
const WINDOWS_NAMES: Record<string, string> = { protocols: "protocol" };

/** An entry of `/etc/services` or `/etc/protocols`. */
export interface Entry {
  /** The official name. */
  readonly name: string;
  /** The port or the protocol's number. */
  readonly number: number;
  /** The protocol of a service; empty for a protocol. */
  readonly proto: string;
  /** Other names. */
  readonly aliases: readonly string[];
}

/**
 * The text of a database, `undefined` if the program may not read it or the
 * system has none. Never asks the user for permission.
 */
export function readDatabase(
  name: "hosts" | "services" | "protocols",
): string | undefined {
  const path = Deno.build.os === "windows"
    ? WINDOWS + (WINDOWS_NAMES[name] ?? name)
    : `/etc/${name}`;
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") {
    return;
  }
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    raiseExhausted(error);
    // A system without the file is one with an empty one.
    return;
  }
}

/** The fields of the lines of a database, without comments. */
export function* lines(
  database: string,
): Generator<[first: string, ...others: string[]]> {
  for (const line of database.split("\n")) {
    const [first, ...others] = line.replace(/#[^]*/, "").match(/[^\t-\r ]+/g) ??
      [];
    if (first !== undefined) yield [first, ...others];
  }
}

/** The entries of a database of services (`80/tcp`) or protocols (`6`). */
export function* entries(database: string): Generator<Entry> {
  for (const [name, key, ...aliases] of lines(database)) {
    const [number = "", proto = ""] = key?.split("/") ?? [];
    if (/^[0-9]+$/.test(number)) {
      yield { name, number: Number(number), proto, aliases };
    }
  }
}

/** Whether an entry goes by a name; case counts. */
export function named(entry: Entry, name: string): boolean {
  return entry.name === name || entry.aliases.includes(name);
}
