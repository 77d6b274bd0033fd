import { assertEquals } from "@std/assert";
import { test } from "./cases.ts";
import { output } from "./commands.ts";
import { Folder } from "./example.ts";

const checkout = new URL("..", import.meta.url);

/** How a folder elsewhere comes by the package of a checkout. */
const ways = {
  "by its path": {
    imports: { "@berkeley/socket": new URL("mod.ts", checkout).href },
  },
  "as a link": {
    imports: { "@berkeley/socket": "jsr:@berkeley/socket@*" },
    links: [checkout.href],
  },
};

const PROGRAM = `
import { socket } from "@berkeley/socket";
console.log(socket.AF_INET);
`;

for (const [way, config] of Object.entries(ways)) {
  test(`a program elsewhere uses a checkout ${way}, without a warning`, async () => {
    await using folder = await Folder.create();
    const encoder = new TextEncoder();
    await folder.write("deno.json", encoder.encode(JSON.stringify(config)));
    await folder.write("main.ts", encoder.encode(PROGRAM));
    const file = folder.file("main.ts");
    assertEquals(
      await output(Deno.execPath(), "run", "--no-lock", file),
      "2\n",
    );
  });
}
