/**
 * The folders of `/proc/self`, which tell the descriptors and the threads of
 * this process.
 *
 * @module
 */

/** Reads each entry of a folder of `/proc/self`, but for those that are gone. */
export function readEach<T>(
  folder: "fd" | "task",
  read: (path: string, name: string) => T,
): T[] {
  const path = `/proc/self/${folder}`;
  const found: T[] = [];
  for (const { name } of Deno.readDirSync(path)) {
    try {
      found.push(read(`${path}/${name}`, name));
    } catch {
      // It has ended, or is the descriptor of the listing itself.
    }
  }
  return found;
}
