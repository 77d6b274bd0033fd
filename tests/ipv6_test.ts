import { assertEquals } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { bound, type Inet, testIPv6 } from "./bound.ts";
import { throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const { AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY } = socket;

testIPv6("IPv6 addresses have four parts", async () => {
  using server = socket.create_server(["::1", 0], { family: AF_INET6 });
  const name = server.getsockname();
  assertEquals([name[0], ...name.slice(2)], ["::1", 0, 0]);
  for (const address of [name, name.slice(0, 2), name.slice(0, 3)]) {
    using client = socket.socket(AF_INET6);
    await client.connect(address as Inet);
    const [conn, peer] = await server.accept();
    using accepted = conn;
    assertEquals(peer, client.getsockname());
    assertEquals(peer.length, 4);
    assertEquals(peer[0], "::1");
    assertEquals(client.getpeername(), name);
    assertEquals(accepted.getsockname(), name);
    assertEquals(accepted.family, AF_INET6);
    await client.sendall("six");
    assertEquals(text(await accepted.recv(10)), "six");
  }
});

testIPv6("bind() before connect() works over IPv6", async () => {
  using server = socket.create_server(["::1", 0], { family: AF_INET6 });
  using client = bound("::1");
  const name = client.getsockname();
  await client.connect(server.getsockname());
  const [conn, peer] = await server.accept();
  conn.close();
  assertEquals([peer, client.getsockname()], [name, name]);
});

testIPv6("a socket at `::` serves IPv4 too", async () => {
  using server = socket.socket(AF_INET6);
  server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  server.bind(["::", 0]);
  server.listen();
  const port = server.getsockname()[1] as number;
  assertEquals(server.getsockname(), ["::", port, 0, 0]);
  for (
    const [address, seen] of [
      ["127.0.0.1", "::ffff:127.0.0.1"],
      ["::1", "::1"],
    ] as const
  ) {
    using client = await socket.create_connection([address, port]);
    const [conn, peer] = await server.accept();
    using accepted = conn;
    const [, from] = client.getsockname() as Inet;
    assertEquals(peer, [seen, from, 0, 0]);
    assertEquals(accepted.getpeername(), peer);
    assertEquals(accepted.getsockname(), [seen, port, 0, 0]);
  }
});

testIPv6("IPV6_V6ONLY is set, or says that it can't be", () => {
  using six = socket.socket(AF_INET6);
  assertEquals(six.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY), 0);
  const set = () => six.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (native) {
    set();
    six.bind(["::", 0]);
    const port = six.getsockname()[1] as number;
    using four = bound("127.0.0.1", port);
    assertEquals(four.getsockname()[1], port);
  } else throws(errno.ENOPROTOOPT, set);
  // A single IPv6 address is never shared with IPv4 anyway.
  using s = bound("::1");
  using other = bound("127.0.0.1", s.getsockname()[1] as number);
  assertEquals(other.getsockname()[1], s.getsockname()[1]);
});
