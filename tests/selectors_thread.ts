/**
 * What the threads of the tests of selectors do.
 *
 * @module
 */

import { selectors, type socket } from "../mod.ts";

/** Echoes what comes, with a selector of the thread's own, until the end. */
export async function echo(conn: socket.Socket): Promise<void> {
  using own = conn;
  using sel = new selectors.DefaultSelector();
  sel.register(own, selectors.EVENT_READ);
  for await (const ready of sel) {
    for (const [{ fileobj }] of ready) {
      const data = await fileobj.recv(1024);
      if (data.length === 0) return;
      await fileobj.sendall(data);
    }
  }
}
