/**
 * The programs of Python's pages about `threading` and `queue`, line by line.
 * Those run whose names follow; `threading_documented_test.ts` has the originals.
 *
 * @module
 */

import { queue, socket, threading } from "../../mod.ts";

/** Python's `time.sleep`. */
const sleep = (seconds: number) =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// threading, "Introduction"

export async function crawl(link: string, { delay = 3 } = {}) {
  console.log(`crawl started for ${link}`);
  await sleep(delay); // Blocking I/O (simulating a network request)
  console.log(`crawl ended for ${link}`);
}

async function introduction() {
  const links = [
    "https://python.org",
    "https://docs.python.org",
    "https://peps.python.org",
  ];

  // Start threads for each link
  const threads: threading.Thread[] = [];
  for (const link of links) {
    // Using `args` to pass positional arguments and `kwargs` for keyword arguments
    const t = new threading.Thread({
      target: crawl,
      args: [link],
      kwargs: { delay: 0.01 },
    });
    threads.push(t);
  }

  // Start each thread
  for (const t of threads) t.start();

  // Wait for all threads to finish
  for (const t of threads) await t.join();
}

// threading, "Thread-local data"; mydata may stand at the top, as each worker
// has its own one anyway.

const mydata = new threading.local();

export async function show_local(q: queue.Queue<string>) {
  await q.put(JSON.stringify(Object.keys(mydata)));
  mydata.number = 11;
  await q.put(String(mydata.number));
}

class MyLocal extends threading.local {
  number = 2;

  constructor(options: object) {
    super(options);
    Object.assign(this, options);
  }

  squared() {
    return this.number ** 2;
  }
}

const mylocal = new MyLocal({ color: "red" });

export async function show_mylocal(q: queue.Queue<string>) {
  await q.put(`${mylocal.color} ${mylocal.number} ${mylocal.squared()}`);
  mylocal.color = "green";
  await q.put(mylocal.color);
}

async function local_data() {
  mydata.number = 42;
  console.log(mydata.number);
  mylocal.color = "blue";
  const q = new queue.Queue<string>();
  for (const target of [show_local, show_mylocal]) {
    const t = new threading.Thread({ target, args: [q] });
    t.start();
    await t.join();
    console.log(await q.get());
    console.log(await q.get());
  }
  console.log(mydata.number);
  console.log(mylocal.color, mylocal.squared());
}

// threading, "Condition objects": the items are in a queue, as a list of one
// worker isn't that of another.

export async function consume(cv: threading.Condition, items: queue.Queue) {
  // Consume one item
  using _held = await cv.hold();
  while (!an_item_is_available(items)) await cv.wait();
  console.log("consumed", await get_an_available_item(items));
}

export async function consume_with_wait_for(
  cv: threading.Condition,
  items: queue.Queue,
) {
  // Consume an item
  using _held = await cv.hold();
  await cv.wait_for(() => an_item_is_available(items));
  console.log("consumed", await get_an_available_item(items));
}

export async function produce(cv: threading.Condition, items: queue.Queue) {
  // Produce one item
  using _held = await cv.hold();
  await make_an_item_available(items);
  cv.notify();
}

const an_item_is_available = (items: queue.Queue) => !items.empty();
const get_an_available_item = (items: queue.Queue) => items.get();
const make_an_item_available = (items: queue.Queue) => items.put("an item");

async function condition() {
  const cv = new threading.Condition();
  const items = new queue.Queue();
  const threads = [consume, consume_with_wait_for, produce, produce].map(
    (target) => new threading.Thread({ target, args: [cv, items] }),
  );
  for (const t of threads) t.start();
  for (const t of threads) await t.join();
}

// threading, "Semaphore example"

const maxconnections = 5;

export async function use_database(
  pool_sema: threading.BoundedSemaphore,
  counts: Int32Array,
) {
  using _held = await pool_sema.hold();
  const conn = connectdb(counts);
  try {
    await sleep(0.001); // ... use connection ...
  } finally {
    conn.close();
  }
}

function connectdb(counts: Int32Array) {
  if (Atomics.add(counts, 0, 1) >= maxconnections) throw new Error("too many");
  Atomics.add(counts, 1, 1);
  return { close: () => Atomics.sub(counts, 0, 1) };
}

async function semaphore() {
  const pool_sema = new threading.BoundedSemaphore(maxconnections);
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const threads = Array.from(
    { length: 20 },
    () =>
      new threading.Thread({ target: use_database, args: [pool_sema, counts] }),
  );
  for (const t of threads) t.start();
  for (const t of threads) await t.join();
  console.log("open", counts[0], "used", counts[1]);
}

// threading, "Timer objects"

export function hello() {
  console.log("hello, world");
}

async function timer() {
  const t = new threading.Timer(0.05, hello);
  t.start(); // after 30 seconds, "hello, world" will be printed
  await t.join();
}

// threading, "Barrier objects"

export async function server(b: threading.Barrier, listener: socket.Socket) {
  listener.listen(); // start_server()
  await b.wait();
  const [connection] = await listener.accept();
  await connection.sendall("served"); // process_server_connection(connection)
  connection.close();
  listener.close();
}

export async function client(b: threading.Barrier, address: socket.Address) {
  await b.wait();
  const connection = await socket.create_connection(address);
  const data = await connection.recv(100); // process_client_connection(...)
  console.log(new TextDecoder().decode(data));
  connection.close();
}

async function barrier() {
  const b = new threading.Barrier(2, null, 20);
  const listener = socket.socket();
  listener.bind(["127.0.0.1", 0]);
  const address = listener.getsockname();
  const threads = [
    new threading.Thread({ target: client, args: [b, address] }),
    new threading.Thread({ target: server, args: [b, listener] }),
  ];
  for (const t of threads) t.start();
  for (const t of threads) await t.join();
}

// queue, the example of Queue.join()

export async function worker(q: queue.Queue<number>) {
  while (true) {
    const item = await q.get();
    console.log(`Working on ${item}`);
    console.log(`Finished ${item}`);
    q.task_done();
  }
}

async function tasks() {
  const q = new queue.Queue<number>();

  // Turn-on the worker thread.
  new threading.Thread({ target: worker, args: [q], daemon: true }).start();

  // Send thirty task requests to the worker.
  for (let item = 0; item < 30; item++) await q.put(item);

  // Block until all tasks are done.
  await q.join();
  console.log("All work completed");
}

// queue, PriorityQueue: "A typical pattern for entries is a tuple"

async function priorities() {
  const q = new queue.PriorityQueue<[number, string]>();
  for (const [n, data] of [[3, "c"], [1, "a"], [2, "b"]] as const) {
    await q.put([n, data]);
  }
  while (!q.empty()) {
    const [priority_number, data] = await q.get();
    console.log(priority_number, data);
  }
}

const programs = {
  introduction,
  local_data,
  condition,
  semaphore,
  timer,
  barrier,
  tasks,
  priorities,
};

export type Program = keyof typeof programs;

if (import.meta.main) {
  for (const name of Deno.args) {
    console.log("==", name);
    await programs[name as Program]();
  }
}
