/** Writes openapi.json from the API's schemas. With `--check`, compares the committed file instead and exits with 1 when it differs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildOpenApiDocument } from "../src/api/openapi.ts";

const path = join(import.meta.dirname, "../openapi.json");
const generated = `${JSON.stringify(await buildOpenApiDocument(), null, 2)}\n`;

if (process.argv.includes("--check")) {
  const committed = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error("openapi.json cannot be read: make it with `npm run openapi`", { cause });
  });
  if (committed !== generated) {
    console.error(firstDifference(committed, generated));
    process.exitCode = 1;
  }
} else {
  await writeFile(path, generated);
}

function firstDifference(committed: string, current: string): string {
  const before = committed.split("\n");
  const after = current.split("\n");
  const line = after.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? after.length : line;
  return [
    `openapi.json is not what the schemas say, first in line ${String(at + 1)}; write it anew with \`npm run openapi\``,
    `  committed: ${before[at] ?? "(end of file)"}`,
    `  schemas:   ${after[at] ?? "(end of file)"}`,
  ].join("\n");
}
