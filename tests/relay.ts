/**
 * Sockets that are lent over a link whose two ends are in this thread.
 *
 * @module
 */

import * as socket from "../socket/mod.ts";
import { AF_INET, SOCK_STREAM } from "../socket/constants.ts";
import { openDescriptor } from "../socket/descriptors.ts";
import { Link, linkMemory } from "../socket/link/link.ts";
import { createEndpoint } from "../socket/transport/deno/mod.ts";
import type { Endpoint } from "../socket/transport/transport.ts";
import { Channel } from "../socket/transport/relay/channel.ts";
import { turn } from "../socket/reactor/turn.ts";

/** Both ends of a link between this thread and itself. */
function loop(): [lender: Channel, borrower: Channel, links: [Link, Link]] {
  const memory = linkMemory();
  const port = (other: () => Link) => ({
    postMessage(message: unknown) {
      queueMicrotask(() => other().arrived(message as [number, unknown]));
    },
  });
  const near: Link = new Link(memory, port(() => far), true);
  const far = new Link(memory, port(() => near), false, () => near.poll());
  const channelOf = (link: Link, blocks: boolean) => {
    const channel = new Channel(link, { blocks, hold() {} });
    link.open({ receive: channel.receive, message() {} });
    return channel;
  };
  return [channelOf(near, false), channelOf(far, true), [near, far]];
}

const [lender, borrower, links] = loop();

/**
 * A socket whose endpoint is at the other end.
 *
 * @param hops How often the endpoint was lent, to and fro.
 */
export function relayed(
  family: number = AF_INET,
  type: number = SOCK_STREAM,
  hops = 1,
): socket.Socket {
  let endpoint: Endpoint = createEndpoint(family, type, 0);
  for (let hop = 0; hop < hops; hop++) {
    const [from, to] = hop % 2 ? [borrower, lender] : [lender, borrower];
    // A thread would be told of the loan behind all that was sent before.
    for (const link of links) link.poll();
    const stub = from.lend(endpoint);
    endpoint = to.borrow(stub.lent);
    stub.start();
  }
  return socket.socket(-1, -1, -1, openDescriptor(endpoint));
}

/**
 * Runs a test with a link: keeps the process alive, and waits until sockets
 * closed at one end are closed at the other.
 */
export function session(): AsyncDisposable {
  const timer = setInterval(() => {}, 1 << 30);
  return {
    async [Symbol.asyncDispose]() {
      for (let i = 0; i < 3; i++) {
        for (const link of links) link.poll();
        await turn();
      }
      clearInterval(timer);
    },
  };
}
