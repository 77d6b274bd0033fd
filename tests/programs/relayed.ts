/**
 * Functions of threads that use sockets which stay in another one.
 *
 * @module
 */

import { socket, type thread } from "../../mod.ts";
import { fill, pattern } from "../traffic.ts";
import { outcome, type Told } from "./states.ts";

/** Sends as much as a peer that reads late will take, and ends. */
export async function sendAndLeave(
  conn: socket.Socket,
  hows: number[],
  told: Told,
): Promise<void> {
  conn.setblocking(false);
  const sent = await fill(conn);
  for (const how of hows) conn.shutdown(how);
  conn.close();
  await told.put(sent);
}

/** Reads so many bytes, or to the end, and gives the socket back. */
export async function readSome(
  conn: socket.Socket,
  count: number,
  back: thread.SimpleQueue<socket.Socket>,
): Promise<void> {
  while (count > 0) {
    const { length } = await conn.recv(Math.min(count, 1000));
    if (length === 0) break;
    count -= length;
  }
  await back.put(conn);
}

/** Detaches the buffer that it is sending, in one way or another. */
export async function detach(
  conn: socket.Socket,
  size: number,
  told: Told,
): Promise<void> {
  using _ = conn;
  const data = pattern(size);
  const memory = new ArrayBuffer(size, { maxByteLength: size });
  const shrinking = new Uint8Array(memory);
  shrinking.set(data);
  for (const bytes of [data, shrinking]) {
    const sending = outcome(() => conn.sendall(bytes));
    const behind = outcome(() => conn.sendall("next"));
    if (bytes === shrinking) memory.resize(1);
    else structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    // The peer begins to read.
    await told.put("detached");
    await told.put(await sending);
    await told.put(await behind);
    // The peer has seen where this ends.
    await conn.recv(1);
  }
}

/** Answers each message: a bystander that must not be disturbed. */
export async function answerAll(conn: socket.Socket): Promise<void> {
  using _ = conn;
  for (;;) {
    const data = await conn.recv(100);
    if (data.length === 0) return;
    await conn.sendall(data);
  }
}

/** Arguments that are too long, in a thread that has to ask the owner. */
export async function tooLong(
  unix: socket.Socket,
  tcp: socket.Socket,
  told: Told,
): Promise<void> {
  using _ = unix;
  using __ = tcp;
  const path = `/nowhere/${"a".repeat(3 << 20)}`;
  const value = new Uint8Array(600_000).fill(255);
  const { SOL_SOCKET, SO_KEEPALIVE, SO_RCVTIMEO } = socket;
  const acts = [
    () => unix.bind(path),
    () => unix.connect(path),
    () => tcp.setsockopt(SOL_SOCKET, SO_RCVTIMEO, value),
    () => tcp.setsockopt(SOL_SOCKET, SO_KEEPALIVE, value),
    () => tcp.getsockopt(SOL_SOCKET, SO_KEEPALIVE),
  ];
  const outcomes: unknown[] = [];
  for (const act of acts) outcomes.push(await outcome(act));
  await told.put(outcomes);
}

/** Opens sockets for the main thread, and stays until it is told to go. */
export async function open(
  address: socket.Address,
  given: thread.Queue<socket.Socket>,
): Promise<void> {
  const udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  udp.bind(["127.0.0.1", 0]);
  const shared = [socket.socket(), socket.socket(socket.AF_INET, udp.type)];
  const sockets = [
    await socket.create_connection(address),
    udp,
    // New ones of which a share stays here are relayed too.
    ...shared.map((each) => each.dup()),
  ];
  for (const each of sockets) await given.put(each);
  await given.join();
  for (const each of shared) each.close();
}

/** Says where a new socket is after it has sent a datagram. */
export async function portAfterSending(
  s: socket.Socket,
  to: socket.Address,
  told: Told,
): Promise<void> {
  using _ = s;
  await told.put(await outcome(() => s.getsockname()));
  await s.sendto("x", to);
  await told.put(await outcome(() => s.getsockname()));
}

/** Gives its socket away and gets it back, while it has a share in it. */
export async function keepShare(
  conn: socket.Socket,
  given: thread.SimpleQueue<socket.Socket>,
  back: thread.SimpleQueue<socket.Socket>,
  told: Told,
): Promise<void> {
  const share = conn.dup();
  await given.put(conn);
  using again = await back.get();
  share.close();
  await told.put(await outcome(() => again.sendall("still open")));
}
