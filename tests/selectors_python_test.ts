import { assertEquals } from "@std/assert";
import { selectors, socket } from "../mod.ts";
import { hasPython, isGnuLinux, python } from "./oracle.ts";
import { Random } from "./random.ts";
import { native, type Net, testEach } from "./transports.ts";

// More schedules, and the number of the first one, may follow `--` on the
// command line: `deno test … tests/selectors_python_test.ts -- 200 1000`.
const ROUNDS = Number(Deno.args[0] ?? 12);
const FIRST = Number(Deno.args[1] ?? Math.floor(Math.random() * 1e9));
/** Pairs of connected sockets; those of even number are registered, too. */
const PAIRS = 3;
const STEPS = 40;

/** Runs schedules; each step is `[name, socket, …]`, a result is JSON. */
const PROGRAM = `
import json, re, selectors, socket, sys

def pair(tcp):
    if not tcp: return socket.socketpair()
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    conn, _ = server.accept()
    server.close()
    return client, conn

def run(kind, tcp, steps):
    sockets = [s for _ in range(${PAIRS}) for s in pair(tcp)]
    fds = [s.fileno() for s in sockets]
    sel = getattr(selectors, kind)()
    def which(key):
        assert key.fileobj in (sockets[fds.index(key.fd)], key.fd)
        return [fds.index(key.fd), isinstance(key.fileobj, int), key.events, key.data]
    def step(name, i, *rest):
        s = sockets[i]
        if name == "number":
            [name, *rest], s = rest, fds[i]
        if name == "select":
            return sorted([which(key), events] for key, events in sel.select(*rest))
        if name == "send": return s.send(b"x")
        if name == "recv": return len(s.recv(1))
        if name == "close": return s.close()
        if name == "get_map":
            return sorted(fds.index(fd) for fd in sel.get_map())
        if name == "has": return s in sel.get_map()
        return which(getattr(sel, name)(s, *rest))
    results = []
    for each in steps:
        try: results.append(step(*each))
        except OSError as error: results.append(["OSError", error.errno])
        except Exception as error:
            results.append([type(error).__name__, re.sub(r"<.*?>|\\b\\d\\d*(?!\\d)", "?", error.args[0])])
    sel.close()
    for s in sockets: s.close()
    return results

print(json.dumps([run(*each) for each in json.load(sys.stdin)]))
`;

const NAMES: Record<string, string> = {
  KeyError: "RangeError",
  ValueError: "RangeError",
};

type Step = [name: string, socket: number, ...rest: unknown[]];
type Kind = "SelectSelector" | "PollSelector" | "EpollSelector";
const KINDS: Kind[] = ["SelectSelector", "PollSelector", "EpollSelector"];

/** A schedule that never waits for what doesn't come. */
function schedule(seed: number): Step[] {
  const random = new Random(seed);
  const unread = Array.from({ length: 2 * PAIRS }, () => 0);
  const open = unread.map(() => true);
  const steps: Step[] = [];
  while (steps.length < STEPS) {
    const i = random.below(2 * PAIRS);
    const other = i ^ 1;
    const events = random.of(0, 1, 1, 1, 2, 2, 3, 3, 4);
    const data = random.of(null, 1, 2);
    const step = random.of<Step>(
      ["register", i, events, data],
      ["register", i, events],
      ["unregister", i],
      ["modify", i, events, data],
      ["modify", i, events],
      ["get_key", i],
      ["has", i],
      ["get_map", i],
      ["select", i, 0],
      ["select", i, -1],
      ["send", i],
      ["send", i],
      ["recv", i],
      ["close", i],
    );
    const [name, , ...rest] = step;
    if (name === "send") {
      if (!open[i] || !open[other]) continue;
      unread[other]!++;
    } else if (name === "recv") {
      if (!open[i] || unread[i] === 0) continue;
      unread[i]!--;
    } else if (name === "close") {
      // Unread bytes would make a reset of it.
      if (!open[i] || unread[i]! > 0 || random.chance(7)) continue;
      open[i] = false;
    } else if (!["select", "get_map"].includes(name) && random.chance(3)) {
      // The number of a closed socket may be another one's by now.
      if (!open[i]) continue;
      steps.push(["number", i, name, ...rest]);
      continue;
    }
    steps.push(step, ["select", i, 0]);
  }
  return steps;
}

