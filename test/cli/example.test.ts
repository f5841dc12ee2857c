import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const program = join(import.meta.dirname, "../../examples/main.ts");

function run(...words: readonly string[]) {
  return spawnSync(process.execPath, [program, ...words], { encoding: "utf8", timeout: 30_000 });
}

test("an example that there is not, and an option that it has not, are refused before anything is started", () => {
  for (const [words, sentence] of [
    [[], /name an example/],
    [["nothing"], /there is no example nothing/],
    [["node-server", "--size", "10"], /--size takes a whole number from 1000 on, not 10/],
    [["node-server", "--children", "many"], /--children takes a whole number from 1 on, not many/],
    [["node-server", "--sise", "10000"], /--sise/],
  ] as const) {
    const { status, stdout, stderr } = run(...words);
    assert.deepEqual([status, stdout], [2, ""], words.join(" "));
    assert.match(stderr, sentence);
    assert.match(stderr, /^usage: ramet example node-server\|postgres-databases\|python-dataset /m);
  }
});

test("the help names the examples", () => {
  const { status, stdout } = run("--help");
  assert.equal(status, 0);
  assert.match(stdout, /^usage: ramet example node-server\|postgres-databases\|python-dataset /);
});
