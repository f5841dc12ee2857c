/** Every example runs as a visitor would run it, at a small size: image, cold start, eight children with their mail, answers, cleaning up. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { processesIn } from "./host.ts";
import { makeDataDir } from "./harness.ts";

const launcher = resolve(import.meta.dirname, "../../ramet");
const needsRoot = process.getuid?.() === 0 ? false : "only root can make and unpack images";
const children = 8;

interface Outcome {
  readonly ms: Readonly<Record<string, number>>;
  readonly children: readonly Readonly<Record<string, string | number>>[];
}

/** It checks its answers itself, and fails when one is wrong. What it started and wrote is looked for when it is over. */
async function runExample(context: TestContext, name: string, ...options: readonly string[]): Promise<Outcome> {
  const directory = await makeDataDir(context);
  const example = spawn(launcher, ["example", name, "--json", ...options], {
    cwd: directory,
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "pipe"],
    signal: context.signal,
  });
  const [stdout, stderr] = await Promise.all([text(example.stdout), text(example.stderr), once(example, "close")]);
  assert.equal(example.exitCode, 0, stderr);
  assert.deepEqual([processesIn(directory), await readdir(directory)], [[], []], "it leaves nothing behind");
  return JSON.parse(stdout) as Outcome;
}

function column(outcome: Outcome, name: string): unknown[] {
  return outcome.children.map((child) => child[name]);
}

test(
  "python-dataset: eight children answer eight questions about a data set that one loaded",
  { skip: needsRoot },
  async (t) => {
    const outcome = await runExample(t, "python-dataset", "--size", "8000");
    // Worked out once by other means from the formula in build.sh.
    const answers = [
      { shard: 0, hours: 1000, warmest: 423 },
      { shard: 1, hours: 1000, coldest: -182 },
      { shard: 2, hours: 1000, sum: 121_366 },
      { shard: 3, hours: 1000, "frosty hours": 208 },
      { shard: 4, hours: 1000, warmest: 436 },
      { shard: 5, hours: 1000, coldest: -169 },
      { shard: 6, hours: 1000, sum: 136_772 },
      { shard: 7, hours: 1000, "frosty hours": 175 },
    ];
    assert.deepEqual(
      column(outcome, "answer").map((answer) => JSON.parse(String(answer)) as unknown),
      answers,
    );
    assert.deepEqual(Object.keys(outcome.ms), ["image", "cold start", "standby", "fork", "answers"]);
  },
);

test(
  "node-server: eight shops with secrets of their own answer on ports of their own",
  { skip: needsRoot },
  async (t) => {
    const outcome = await runExample(t, "node-server", "--size", "7000");
    assert.deepEqual(
      column(outcome, "shop"),
      Array.from({ length: children }, (_, index) => `shop-${index}`),
    );
    assert.equal(new Set(column(outcome, "port")).size, children);
  },
);

test(
  "postgres-databases: eight test databases are changed, and none sees another's change",
  { skip: needsRoot },
  async (t) => {
    const outcome = await runExample(t, "postgres-databases", "--size", "2000");
    const sums = Array.from({ length: children }, (_, index) => String(2_000_000 + 100 * (index + 1)));
    assert.deepEqual(column(outcome, "sum of balances"), sums);
  },
);
