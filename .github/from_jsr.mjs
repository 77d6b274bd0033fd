// Leaves out of deno.json what puts modules of the clone in the place of
// packages.

import { readFileSync, rmSync, writeFileSync } from "node:fs";

const { scopes, ...config } = JSON.parse(readFileSync("deno.json", "utf8"));
if (!scopes) throw new Error("deno.json has no scopes to leave out");
writeFileSync("deno.json", JSON.stringify(config, null, 2));
rmSync("deno.lock");