/** Runs a schedule here. */
async function run(net: Net, kind: Kind, steps: Step[]): Promise<unknown[]> {
  type Object = socket.Socket | number;
  const pairs = [];
  for (let i = 0; i < PAIRS; i++) pairs.push(await net.pair());
  const sockets = pairs.flat();
  const fds = sockets.map((s) => s.fileno());
  using sel: selectors.BaseSelector<unknown, Object> = new selectors[kind]();
  const which = (key: selectors.SelectorKey<unknown, Object>) => {
    const i = fds.indexOf(key.fd);
    const isNumber = key.fileobj === key.fd;
    assertEquals(isNumber || key.fileobj === sockets[i], true);
    return [i, isNumber, key.events, key.data];
  };
  const step = async (
    [name, i, ...rest]: Step,
    object: Object = sockets[i]!,
  ): Promise<unknown> => {
    const s = sockets[i]!;
    const [events, data] = rest as [number, unknown];
    switch (name) {
      case "number":
        return await step([rest[0] as string, i, ...rest.slice(1)], fds[i]);
      case "select":
        // Over Deno, select() finds by a look what there is to read at the next.
        if (kind === "SelectSelector") await sel.select(events);
        await net.tick();
        return (await sel.select(events))
          .map(([key, happened]) => [which(key), happened])
          .sort();
      case "send":
        return await s.send("x");
      case "recv":
        return (await s.recv(1)).length;
      case "close":
        return s.close() ?? null;
      case "get_map":
        return [...sel.get_map()!.keys()]
          .map((fd) => fds.indexOf(fd as number)).sort();
      case "has":
        return sel.get_map()!.has(object);
      case "register":
      case "modify":
        return which(
          rest.length === 1
            ? sel[name](object, events)
            : sel[name](object, events, data),
        );
      default:
        return which(sel[name as "unregister" | "get_key"](object));
    }
  };
  const results: unknown[] = [];
  for (const each of steps) {
    try {
      results.push(await step(each));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      results.push(
        error instanceof socket.OSError
          ? ["OSError", error.errno]
          : [error.name, error.message.replaceAll(/<.*?>|\b\d+/g, "?")],
      );
    }
  }
  for (const s of sockets) s.close();
  return results;
}

const seeds = Array.from({ length: ROUNDS }, (_, i) => FIRST + i);
const batches = KINDS.flatMap((kind) =>
  seeds.map((seed) => [kind, seed, schedule(seed)] as const)
);
const expected = new Map<boolean, Promise<unknown[][]>>();

/** What Python does with all schedules, once for each kind of sockets. */
function ask(tcp: boolean): Promise<unknown[][]> {
  let asked = expected.get(tcp);
  if (!asked) {
    asked = python<unknown[][]>(
      PROGRAM,
      batches.map(([kind, , steps]) => [kind, tcp, steps]),
    );
    expected.set(tcp, asked);
  }
  return asked;
}

for (const kind of KINDS) {
  testEach(
    `${kind} does as Python's in schedules ${FIRST} to ${FIRST + ROUNDS - 1}`,
    async (net) => {
      await net.tick();
      const theirs = await ask(!native || !net.nativeUnix);
      for (const [at, [which, seed, steps]] of batches.entries()) {
        if (which !== kind) continue;
        const ours = await run(net, kind, steps);
        for (const [i, result] of theirs[at]!.entries()) {
          const [name, ...rest] = Array.isArray(result) ? result : [];
          const renamed = name in NAMES ? [NAMES[name], ...rest] : result;
          assertEquals(
            [steps[i], ours[i]],
            [steps[i], renamed],
            `schedule ${seed}, step ${i}`,
          );
        }
      }
    },
    { ignore: !hasPython || !isGnuLinux },
  );
}
