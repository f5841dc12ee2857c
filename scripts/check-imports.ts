/**
 * The import table of `.dependency-cruiser.cjs`, run on src/ and examples/. It fails when it saw fewer modules than there are source files:
 * dependency-cruiser 17 reads no module, and is content, when the TypeScript beside it is one that it does not know.
 */
import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cruise, type ICruiseOptions, type IConfiguration } from "dependency-cruiser";
import extractTypeScriptConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = join(import.meta.dirname, "..");
process.chdir(root);

const { forbidden = [], options = {} } = createRequire(import.meta.url)(
  join(root, ".dependency-cruiser.cjs"),
) as IConfiguration;
const cruiseOptions: ICruiseOptions = { ...options, ruleSet: { forbidden }, validate: true };
const { output } = await cruise(["src", "examples"], cruiseOptions, undefined, {
  tsConfig: extractTypeScriptConfig("tsconfig.json"),
});
if (typeof output === "string") throw new Error("dependency-cruiser answered with text, not with its result object");

const seen = new Set(output.modules.map((module) => module.source));
const unseen = globSync("{src,examples}/**/*.ts").filter((file) => !seen.has(file));
for (const { rule, from, to, cycle = [] } of output.summary.violations) {
  const path = cycle.length > 0 ? cycle.map((step) => step.name).join(" → ") : to;
  console.error(`${from} → ${path}: ${rule.name}`);
}
for (const file of unseen.slice(0, 10)) console.error(`${file}: dependency-cruiser did not read it`);

if (seen.size === 0) console.error("dependency-cruiser saw no module at all");
if (seen.size === 0 || unseen.length > 0 || output.summary.violations.length > 0) process.exitCode = 1;
else console.log(`${String(seen.size)} modules keep the import table`);
