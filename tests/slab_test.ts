import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Slab } from "../socket/slab.ts";

Deno.test("a slab is a map that uses its numbers again", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 })), (steps) => {
      const table = new Slab<{ step: number }>(3);
      const model = new Map<number, { step: number }>();
      let most = 0;
      for (const step of steps) {
        const [oldest] = model.keys();
        if (step < 4 && oldest !== undefined) {
          table.release(oldest);
          model.delete(oldest);
        } else {
          const number = table.reserve();
          assertEquals(model.has(number), false);
          table.set(number, { step });
          model.set(number, { step });
        }
        most = Math.max(most, model.size);
        for (let number = 0; number < 3 + most; number++) {
          assertEquals(table.get(number), model.get(number));
        }
        assertEquals(
          table.values().map(({ step }) => step).toSorted(),
          [...model.values()].map(({ step }) => step).toSorted(),
        );
      }
    }),
  );
});
