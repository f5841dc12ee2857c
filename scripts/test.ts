/**
 * Runs the tests: `test.ts unit|vm [FILTER]`, or `test.ts all [FILTER]` for the checks, the unit tests and the VM tests with a summary.
 * FILTER keeps the test files whose path contains it and leaves the checks out. Exits with 1 when anything failed, and with 2
 * when there was nothing to run: a run that tests nothing must not look like one that passed.
 */
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pagePath, parseResults, renderPage, whatIsUnproven } from "../test/contract/compatibility-table.ts";
import type { Ground } from "../test/contract/calls.ts";
import { runChecks } from "./check.ts";

interface Suite {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly filesAtOnce: number;
  /** A test that takes longer fails. */
  readonly testTimeoutMs: number;
  /** Then everything that still runs is ended and fails: a file whose tests are over may hang on what it forgot to close. */
  readonly deadlineMs: number;
  /** What its contract tests run on. */
  readonly ground: Ground;
}

/** Sorted by what a test needs. VM tests wait for guests part of the time: one file more than there are processors leaves none idle. */
const suites: Readonly<Record<string, Suite>> = {
  unit: {
    include: [
      "src/**/*.test.ts",
      "guest/**/*.test.ts",
      "bench/**/*.test.ts",
      "test/*.test.ts",
      "test/{api,cli,contract}/*.test.ts",
      "test/conformance/fake*.test.ts",
    ],
    exclude: ["**/*.vm.test.ts"],
    filesAtOnce: availableParallelism(),
    testTimeoutMs: 60_000,
    deadlineMs: 480_000,
    ground: "fake",
  },
  vm: {
    include: ["test/vm/*.test.ts", "test/conformance/*.test.ts", "test/contract/*.vm.test.ts"],
    exclude: ["test/conformance/fake*.test.ts"],
    filesAtOnce: availableParallelism() + 1,
    testTimeoutMs: 180_000,
    deadlineMs: 900_000,
    ground: "vm",
  },
};

interface Outcome {
  readonly passed: boolean;
  readonly summary: string;
}

process.chdir(join(import.meta.dirname, ".."));
// Each test file is a process of its own, and so are the servers and commands that it starts: most of their start is stripping the same types.
process.env["NODE_COMPILE_CACHE"] ??= join(process.cwd(), "build/compile-cache");
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort();
  });
}

const [which = "all", filter = ""] = process.argv.slice(2);
const temporary = await mkdtemp(join(tmpdir(), "ramet-test-"));
const outcomes: (Outcome & { readonly name: string })[] = [];
if (which === "all" && filter === "") {
  const passed = await runChecks([]);
  outcomes.push({ name: "check", passed, summary: passed ? "every check passed" : "a check failed" });
}
for (const [name, suite] of Object.entries(suites)) {
  const files = testFilesOf(suite).filter((file) => file.includes(filter));
  if ((which === "all" || which === name) && files.length > 0 && !interrupted.signal.aborted) {
    const resultsFile = join(temporary, `${name}.jsonl`);
    await writeFile(resultsFile, "");
    process.env["RAMET_CONTRACT_RESULTS"] = resultsFile;
    outcomes.push({ name, ...(await runSuite(suite, files)) });
    // A run of some files shows some calls only.
    if (filter === "") outcomes.push({ name: "calls", ...(await checkCompatibility(suite.ground, resultsFile)) });
  }
}
await rm(temporary, { recursive: true, force: true });
process.exitCode = report();

function testFilesOf({ include, exclude }: Suite): string[] {
  return globSync(include, { exclude: ["**/node_modules/**", ...exclude] }).sort();
}

async function runSuite(suite: Suite, files: readonly string[]): Promise<Outcome> {
  const events = run({
    files,
    concurrency: suite.filesAtOnce,
    timeout: suite.testTimeoutMs,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(suite.deadlineMs)]),
  });
  let outcome: Outcome = { passed: false, summary: "ended before its summary" };
  events.on("test:summary", ({ file, success, counts }) => {
    // One summary per file comes first; the one without a file is the whole run's.
    if (file !== undefined) return;
    const { passed, skipped } = counts;
    const failed = counts.tests - passed - skipped - counts.todo;
    outcome = {
      passed: success && passed > 0,
      summary: `${files.length} files: ${passed} passed, ${failed} failed, ${skipped} skipped`,
    };
  });
  for await (const text of events.compose<Readable>(new spec())) process.stdout.write(String(text));
  return outcome;
}

/** Whether the contract tests showed what docs/reference/hypeman-compatibility.md says. */
async function checkCompatibility(ground: Ground, resultsFile: string): Promise<Outcome> {
  const results = parseResults(await readFile(resultsFile, "utf8"));
  const findings = whatIsUnproven(results, ground);
  if (renderPage(results) !== (await readFile(pagePath, "utf8")))
    findings.push("docs/reference/hypeman-compatibility.md is not what this run showed: `npm run compatibility`");
  for (const finding of findings) console.log(finding);
  const summary = `${results.length} contracts on ${ground}, ${findings.length} findings`;
  return { passed: findings.length === 0, summary };
}

/** Prints one line per part and answers the exit code. */
function report(): number {
  if (outcomes.length === 0) {
    console.error(`nothing to run: ${which} has no test file whose path contains "${filter}"`);
    return 2;
  }
  console.log("");
  for (const { name, passed, summary } of outcomes)
    console.log(`${passed ? "ok    " : "FAILED"}  ${name.padEnd(6)} ${summary}`);
  const passed = outcomes.every((outcome) => outcome.passed) && !interrupted.signal.aborted;
  console.log(passed ? "everything passed" : "NOT everything passed");
  return passed ? 0 : 1;
}
