// The clients of native_idle.ts: they stay connected, and some of them send a
// byte whenever the first connection says so.

const [port, count, ready] = Deno.args.map(Number) as [number, number, number];
const address = { hostname: "127.0.0.1", port };
const byte = new Uint8Array(1);

const control = await Deno.connect(address);
control.setNoDelay();
const conns: Deno.TcpConn[] = [];
while (conns.length < count) {
  const some = Array.from({ length: 50 }, () => Deno.connect(address));
  conns.push(...await Promise.all(some));
}
for (let next = 0; await control.read(byte) !== null;) {
  for (let i = 0; i < ready; i++, next += 997) {
    await conns[next % count]!.write(byte);
  }
  await control.write(byte);
}
Deno.exit();
