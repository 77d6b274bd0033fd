/**
 * The files that name Unix sockets.
 *
 * When Deno closes a listener it removes whatever has its name by then: another
 * server's socket, or a file of the user's. With an accept under way it does so
 * only when the event loop turns.
 *
 * @module
 */

/** Which file something is, whatever it is called. */
export interface Identity {
  readonly dev: number;
  readonly ino: number | null;
}

/** The file of that name, if there is one. A link is a file like others. */
export function fileAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}

/** Whether a file still is the one that it was. */
export function isSame(file: Identity | null, known: Identity): boolean {
  return file?.dev === known.dev && file.ino === known.ino;
}

/** Removes a file, unless it is gone or another one by now. */
export function remove(path: string, known: Identity): void {
  if (!isSame(fileAt(path), known)) return;
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody else was faster.
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

/** Puts a file back in its place, unless that is taken. */
function restore(path: string, name: string | null): void {
  if (name === null) return;
  try {
    if (fileAt(path) === null) Deno.linkSync(name, path);
    Deno.removeSync(name);
  } catch {
    // Somebody else was faster.
  }
}

/** Names that Deno is going to remove, with the second names of what is there. */
const doomed = new Map<string, string | null>();

/** To be called when a file was made: it stays though its name is doomed. */
export function spare(path: string): void {
  const name = doomed.get(path);
  if (name === undefined) return;
  if (name !== null) Deno.removeSync(name);
  doomed.set(path, secondName(path));
}

/**
 * Has Deno close a listener, which removes the file of that name. What is there
 * now, or will be there by then, is spared.
 *
 * @param accepting Ends when Deno has lost interest in the name.
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
