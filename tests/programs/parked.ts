/**
 * Threads that end by themselves while their poller waits, which the main thread
 * hears of only when they are gone: prints how many event loops and their
 * eventfds the process has more than before.
 *
 * @module
 */

import "../../socket/transport/native/mod.ts";
import { socket, thread } from "../../mod.ts";
import { turn } from "../../socket/reactor/turn.ts";
import { readEach } from "./proc.ts";
import { step, type Steps, steps, taken } from "./steps.ts";

const THREADS = 3;
/** Milliseconds that a wait takes at most to begin on its own thread. */
const BEGUN = 50;
/** Milliseconds after which what is still open counts as leaked. */
const PATIENCE = 10_000;

export async function leave(
  conn: socket.Socket,
  closed: Steps,
): Promise<void> {
  conn.recv(1).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, BEGUN));
  step(closed, 1);
  self.close();
}

/** Whether a worker's thread is left. */
function isAnyLeft(): boolean {
  return readEach(
    "task",
    (path) => Deno.readTextFileSync(`${path}/comm`).startsWith("worker-"),
  ).includes(true);
}

function events(): number {
  return readEach("fd", (path) => Deno.readLinkSync(path))
    .filter((target) => target.startsWith("anon_inode:[event")).length;
}

if (import.meta.main) {
  let before = 0;
  for (let round = 0; round <= THREADS; round++) {
    const [peer, conn] = await socket.socketpair();
    const closed = steps();
    thread.start_new_thread(leave, [conn, closed]);
    await taken(closed, 1);
    // No event of the worker's arrives meanwhile.
    const deadline = performance.now() + PATIENCE;
    while (isAnyLeft() && performance.now() < deadline);
    // The end of its socket, which is closed last.
    await peer.recv(1);
    peer.close();
    // The first one has the process open what it keeps.
    if (round === 0) before = events();
  }
  const deadline = performance.now() + PATIENCE;
  while (events() > before && performance.now() < deadline) await turn();
  console.log(events() - before);
}
