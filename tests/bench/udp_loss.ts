// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-run tests/bench/udp_loss.ts
//
// How many of 100,000 datagrams of 64 bytes that Python sends are received by
// recvfrom() in a loop, and how many by bare node:dgram. It takes half a minute.

import dgram from "node:dgram";
import { socket } from "../../mod.ts";

const COUNT = 100_000;
const SIZE = 64;
const ROUNDS = 3;
/** Datagrams a second; 0 for as many as Python can. */
const RATES = [20_000, 0];

/** Sends them, and then, when the receiver has had time, tells of the end. */
const SENDER = `
import socket, sys, time
port, count, size, rate = map(int, sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", port))
data = bytes(size)
start = time.perf_counter()
for i in range(count):
    # Never more than a few at once, whatever the clock's resolution is.
    if rate and i % 20 == 0:
        time.sleep(max(0, start + i / rate - time.perf_counter()))
    s.send(data)
print(time.perf_counter() - start)
for i in range(5):
    time.sleep(0.3)
    s.send(b"end")
`;

/** Counts datagrams up to the end; `listening` is told the port. */
type Receiver = (listening: (port: number) => void) => Promise<number>;

const RECEIVERS: Record<string, Receiver> = {
  async recvfrom(listening) {
    using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.bind(["127.0.0.1", 0]);
    listening(s.getsockname()[1] as number);
    for (let count = 0;; count++) {
      const [data] = await s.recvfrom(SIZE);
      if (data.length < SIZE) return count;
    }
  },
  async recvfrom_into(listening) {
    using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    s.bind(["127.0.0.1", 0]);
    listening(s.getsockname()[1] as number);
    const buffer = new Uint8Array(SIZE);
    for (let count = 0;; count++) {
      const [size] = await s.recvfrom_into(buffer);
      if (size < SIZE) return count;
    }
  },
  "node:dgram"(listening) {
    const s = dgram.createSocket("udp4");
    return new Promise((resolve) => {
      let count = 0;
      s.on("message", (data) => {
        if (data.length === SIZE) return count++;
        s.close();
        resolve(count);
      });
      s.bind(0, "127.0.0.1", () => listening(s.address().port));
    });
  },
};

/** One load for one receiver; how many were received, in how many seconds. */
async function measure(receive: Receiver, rate: number) {
  const port = Promise.withResolvers<number>();
  const received = receive(port.resolve);
  const { stdout } = await new Deno.Command("python3", {
    args: [
      "-c",
      SENDER,
      ...[await port.promise, COUNT, SIZE, rate].map(String),
    ],
  }).output();
  const seconds = Number(new TextDecoder().decode(stdout));
  return { count: await received, seconds };
}

for (const rate of RATES) {
  console.log(
    `\n${COUNT} datagrams of ${SIZE} bytes, ` +
      (rate === 0 ? "as fast as Python sends" : `${rate} a second`),
  );
  for (let round = 0; round < (rate === 0 ? ROUNDS : 1); round++) {
    for (const [name, receive] of Object.entries(RECEIVERS)) {
      const { count, seconds } = await measure(receive, rate);
      const lost = COUNT - count;
      console.log(
        name.padEnd(13),
        `received ${String(count).padStart(6)}`,
        `lost ${String(lost).padStart(6)}`,
        `(${(lost / COUNT * 100).toFixed(1).padStart(5)} %)`,
        `in ${seconds.toFixed(2)} s`,
      );
    }
  }
}
