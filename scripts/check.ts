/**
 * Runs the checks in parallel, as many at once as there are processors, and shows the output of those that failed.
 * Arguments name the checks to run; without any, all run. Exits with 1 when one failed.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
const tool = (name: string): string[] => [process.execPath, join(root, "node_modules", name)];

/** The longest first, so that the others fill the gaps. */
const checks: Readonly<Record<string, readonly string[]>> = {
  lint: [...tool("eslint/bin/eslint.js"), "--max-warnings=0", "."],
  types: [...tool("typescript/bin/tsc"), "-p", "."],
  format: [...tool("prettier/bin/prettier.cjs"), "--check", "--log-level=warn", "."],
  imports: [...node, join(root, "scripts/check-imports.ts")],
  openapi: [...node, join(root, "scripts/openapi.ts"), "--check"],
  spec: [
    ...tool("@redocly/cli/bin/cli.js"),
    "lint",
    "--config",
    join(root, "redocly.yaml"),
    join(root, "openapi.json"),
  ],
  tidy: [...node, "--test", "--test-reporter=spec", join(root, "test/tidy.test.ts")],
};

/** Redocly otherwise tells its maker of each run and asks the registry for a newer one: a check uses no network. */
const environment = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: string;
  readonly output: string;
}

/** Runs the named checks (all when none is named), prints one line each, and answers whether all passed. */
export async function runChecks(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !(name in checks));
  if (unknown.length > 0) {
    console.error(`there is no check ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
    return false;
  }
  const waiting = names.length > 0 ? [...names] : Object.keys(checks);
  const failed: CheckResult[] = [];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await runCheck(name);
      console.log(`${result.passed ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${result.seconds} s`);
      if (!result.passed) failed.push(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  for (const { name, output } of failed) console.log(`\n--- ${name} failed ---\n${output.trimEnd()}`);
  return failed.length === 0;
}

function runCheck(name: string): Promise<CheckResult> {
  const [program = "", ...args] = checks[name] ?? [];
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<CheckResult>();
  const child = spawn(program, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const collect = (chunk: string): void => {
    output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  child.on("error", reject);
  child.on("close", (exitCode) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    resolve({ name, passed: exitCode === 0, seconds, output });
  });
  return promise;
}

if (import.meta.main) process.exitCode = (await runChecks(process.argv.slice(2))) ? 0 : 1;
