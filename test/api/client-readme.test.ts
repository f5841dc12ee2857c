import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { readmeExamples } from "../fixtures/readme-examples.ts";
import { makeStandby, startTestServer } from "./helpers.ts";

const root = join(import.meta.dirname, "../..");
const examples = readmeExamples();

test("the page has examples, and most say what they print", () => {
  assert.ok(examples.length >= 6);
  assert.ok(examples.filter(({ output }) => output !== null).length >= 5);
});

for (const [index, { heading, program, output }] of examples.entries()) {
  test(`example ${index + 1} of the client's README runs as it stands (${heading})`, async (context) => {
    const server = await startTestServer(context);
    await makeStandby(server, "base");
    const run = await runProgram(program, { RAMET_URL: server.url, RAMET_TOKEN: server.token }, context.signal);
    assert.equal(run.exitCode, 0, run.stderr);
    if (output === null) assert.notEqual(run.stdout, "");
    else assert.equal(run.stdout, output);
    const { body } = await server.call("GET", "/instances");
    assert.deepEqual(
      (body as { name: string }[]).map(({ name }) => name),
      ["base"],
      "it leaves nothing behind",
    );
  });
}

/** As a file of this package would: so `ramet/client` is what package.json exports. */
async function runProgram(
  program: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--disable-warning=ExperimentalWarning"], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "pipe"],
    signal,
  });
  child.stdin.end(program);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { exitCode: child.exitCode, stdout, stderr };
}
