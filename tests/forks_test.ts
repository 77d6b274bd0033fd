import { assertEquals } from "@std/assert";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { denoText } from "./peer.ts";

// A program that starts has a copy of each descriptor for a moment.

const hasTrue = Deno.build.os !== "windows" &&
  await output("true") !== null;

testIf(
  hasTrue,
  "other threads may start programs between bind() and listen()",
  async () => {
    await using child = denoText(
      ["--allow-net", "--allow-run=true"],
      `
    import { socket } from "./mod.ts";

    const worker = new Worker("data:application/javascript," +
      "for (;;) { new Deno.Command('true').outputSync(); postMessage(0); }",
      { type: "module" });
    await new Promise((resolve) => worker.onmessage = resolve);
    worker.onmessage = null;

    /** A TCP socket at a port that the caller knows. */
    function bound() {
      const s = socket.socket();
      s.bind(["127.0.0.1", 0]);
      s.getsockname();
      return s;
    }

    using server = socket.create_server(["127.0.0.1", 0]);
    for (let round = 0; round < 300; round++) {
      using s = bound();
      s.listen();
      using named = socket.socket(socket.AF_UNIX);
      named.bind("\\0berkeley-" + crypto.randomUUID());
      named.listen();
      using client = bound();
      await client.connect(server.getsockname());
      const [conn] = await server.accept();
      conn.close();
    }
    console.log("done");
    Deno.exit(0);
    `,
    );
    assertEquals(await child.rest(), "done\n");
  },
);
