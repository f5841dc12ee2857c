/**
 * Writes openapi.json from the API's schemas, and from that the client's types, src/client/generated.ts.
 * With `--check`, compares the committed files instead and exits with 1 when one differs.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import openapiTypescript, { astToString } from "openapi-typescript";
import ts from "typescript";
import { buildOpenApiDocument } from "../src/api/openapi.ts";

const root = join(import.meta.dirname, "..");
const document = `${JSON.stringify(await buildOpenApiDocument(), null, 2)}\n`;
const files = { "openapi.json": document, "src/client/generated.ts": await typesOf(document) };

for (const [path, generated] of Object.entries(files)) {
  if (!process.argv.includes("--check")) await writeFile(join(root, path), generated);
  else if (!(await isCommitted(path, generated))) process.exitCode = 1;
}

async function typesOf(openApi: string): Promise<string> {
  const nodes = await openapiTypescript(withoutExamples(openApi) as Parameters<typeof openapiTypescript>[0], {
    immutable: true,
    emptyObjectsUnknown: true,
    // What has a default may be left out of a request.
    defaultNonNullable: false,
    inject: 'import type { JsonObjectText } from "./raw-json.ts";\n',
    // A mailbox's payload may be given as text, which its guest then finds byte for byte.
    transform: (_schema, { path }) =>
      path?.endsWith("/payload") === true ? ts.factory.createTypeReferenceNode("JsonObjectText") : undefined,
  });
  return `/** Written by \`npm run openapi\` from openapi.json: change the API's schemas instead. */\n${astToString(nodes)}`;
}

/** Examples are for readers of the document; types say the same without them. */
function withoutExamples(openApi: string): unknown {
  return JSON.parse(openApi, (key, value: unknown) => (key === "example" || key === "examples" ? undefined : value));
}

async function isCommitted(path: string, generated: string): Promise<boolean> {
  const committed = await readFile(join(root, path), "utf8").catch((cause: unknown) => {
    throw new Error(`${path} cannot be read: make it with \`npm run openapi\``, { cause });
  });
  if (committed !== generated) console.error(firstDifference(path, committed, generated));
  return committed === generated;
}

function firstDifference(path: string, committed: string, current: string): string {
  const before = committed.split("\n");
  const after = current.split("\n");
  const line = after.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? after.length : line;
  return [
    `${path} is not what the schemas say, first in line ${String(at + 1)}; write it anew with \`npm run openapi\``,
    `  committed: ${before[at] ?? "(end of file)"}`,
    `  schemas:   ${after[at] ?? "(end of file)"}`,
  ].join("\n");
}
