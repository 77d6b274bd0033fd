/**
 * What the type checker says of calls of threads: `deno check` fails where one
 * of these lines has no error, or another one has. Nothing here is called.
 *
 * @module
 */

import { type socket, thread, threading } from "../mod.ts";

declare const conn: socket.Socket;

function none(): void {}
function numbered(_conn: socket.Socket, _n: number, _text?: string): void {}
async function settings(
  _conn: socket.Socket,
  _options: { delay: number },
): Promise<void> {}
function any(..._all: number[]): void {}
function generic<T>(_one: T, _more: T[]): void {}

class Own extends threading.Thread {
  constructor(readonly n: number) {
    super({ name: "own", daemon: true });
  }
}

class Given extends threading.Thread {
  constructor() {
    super({ target: numbered, args: [conn, 1] });
  }
}

Deno.test("threads check the arguments of their functions", () => {
  const check = () => {
    const threads: threading.Thread[] = [new Own(1), new Given()];
    threads.push(new threading.Thread());
    threads.push(new threading.Thread({ name: "mine" }));
    threads.push(new threading.Thread({ target: none, daemon: true }));
    threads.push(new threading.Thread({ target: numbered, args: [conn, 1] }));
    new threading.Thread({ target: numbered, args: [conn, 1, "a"] });
    new threading.Thread({ target: any });
    new threading.Thread({ target: any, args: [1, 2, 3] });
    new threading.Thread({ target: generic, args: [1, [2]] });
    new threading.Thread({ target: settings, args: [conn, { delay: 1 }] });
    new threading.Thread({
      target: settings,
      args: [conn],
      kwargs: { delay: 1 },
    });
    new threading.Timer(1, none);
    new threading.Timer(1, numbered, [conn, 1]);
    new threading.Timer(1, settings, [conn], { delay: 1 });

    // @ts-expect-error: an argument is missing
    new threading.Thread({ target: numbered, args: [conn] });
    // @ts-expect-error: all are missing
    new threading.Thread({ target: numbered });
    // @ts-expect-error: one has another type
    new threading.Thread({ target: numbered, args: [conn, "1"] });
    // @ts-expect-error: there is one too many
    new threading.Thread({ target: none, args: [1] });
    // @ts-expect-error: there is one too many
    new threading.Thread({ target: numbered, args: [conn, 1, "a", 2] });
    // @ts-expect-error: the last one has other properties
    new threading.Thread({ target: settings, args: [conn], kwargs: { n: 1 } });
    // @ts-expect-error: it isn't a function
    new threading.Thread({ target: "none" });
    // @ts-expect-error: nothing takes the arguments
    new threading.Thread({ args: [1] });
    // @ts-expect-error: the first argument is an object with options
    new threading.Thread(none);
    // @ts-expect-error: an argument is missing
    new threading.Timer(1, numbered);
    // @ts-expect-error: one has another type
    new threading.Timer(1, numbered, [conn, "1"]);
  };
  void check;
});

Deno.test("start_new_thread() checks the arguments of its function", () => {
  const check = () => {
    thread.start_new_thread(none);
    thread.start_new_thread(none, []);
    thread.start_new_thread(numbered, [conn, 1]);
    thread.start_new_thread(numbered, [conn, 1, "a"], null, {});
    thread.start_new_thread(settings, [conn], { delay: 1 });
    thread.start_new_thread(generic, [1, [2]]);
    const args = [conn, 1] as const;
    thread.start_new_thread(numbered, args);
    thread.start_joinable_thread(none).join();
    thread.start_joinable_thread(numbered, [conn, 1]).join();

    // @ts-expect-error: all arguments are missing
    thread.start_new_thread(numbered);
    // @ts-expect-error: one is missing
    thread.start_new_thread(numbered, [conn]);
    // @ts-expect-error: one has another type
    thread.start_new_thread(numbered, [conn, "1"]);
    // @ts-expect-error: there is one too many
    thread.start_new_thread(none, [1]);
    // @ts-expect-error: the last one has other properties
    thread.start_new_thread(settings, [conn], { n: 1 });
    // @ts-expect-error: one has another type
    thread.start_joinable_thread(numbered, [conn, "1"]);
  };
  void check;
});

Deno.test("a lock is held in one way", () => {
  const check = async () => {
    for (
      const lock of [
        new threading.Lock(),
        new threading.RLock(),
        new threading.Condition(),
        new threading.Semaphore(),
      ]
    ) {
      using _held = await lock.hold();
      // @ts-expect-error: the lock itself isn't disposable
      using _lock = lock;
      // @ts-expect-error: nor is the promise, before it is awaited
      using _promise = lock.hold();
      // @ts-expect-error: nor does it help to await the end of the block
      await using _late = lock.hold();
      // @ts-expect-error: a promise is always true
      if (lock.acquire(false)) lock.release();
    }
  };
  void check;
});
