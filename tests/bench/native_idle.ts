// deno run -A tests/bench/native_idle.ts
//
// 10,000 open connections on native sockets: descriptors, memory of each, and
// the time of a wait that finds 10 of them ready. Beside it, the same in Python
// and in C, where there is an interpreter or a compiler. Needs `ulimit -n 11000`.

import "../../socket/transport/native/mod.ts";
import { select, socket } from "@berkeley/socket";

const COUNT = 10_000;
const READY = 10;
const ROUNDS = 300;

type Socket = socket.Socket;

/** Starts the clients; the first connection tells them when to send. */
function clients(port: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-net",
      import.meta.resolve("./native_idle_clients.ts"),
      ...[port, COUNT, READY].map(String),
    ],
    stdin: "null",
  }).spawn();
}

/** What a process has: descriptors, and memory in bytes. */
function usage(pid: number): [descriptors: number, memory: number] {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(status)!;
  const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  return [descriptors, Number(kilobytes) * 1024];
}

/** The middle one of the times, in microseconds. */
function median(times: number[]): number {
  return 1000 * times.sort((a, b) => a - b)[times.length >> 1]!;
}

function report(
  name: string,
  descriptors: number,
  memory: number,
  time: number,
): void {
  console.log(
    name.padEnd(14),
    `${descriptors} descriptors, ${Math.round(memory)} bytes a connection,`,
    `${time.toFixed(1)} µs a wait`,
  );
}

interface Waiter {
  register(s: Socket, events: number): void;
  poll(): PromiseLike<[Socket, number][]>;
}

async function native(name: string, waiter: Waiter): Promise<void> {
  using server = socket.create_server(["127.0.0.1", 0], { backlog: 4096 });
  const [, port] = server.getsockname() as [string, number];
  gc();
  const [, before] = usage(Deno.pid);
  const child = clients(port);
  const [control] = await server.accept();
  const all: Socket[] = [];
  while (all.length < COUNT) {
    const [s] = await server.accept();
    s.setblocking(false);
    waiter.register(s, select.POLLIN);
    all.push(s);
  }
  gc();
  const [descriptors, after] = usage(Deno.pid);
  const buffer = new Uint8Array(16);
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    await control.sendall("g");
    await control.recv(1);
    // poll() may report at first what the last call has brought along.
    let found = 0;
    let time = 0;
    while (found < READY) {
      const begin = performance.now();
      const ready = await waiter.poll();
      time += performance.now() - begin;
      found += ready.length;
      for (const [s] of ready) await s.recv_into(buffer);
    }
    times.push(time);
  }
  report(name, descriptors, (after - before) / COUNT, median(times));
  for (const s of [control, ...all]) s.close();
  await child.status;
}

/** The same in another language: a program that takes the port and the sizes. */
async function foreign(name: string, command: string[]): Promise<void> {
  const [program, ...args] = command as [string, ...string[]];
  const child = new Deno.Command(program, {
    args: [...args, ...[COUNT, ROUNDS].map(String)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  const [, before] = usage(child.pid);
  const all = clients(port);
  await lines.read();
  const [descriptors, after] = usage(child.pid);
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode("go\n"));
  const time = Number((await lines.read()).value);
  report(name, descriptors, (after - before) / COUNT, time);
  await input.close();
  await Promise.all([child.status, all.status]);
}

/** A function that collects garbage, if the runtime lends it. */
function gc(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

function exists(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const here = (name: string) => new URL(name, import.meta.url).pathname;

console.log("load average", Deno.loadavg().map((load) => load.toFixed(1)));
await native("native epoll", select.epoll<Socket>());
await native("native poll", select.poll<Socket>());
if (exists("python3")) {
  await foreign("Python epoll", ["python3", here("native_idle.py")]);
}
if (exists("gcc")) {
  const program = await Deno.makeTempFile();
  const args = ["-O2", "-o", program, here("native_idle.c")];
  await new Deno.Command("gcc", { args }).output();
  await foreign("C epoll", [program]);
  await Deno.remove(program);
}
