/**
 * Waiting for many sockets at once, each with data of the program's, under the
 * names of Python's
 * [`selectors`](https://docs.python.org/3/library/selectors.html) module.
 *
 * {@linkcode DefaultSelector} is the one to use: a wait costs as much as is
 * ready, however much is registered. Its first type argument is the type of the
 * data, which `select()` returns with each object that is ready.
 *
 * @example Python's echo server
 * ```ts
 * import * as selectors from "jsr:@berkeley/socket/selectors";
 * import * as socket from "jsr:@berkeley/socket/socket";
 *
 * const sel = new selectors.DefaultSelector<typeof accept>();
 *
 * async function accept(sock: socket.Socket) {
 *   const [conn, addr] = await sock.accept();
 *   console.log("accepted", conn, "from", addr);
 *   conn.setblocking(false);
 *   sel.register(conn, selectors.EVENT_READ, read);
 * }
 *
 * async function read(conn: socket.Socket) {
 *   const data = await conn.recv(1000);
 *   if (data.length > 0) {
 *     await conn.send(data); // Hope it won't block.
 *   } else {
 *     sel.unregister(conn);
 *     conn.close();
 *   }
 * }
 *
 * if (import.meta.main) {
 *   const sock = socket.socket();
 *   sock.bind(["localhost", 1234]);
 *   sock.listen(100);
 *   sock.setblocking(false);
 *   sel.register(sock, selectors.EVENT_READ, accept);
 *
 *   while (true) {
 *     const events = await sel.select();
 *     for (const [key] of events) {
 *       const callback = key.data;
 *       await callback(key.fileobj);
 *     }
 *   }
 * }
 * ```
 *
 * @module selectors
 */

export { BaseSelector } from "./selectors/base.ts";
export { EpollSelector } from "./selectors/epoll.ts";
export { EpollSelector as DefaultSelector } from "./selectors/epoll.ts";
export {
  type DataArgument,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  type ReadyKey,
  SelectorKey,
} from "./selectors/key.ts";
export { PollSelector } from "./selectors/poll.ts";
export { SelectSelector } from "./selectors/select.ts";
