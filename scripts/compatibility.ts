/**
 * Runs the contract tests that need no VM and writes docs/reference/hypeman-compatibility.md from what they showed. Exits with 1,
 * and says why, when a call has no test or one failed; the page is written all the same, and says so too.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pagePath, parseResults, renderPage, whatIsUnproven } from "../test/contract/compatibility-table.ts";

process.chdir(join(import.meta.dirname, ".."));
const directory = await mkdtemp(join(tmpdir(), "ramet-contract-"));
const file = join(directory, "results.jsonl");
try {
  await writeFile(file, "");
  const tests = globSync("test/contract/*.test.ts", { exclude: ["**/*.vm.test.ts"] }).sort();
  spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--test", "--test-reporter=dot", ...tests], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, RAMET_CONTRACT_RESULTS: file },
  });
  const results = parseResults(await readFile(file, "utf8"));
  await writeFile(pagePath, renderPage(results));
  const unproven = whatIsUnproven(results, "fake");
  for (const sentence of unproven) console.error(sentence);
  process.exitCode = unproven.length > 0 ? 1 : 0;
} finally {
  await rm(directory, { recursive: true, force: true });
}
