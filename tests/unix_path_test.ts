import { assertEquals, assertThrows } from "@std/assert";
import { socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { Folder } from "./example.ts";
import { isGnuLinux } from "./oracle.ts";
import { denoText } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { native } from "./transports.ts";

/** Runs a program that prints what it finds, in a folder where it may write. */
async function found(program: string): Promise<string[]> {
  await using folder = await Folder.create();
  await using peer = denoText(
    ["--allow-net", "--allow-read", `--allow-write=${folder.path}`],
    `import { select, socket } from "./mod.ts";
    Deno.chdir(${JSON.stringify(folder.path)});
    const path = Deno.cwd() + "/path";
    function server(name = path) {
      const s = socket.socket(socket.AF_UNIX);
      s.bind(name);
      s.listen();
      return s;
    }
    /** One that has begun to accept, as select() makes it do. */
    async function busy(name = path) {
      const s = server(name);
      await select.select([s], [], [], 0.01);
      return s;
    }
    const turns = () => new Promise((resolve) => setTimeout(resolve, 10));
    const put = (text, name = path) => Deno.writeTextFileSync(name, text);
    const say = (name = path) => {
      try {
        const { isSocket } = Deno.lstatSync(name);
        console.log(isSocket ? "socket" : Deno.readTextFileSync(name));
      } catch {
        console.log("nothing");
      }
    };
    ${program}`,
  );
  return (await peer.rest()).trim().split("\n");
}

const CASES: [name: string, program: string, expected: string[]][] = [
  [
    "close() removes the path that was bound",
    `server().close(); say();
    (await busy()).close(); say(); await turns(); say();
    const s = socket.socket(socket.AF_UNIX); s.bind(path); s.close(); say();`,
    ["nothing", "nothing", "nothing", "nothing"],
  ],
  [
    "close() spares a file that was put there",
    `for (const make of [server, busy]) {
      const s = await make();
      Deno.removeSync(path); put("mine");
      s.close(); say(); await turns(); say();
      Deno.removeSync(path);
    }
    const s = socket.socket(socket.AF_UNIX); s.bind(path);
    Deno.removeSync(path); put("mine"); s.close(); say();`,
    ["mine", "mine", "mine", "mine", "mine"],
  ],
  [
    "close() spares another server's socket",
    `for (const make of [server, busy]) {
      const s = await make();
      Deno.removeSync(path);
      const t = server();
      s.close(); await turns(); say();
      const c = socket.socket(socket.AF_UNIX);
      await c.connect(path); await t.accept();
      t.close(); say();
    }`,
    ["socket", "nothing", "socket", "nothing"],
  ],
  [
    "a server may begin at once where one has ended",
    `const s = await busy();
    s.close();
    const t = server();
    await turns(); say();
    const c = socket.socket(socket.AF_UNIX);
    await c.connect(path); await t.accept(); console.log("connected");
    t.close(); await turns(); console.log([...Deno.readDirSync(".")].length);`,
    ["socket", "connected", "0"],
  ],
  [
    "close() leaves a path that has another name by now",
    `const s = await busy();
    Deno.renameSync(path, "moved"); put("mine");
    s.close(); await turns(); say(); say("moved");`,
    ["mine", "socket"],
  ],
  [
    "a relative path stays where it was bound",
    `const here = Deno.cwd();
    Deno.mkdirSync("there");
    for (const make of [server, busy]) {
      const s = await make("name");
      Deno.chdir("there"); put("mine", "name");
      s.close(); await turns(); say("name"); say(here + "/name");
      Deno.chdir(here);
    }
    const s = socket.socket(socket.AF_UNIX); s.bind("name");
    Deno.chdir("there"); s.listen(); say(here + "/name"); say("name");
    s.close(); say(here + "/name"); say("name");`,
    ["mine", "nothing", "mine", "nothing", "socket", "mine", "nothing", "mine"],
  ],
  [
    "a path that exists already is in use",
    `const fails = (act) => { try { act(); console.log("?"); }
      catch (error) { console.log(error.errno === 98); } };
    put("mine"); fails(() => server()); say();
    fails(() => server(Deno.cwd() + "/"));
    Deno.removeSync(path);
    const s = socket.socket(socket.AF_UNIX); s.bind(path); put("mine");
    fails(() => s.listen()); say(); s.close(); say();`,
    ["true", "mine", "true", "true", "mine", "mine"],
  ],
];

for (const [name, program, expected] of CASES) {
  // The system leaves the path of a native socket where it is.
  testIf(isGnuLinux && !native, name, async () => {
    assertEquals(await found(program), expected);
  });
}

testIf(isGnuLinux, "a path that is too long is Python's error", async () => {
  // 108 bytes, one of them the NUL behind a path; "ü" has two.
  for (
    const path of [
      `/${"x".repeat(107)}`,
      `/${"ü".repeat(54)}`,
      `\0${"x".repeat(108)}`,
    ]
  ) {
    using s = socket.socket(socket.AF_UNIX);
    const { message } = throws(null, () => s.bind(path));
    assertEquals(message, "AF_UNIX path too long");
    await rejects(null, s.connect(path));
  }
  using s = socket.socket(socket.AF_UNIX);
  // As long as it may be.
  assertThrows(() => s.bind(`/${"x".repeat(106)}`), socket.PermissionError);
});
