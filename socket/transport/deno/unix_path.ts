/**
 * The files that name Unix sockets.
 *
 * When Deno closes a listener, it removes any file that has the path by then:
 * another server's socket, or a file of the user's. With an accept under way it
 * does so only when the event loop turns.
 *
 * @module
 */

/** Identifies a file independently of its path. */
export interface Identity {
  readonly dev: number;
  readonly ino: number | null;
}

/** The file at a path, if there is one. Links are not followed. */
export function fileAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}

/** Whether a file is the one that was identified. */
export function isSame(file: Identity | null, known: Identity): boolean {
  return file?.dev === known.dev && file.ino === known.ino;
}

/** Removes a file, unless the path is free or another file's by now. */
export function remove(path: string, known: Identity): void {
  if (!isSame(fileAt(path), known)) return;
  try {
    Deno.removeSync(path);
  } catch {
    // Another program changed the folder meanwhile.
  }
}

/** A second name for a file, in the same folder; `null` if it can't have one. */
function secondName(path: string): string | null {
  const name = path.slice(0, path.lastIndexOf("/") + 1) +
    `.${crypto.randomUUID()}`;
  try {
    Deno.linkSync(path, name);
    return name;
  } catch {
    return null;
  }
}

/** Gives a file its path back, unless that is taken. */
function restore(path: string, name: string | null): void {
  if (name === null) return;
  try {
    if (fileAt(path) === null) Deno.linkSync(name, path);
    Deno.removeSync(name);
  } catch {
    // Another program changed the folder meanwhile.
  }
}

/** Paths that Deno is going to remove, with second names of the files there. */
const doomed = new Map<string, string | null>();

/** Keeps a new file, though Deno may be going to remove its path. */
export function spare(path: string): void {
  const name = doomed.get(path);
  if (name === undefined) return;
  if (name !== null) Deno.removeSync(name);
  doomed.set(path, secondName(path));
}

/**
 * Closes a listener of Deno's, which removes its path, and keeps the file that
 * is there now or comes to be there before Deno does so.
 *
 * @param accepting The accept under way: Deno removes the path when it ends.
 */
export function closeSparing(
  path: string,
  close: () => void,
  accepting: Promise<unknown> | null,
): void {
  const name = secondName(path);
  close();
  if (accepting === null) return restore(path, name);
  doomed.set(path, name);
  const end = () => {
    restore(path, doomed.get(path) ?? null);
    doomed.delete(path);
  };
  accepting.then(end, end);
}
