/**
 * Tests that come to an end, and leave nothing open or under way.
 *
 * @module
 */

/** Milliseconds: nothing here takes a tenth of it. */
const LIMIT = 30_000;

type Body = () => void | Promise<void>;

/** A test. */
export function test(name: string, fn: Body): void {
  testIf(true, name, fn);
}

/** A test that is ignored unless a condition holds. */
export function testIf(condition: boolean, name: string, fn: Body): void {
  Deno.test({
    name,
    fn,
    ignore: !condition,
    timeout: LIMIT,
    sanitizeOps: true,
    sanitizeResources: true,
  });
}
