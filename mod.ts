/**
 * Berkeley sockets for Deno: Python's `socket`, `select`, `_thread` and `errno`
 * modules, with the same names, modes and errors. Each is a namespace:
 *
 * - {@linkcode socket}: TCP, UDP and Unix sockets, names and addresses, files
 *   over sockets;
 * - {@linkcode select}: waiting for many sockets at once, with `select()`,
 *   `poll()` and `epoll()`;
 * - {@linkcode selectors}: the same, with data of the program's for each socket;
 * - {@linkcode ssl}: TLS over stream sockets;
 * - {@linkcode thread}: threads on Web Workers, to which connections can be
 *   given; locks and queues;
 * - {@linkcode threading}: the same threads as objects, and all that they wait
 *   for;
 * - {@linkcode queue}: queues between threads;
 * - {@linkcode errno}: the system's error numbers;
 * - {@linkcode native}: whether sockets of the system itself can be had, which
 *   `import "jsr:@berkeley/socket/native"` brings.
 *
 * Every call that may have to wait returns a promise, all others return at once;
 * an unnecessary `await` does no harm. A failure of the system is an `OSError`,
 * as in Python. A program needs `--allow-net`, and `--allow-read` if it starts
 * threads.
 *
 * @example An echo server, which serves all its clients at once
 * ```ts
 * import { socket } from "jsr:@berkeley/socket";
 *
 * async function echo(conn: socket.Socket) {
 *   using _ = conn; // Closes it at the end.
 *   while (true) {
 *     const data = await conn.recv(1024);
 *     if (data.length === 0) break;
 *     await conn.sendall(data);
 *   }
 * }
 *
 * if (import.meta.main) {
 *   const server = socket.create_server(["127.0.0.1", 50000]);
 *   while (true) {
 *     const [conn] = await server.accept();
 *     echo(conn).catch(console.error); // Not awaited: the next client's turn.
 *   }
 * }
 * ```
 *
 * @example A client
 * ```ts
 * import { socket } from "jsr:@berkeley/socket";
 *
 * if (import.meta.main) {
 *   using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 *   s.settimeout(5); // In seconds; socket.TimeoutError is what it raises.
 *   await s.connect(["127.0.0.1", 50000]);
 *   await s.sendall("Hello, world");
 *   const data = await s.recv(1024);
 *   console.log("Received", new TextDecoder().decode(data));
 * }
 * ```
 *
 * @example The same server with `select()`
 * ```ts
 * import { select, socket } from "jsr:@berkeley/socket";
 *
 * if (import.meta.main) {
 *   const server = socket.create_server(["127.0.0.1", 50000]);
 *   const inputs = [server];
 *   for await (const [readable] of select.select(inputs, [], inputs)) {
 *     for (const s of readable) {
 *       if (s === server) {
 *         const [conn] = await s.accept();
 *         inputs.push(conn);
 *         continue;
 *       }
 *       const data = await s.recv(1024);
 *       if (data.length > 0) {
 *         await s.sendall(data);
 *       } else {
 *         inputs.splice(inputs.indexOf(s), 1);
 *         s.close();
 *       }
 *     }
 *   }
 * }
 * ```
 *
 * @example A thread for every client
 * ```ts
 * import { socket, thread } from "jsr:@berkeley/socket";
 *
 * // A thread finds its function by name, so it must be exported.
 * export async function client_thread(conn: socket.Socket, n: number) {
 *   const request = await conn.recv(12);
 *   if (request.length > 0) await conn.send(String(n));
 *   conn.close();
 * }
 *
 * // Every thread loads this module; only the program itself is the main one.
 * if (import.meta.main) {
 *   const server = socket.create_server(["127.0.0.1", 6543]);
 *   for (let n = 0;; n++) {
 *     const [conn] = await server.accept();
 *     thread.start_new_thread(client_thread, [conn, n]);
 *   }
 * }
 * ```
 *
 * @module @berkeley/socket
 */

/**
 * The BSD socket interface, under the names of Python's
 * [`socket`](https://docs.python.org/3/library/socket.html) module.
 */
export * as socket from "./socket/mod.ts";

/**
 * Waiting for many sockets at once, under the names of Python's
 * [`select`](https://docs.python.org/3/library/select.html) module.
 */
export * as select from "./select/mod.ts";

/**
 * Waiting for many sockets at once, each with data of the program's, under the
 * names of Python's
 * [`selectors`](https://docs.python.org/3/library/selectors.html) module.
 */
export * as selectors from "./select/selectors.ts";

/**
 * TLS for stream sockets, under the names of Python's
 * [`ssl`](https://docs.python.org/3/library/ssl.html) module.
 */
export * as ssl from "./socket/ssl.ts";

/**
 * Threads on workers, under the names of Python's
 * [`_thread`](https://docs.python.org/3/library/_thread.html) module; its locks,
 * and the queues of [`queue`](https://docs.python.org/3/library/queue.html).
 */
export * as thread from "./thread/mod.ts";

/**
 * Threads as objects and what they wait for, under the names of Python's
 * [`threading`](https://docs.python.org/3/library/threading.html) module.
 */
export * as threading from "./thread/threading.ts";

/**
 * Queues between threads, under the names of Python's
 * [`queue`](https://docs.python.org/3/library/queue.html) module.
 */
export * as queue from "./thread/queue.ts";

/**
 * The system's error numbers, under the names of Python's
 * [`errno`](https://docs.python.org/3/library/errno.html) module.
 */
export * as errno from "./errno.ts";

/**
 * Whether native sockets can be had: those that
 * `import "jsr:@berkeley/socket/native"` brings.
 */
export * as native from "./socket/native.ts";
