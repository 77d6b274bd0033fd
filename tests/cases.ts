/**
 * Tests that come to an end, and leave nothing open or under way.
 *
 * @module
 */

import { transport } from "../socket/transport/default.ts";

/**
 * Milliseconds after which a test counts as one that never ends. The longest one
 * takes a twentieth of it, if the machine has nothing else to do.
 */
const LIMIT = 120_000;

type Body = () => void | Promise<void>;

/** A test. */
export function test(name: string, fn: Body): void {
  testIf(true, name, fn);
}

/** A test of what lends Deno's sockets to threads: native ones go themselves. */
export function testRelay(name: string, fn: Body): void {
  testIf(transport.name !== "native", name, fn);
}

/** A test that is ignored unless a condition holds. */
export function testIf(condition: boolean, name: string, fn: Body): void {
  Deno.test({
    name,
    async fn() {
      try {
        await fn();
      } finally {
        await transport.idle?.();
      }
    },
    ignore: !condition,
    timeout: LIMIT,
    sanitizeOps: true,
    sanitizeResources: true,
  });
}
