import { assertEquals } from "@std/assert";
import { testIf } from "./cases.ts";
import { isGnuLinux } from "./oracle.ts";
import { denoWithin, programText, withTransport } from "./peer.ts";

// A look-up that fails for want of a descriptor must not report that the name
// doesn't exist.

const PROGRAM = `
import { socket } from "./mod.ts";

const calls = {
  getaddrinfo: () => socket.getaddrinfo("localhost", 80),
  "getaddrinfo of one family": () => socket.getaddrinfo("localhost", 80, 2),
  gethostbyname: () => socket.gethostbyname("localhost"),
  gethostbyname_ex: () => socket.gethostbyname_ex("localhost"),
  gethostbyaddr: () => socket.gethostbyaddr("127.0.0.1"),
  getnameinfo: () => socket.getnameinfo(["127.0.0.1", 80], 0),
  create_connection: () => socket.create_connection(["localhost", 1]),
  "nobody's name": () => socket.getaddrinfo("nobody.invalid", 80),
  sendto: async () => {
    using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    await s.sendto("x", ["localhost", 9]);
  },
};
if (Deno.args[0] === "all") {
  Object.assign(calls, {
    getservbyname: () => socket.getservbyname("http"),
    getprotobyname: () => socket.getprotobyname("tcp"),
    if_nameindex: () => socket.if_nameindex(),
    if_nametoindex: () => socket.if_nametoindex("lo"),
  });
}
// Deno panics if it can't have the descriptors that signals need.
Deno.addSignalListener("SIGUSR2", () => {});
const files = [];
try {
  for (;;) files.push(Deno.openSync("/dev/null"));
} catch {
  // That was the last free descriptor.
}
const results = [];
for (const [name, call] of Object.entries(calls)) {
  try {
    await call();
    results.push([name, "succeeded"]);
  } catch (error) {
    if (error.errno !== 24) results.push([name, String(error)]);
  }
}
for (const file of files) file.close();
await socket.getaddrinfo("localhost", 80);
try {
  await socket.getaddrinfo("nobody.invalid", 80);
} catch (error) {
  results.push(error.name);
}
console.log(JSON.stringify(results));
Deno.exit(0);
`;

testIf(isGnuLinux, "look-ups without a descriptor left say so", async () => {
  const net = "--allow-net=localhost,127.0.0.1,nobody.invalid";
  for (
    const [flags, arg] of [
      [[net, "--allow-read=/dev/null"], "few"],
      [["--allow-all"], "all"],
    ] as const
  ) {
    await using child = denoWithin(
      256,
      withTransport(flags),
      programText(PROGRAM),
      arg,
    );
    assertEquals(JSON.parse(await child.rest()), ["gaierror"], arg);
  }
});
