import fc from "fast-check";
import { socket } from "../mod.ts";
import { Model, type Side } from "./stream_model.ts";
import { native, testTcp } from "./transports.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } =
  socket;

/** Something that a program does, with a name for when that goes wrong. */
class Act {
  readonly #name: string;
  readonly #run: (model: Model) => void | Promise<void>;

  constructor(name: string, run: (model: Model) => void | Promise<void>) {
    this.#name = name;
    this.#run = run;
  }

  run(model: Model): void | Promise<void> {
    return this.#run(model);
  }

  toString(): string {
    return this.#name;
  }
}

// How many schedules. Another number may follow `--` on the command line of the tests.
const ROUNDS = Number(Deno.args[0] ?? 60);

const side = fc.constantFrom<Side>(0, 1);

/** A call of a method of the model. */
function act<A extends unknown[]>(
  name: string,
  run: (model: Model, ...args: A) => void | Promise<void>,
  ...args: { [I in keyof A]: fc.Arbitrary<A[I]> }
): fc.Arbitrary<Act> {
  return fc.tuple(...args).map((values) =>
    new Act(
      `${name}(${values.join(", ")})`,
      (model) => run(model, ...values as A),
    )
  );
}

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_000_000 }) },
  // All that fits: the way is full.
  { weight: 1, arbitrary: fc.constant(8_000_000) },
);

const transfer = fc.oneof(
  {
    weight: 6,
    arbitrary: act(
      "send",
      (model, ...args) => model.send(...args),
      side,
      size,
      fc.boolean(),
    ),
  },
  {
    weight: 6,
    arbitrary: act(
      "recv",
      (model, ...args) => model.recv(...args),
      side,
      size,
      fc.constantFrom(0, 0, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL),
      fc.boolean(),
    ),
  },
  {
    weight: 2,
    arbitrary: act(
      "beginRecv",
      (model, ...args) => model.beginRecv(...args),
      side,
      size,
      fc.boolean(),
    ),
  },
  {
    weight: 2,
    arbitrary: act(
      "beginSelect",
      (model, ...args) => model.beginSelect(...args),
      side,
    ),
  },
  {
    weight: 6,
    arbitrary: act(
      "look",
      (model, ...args) => model.look(...args),
      side,
      fc.constantFrom("select" as const, "poll" as const, "epoll" as const),
    ),
  },
  {
    weight: 3,
    arbitrary: act(
      "mode",
      (model, ...args) => model.mode(...args),
      side,
      fc.constantFrom(null, 0, 0, 5),
    ),
  },
  {
    weight: 1,
    arbitrary: act(
      "limit",
      (model, ...args) => model.limit(...args),
      side,
      fc.constantFrom(socket.SO_SNDBUF, socket.SO_RCVBUF),
      // With less than some segments the kernel waits for a timer each time.
      fc.constantFrom(...native ? [] : [1024, 10_000], 256 * 1024),
    ),
  },
);

const ending = fc.oneof(
  act(
    "shutdown",
    (model, ...args) => model.shutdown(...args),
    side,
    fc.constantFrom(SHUT_WR, SHUT_WR, SHUT_RD, SHUT_RDWR),
  ),
  act("close", (model, ...args) => model.close(...args), side),
);

const schedule = fc.tuple(
  fc.array(transfer, { maxLength: 25 }),
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: transfer },
      { weight: 1, arbitrary: ending },
    ),
    { maxLength: 15 },
  ),
).map((parts) => parts.flat());

testTcp("two sockets are two streams of bytes", async (net) => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), schedule, async (registered, acts) => {
      using model = new Model(
        await net.pair(),
        registered,
        net.queues > 1,
      );
      for (const act of acts) {
        await act.run(model);
        await model.settle();
      }
      await model.finish();
    }),
    { numRuns: ROUNDS },
  );
});
