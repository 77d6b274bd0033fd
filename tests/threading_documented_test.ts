import { assertEquals } from "@std/assert";
import { deno, type Peer, python, testWithPython } from "./peer.ts";
import type { Program } from "./programs/documented.ts";

/** The programs as they are on Python's pages, with times as short as ours. */
const originals: Record<Program, string> = {
  introduction: `
import threading
import time

def crawl(link, delay=3):
    print(f"crawl started for {link}\\n", end="")
    time.sleep(delay)  # Blocking I/O (simulating a network request)
    print(f"crawl ended for {link}\\n", end="")

links = [
    "https://python.org",
    "https://docs.python.org",
    "https://peps.python.org",
]

# Start threads for each link
threads = []
for link in links:
    # Using \`args\` to pass positional arguments and \`kwargs\` for keyword arguments
    t = threading.Thread(target=crawl, args=(link,), kwargs={"delay": 0.01})
    threads.append(t)

# Start each thread
for t in threads:
    t.start()

# Wait for all threads to finish
for t in threads:
    t.join()
`,
  local_data: `
import threading, queue

mydata = threading.local()

def show_local(q):
    q.put(json.dumps(list(mydata.__dict__)))
    mydata.number = 11
    q.put(mydata.number)

class MyLocal(threading.local):
    number = 2
    def __init__(self, /, **kw):
        self.__dict__.update(kw)
    def squared(self):
        return self.number ** 2

mylocal = MyLocal(color='red')

def show_mylocal(q):
    q.put(f"{mylocal.color} {mylocal.number} {mylocal.squared()}")
    mylocal.color = "green"
    q.put(mylocal.color)

mydata.number = 42
print(mydata.number)
mylocal.color = "blue"
q = queue.Queue()
for target in (show_local, show_mylocal):
    t = threading.Thread(target=target, args=(q,))
    t.start()
    t.join()
    print(q.get())
    print(q.get())
print(mydata.number)
print(mylocal.color, mylocal.squared())
`,
  condition: `
import threading
items = []
def an_item_is_available(): return bool(items)
def get_an_available_item(): print("consumed", items.pop())
def make_an_item_available(): items.append("an item")
cv = threading.Condition()

def consume():
    # Consume one item
    with cv:
        while not an_item_is_available():
            cv.wait()
        get_an_available_item()

def consume_with_wait_for():
    # Consume an item
    with cv:
        cv.wait_for(an_item_is_available)
        get_an_available_item()

def produce():
    # Produce one item
    with cv:
        make_an_item_available()
        cv.notify()

threads = [threading.Thread(target=f)
           for f in (consume, consume_with_wait_for, produce, produce)]
for t in threads: t.start()
for t in threads: t.join()
`,
  semaphore: `
import threading, time
opened = used = 0
class connectdb:
    def __init__(self):
        global opened, used
        with lock:
            assert opened < maxconnections
            opened += 1
            used += 1
    def close(self):
        global opened
        with lock: opened -= 1
lock = threading.Lock()

maxconnections = 5
# ...
pool_sema = threading.BoundedSemaphore(value=maxconnections)

def use_database():
    with pool_sema:
        conn = connectdb()
        try:
            time.sleep(0.001) # ... use connection ...
        finally:
            conn.close()

threads = [threading.Thread(target=use_database) for _ in range(20)]
for t in threads: t.start()
for t in threads: t.join()
print("open", opened, "used", used)
`,
  timer: `
from threading import Timer

def hello():
    print("hello, world")

t = Timer(0.05, hello)
t.start()  # after 30 seconds, "hello, world" will be printed
`,
  barrier: `
from threading import Barrier, Thread
listener = socket.socket()
listener.bind(("127.0.0.1", 0))

b = Barrier(2, timeout=20)

def server():
    listener.listen() # start_server()
    b.wait()
    connection, _ = listener.accept()
    connection.sendall(b"served") # process_server_connection(connection)
    connection.close()

def client():
    b.wait()
    connection = socket.create_connection(listener.getsockname())
    print(connection.recv(100).decode()) # process_client_connection(connection)

threads = [Thread(target=client), Thread(target=server)]
for t in threads: t.start()
for t in threads: t.join()
`,
  tasks: `
import threading
import queue

q = queue.Queue()

def worker():
    while True:
        item = q.get()
        print(f'Working on {item}')
        print(f'Finished {item}')
        q.task_done()

# Turn-on the worker thread.
threading.Thread(target=worker, daemon=True).start()

# Send thirty task requests to the worker.
for item in range(30):
    q.put(item)

# Block until all tasks are done.
q.join()
print('All work completed')
`,
  priorities: `
import queue
q = queue.PriorityQueue()
for n, data in ((3, "c"), (1, "a"), (2, "b")):
    q.put((n, data))
while not q.empty():
    priority_number, data = q.get()
    print(priority_number, data)
`,
};

/** Programs whose threads print in any order. */
const UNORDERED = new Set<string>(["introduction"]);

/** Runs the originals, one after the other, each with its name before it. */
const RUN = `
import threading
for name, original in json.loads(args[0]).items():
    say('==', name)
    exec(original, dict(globals()))
    for t in threading.enumerate():
        if t is not threading.main_thread() and not t.daemon: t.join()
    sys.stdout.flush()
`;

/** The outputs by the names of the programs. */
async function outputs(peer: Peer): Promise<Record<string, string[]>> {
  const parts = (await peer.rest()).split(/^== /m).slice(1);
  return Object.fromEntries(parts.map((part) => {
    const [name = "", ...lines] = part.split("\n");
    return [name, UNORDERED.has(name) ? lines.toSorted() : lines];
  }));
}

testWithPython("the examples of Python's pages print the same", async () => {
  await using theirs = python(RUN, JSON.stringify(originals));
  await using ours = deno(
    ["--allow-net=127.0.0.1", "--allow-read"],
    new URL("programs/documented.ts", import.meta.url).pathname,
    ...Object.keys(originals),
  );
  const [expected, found] = await Promise.all([theirs, ours].map(outputs));
  assertEquals(found, expected);
  assertEquals(Object.keys(expected!), Object.keys(originals));
});
