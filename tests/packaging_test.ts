import { assert, assertEquals, assertMatch } from "@std/assert";
import { testIf } from "./cases.ts";
import { Folder } from "./example.ts";
import { Registry } from "./registry.ts";

/** A program with threads, one of which starts another. */
const PROGRAM = `
import { socket, thread, threading } from "@berkeley/socket";

export class Bell extends threading.Thread {
  constructor(readonly rung: threading.Event) {
    super();
  }

  override run() {
    new threading.Timer(0.001, ring, [this.rung]).start();
  }
}

export function ring(rung: threading.Event) {
  rung.set();
}

export async function echo(conn: socket.Socket, lock: thread.Lock) {
  using _conn = conn;
  using _held = await lock.hold();
  for (let data; (data = await conn.recv(100)).length > 0;) await conn.sendall(data);
}

export async function handOn(conn: socket.Socket, lock: thread.Lock) {
  await thread.start_joinable_thread(echo, [conn, lock]).join();
}

if (import.meta.main) {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  const lock = thread.allocate_lock();
  const handle = thread.start_joinable_thread(handOn, [conn, lock]);
  await client.sendall("from a thread");
  client.shutdown(socket.SHUT_WR);
  console.log(new TextDecoder().decode(await client.recv(20)));
  await handle.join();
  const rung = new threading.Event();
  new Bell(rung).start();
  console.log(await rung.wait(20) ? "ended" : "not rung");
}
`;

const config = JSON.parse(
  await Deno.readTextFile(new URL("../deno.json", import.meta.url)),
);

/** A folder of a program that uses the package. */
class Project implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #env: Record<string, string>;

  private constructor(folder: Folder, registry: Registry) {
    this.#folder = folder;
    this.#env = {
      DENO_DIR: folder.file("cache"),
      JSR_URL: registry.url,
      NO_COLOR: "1",
    };
  }

  /** One with a program. */
  static async create(registry: Registry, program: string): Promise<Project> {
    const folder = await Folder.create();
    const project = new Project(folder, registry);
    const imports = { [config.name]: `jsr:${config.name}@${config.version}` };
    await project.write("deno.json", JSON.stringify({ imports }));
    await project.write("program.ts", program);
    return project;
  }

  async write(name: string, text: string): Promise<void> {
    await this.#folder.write(name, new TextEncoder().encode(text));
  }

  /** Runs Deno in it. */
  async deno(...args: string[]) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.#folder.path,
      env: this.#env,
      signal: AbortSignal.timeout(25_000),
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  /** The same, which must succeed; its output. */
  async succeed(...args: string[]): Promise<string> {
    const { code, out, err } = await this.deno(...args);
    assertEquals(code, 0, out + err);
    return out;
  }

  /** Uses the bundler that Deno has downloaded already. */
  async shareBundler(): Promise<void> {
    const script = 'mkdir -p "$1" && ln -s "$0" "$1/dl"';
    const { success } = await new Deno.Command("sh", {
      args: ["-c", script, `${await cacheFolder()}/dl`, this.#env.DENO_DIR!],
    }).output();
    assert(success);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

async function cacheFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

// It comes from a registry the first time.
const hasBundler = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "--quiet", "--no-config", "tests/which.ts"],
  cwd: new URL("../", import.meta.url),
  signal: AbortSignal.timeout(20_000),
}).output().then(({ success }) => success, () => false);
if (!hasBundler) {
  console.warn("deno bundle doesn't run here: the tests of it are ignored.");
}

const RUN = ["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read=."];

testIf(
  true,
  "threads work from the cache alone, after an install",
  async () => {
    const registry = await Registry.start();
    await using project = await Project.create(registry, PROGRAM);
    await project.succeed("install", "--entrypoint", "program.ts");
    await registry[Symbol.asyncDispose]();
    assertEquals(
      await project.succeed(...RUN, "--cached-only", "program.ts"),
      "from a thread\nended\n",
    );
  },
);

for (const flags of [[], ["--minify"]]) {
  testIf(hasBundler, `threads work in a bundle ${flags}`, async () => {
    const registry = await Registry.start();
    await using project = await Project.create(registry, PROGRAM);
    await project.shareBundler();
    await project.succeed("bundle", ...flags, "-o", "out.js", "program.ts");
    await registry[Symbol.asyncDispose]();
    assertEquals(
      await project.succeed(...RUN, "--no-config", "--cached-only", "out.js"),
      "from a thread\nended\n",
    );
  });
}

testIf(
  hasBundler,
  "arguments reach a bundle that awaits at its top level",
  async () => {
    await using registry = await Registry.start();
    const program = `
      import "./slow.ts";
      import { thread } from "@berkeley/socket";
      // JSON can't carry a map: it is a message of the runtime.
      export function show(map: Map<string, number>) { console.log(map.get("a")); }
      if (import.meta.main) {
        await thread.start_joinable_thread(show, [new Map([["a", 7]])]).join(10);
      }
    `;
    await using project = await Project.create(registry, program);
    await project.write(
      "slow.ts",
      "await new Promise((resolve) => setTimeout(resolve, 300));",
    );
    await project.shareBundler();
    await project.succeed("bundle", "-o", "out.js", "program.ts");
    assertEquals(await project.succeed(...RUN, "--no-config", "out.js"), "7\n");
  },
);

testIf(
  hasBundler,
  "a bundled program is told of import.meta.main",
  async () => {
    await using registry = await Registry.start();
    const program = PROGRAM.replace("import.meta.main", "true");
    await using project = await Project.create(registry, program);
    await project.shareBundler();
    await project.succeed("bundle", "-o", "out.js", "program.ts");
    const { code, err } = await project.deno(...RUN, "--no-config", "out.js");
    assertEquals(code, 1, err);
    assertMatch(err, /can't start new thread.*if \(import\.meta\.main\)/);
  },
);

const demo = new URL("../examples/demo.ts", import.meta.url).pathname;

for (const file of [demo, "program.ts"]) {
  const name = file.split("/").at(-1);
  testIf(true, `${name} fails if its threads can't start`, async () => {
    await using registry = await Registry.start("thread/worker.ts");
    await using project = await Project.create(registry, PROGRAM);
    // The demo gets the package from the registry, too.
    const flags = [...RUN, "--config", "deno.json"];
    const { code, out, err } = await project.deno(...flags, file);
    assertEquals(code, 1, out + err);
    assertMatch(
      err,
      /RuntimeError: can't start new thread <function \w+>: .*worker\.ts/,
    );
    assert(!/ended|clients, each on a thread/.test(out), out);
  });
}
