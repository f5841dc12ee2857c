import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test, type TestContext } from "node:test";
import { instance } from "./an-instance.ts";
import { rametHere } from "./in-process.ts";
import { openTerminal, rametWords } from "./pseudo-terminal.ts";
import { startScriptedServer } from "./scripted-server.ts";

const lists = {
  "GET /instances": { status: 200, body: [instance, { ...instance, id: "f6", name: "worker-1", state: "Standby" }] },
  "GET /snapshots": { status: 200, body: [{ name: "warm", kind: "Standby", source_instance_name: "base" }] },
};

async function complete(url: string, ...words: string[]): Promise<string[]> {
  const run = await rametHere(["__complete", "--", ...words], { RAMET_URL: url });
  assert.deepEqual([run.exitCode, run.stderr], [0, ""]);
  return run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t")[0] ?? "");
}

test("verbs, options, choices and names complete, each where it may stand", async (t) => {
  const { url } = await startScriptedServer(t, lists);
  const cases: readonly (readonly [words: string[], found: string[]])[] = [
    [["stan"], ["standby"]],
    [["snapshot", "re"], ["restore"]],
    [["help", "snap"], ["snapshot"]],
    [["get", "wo"], ["worker-1"]],
    [
      ["inspect", ""],
      ["base", "worker-1"],
    ],
    [
      ["rm", "base", ""],
      ["base", "worker-1"],
    ],
    [
      ["fork", ""],
      ["base", "worker-1"],
    ],
    [["fork", "--snapshot", ""], ["warm"]],
    [
      ["fork", "base", "--target-state", "St"],
      ["Standby", "Stopped"],
    ],
    [["snapshot", "restore", "base", ""], ["warm"]],
    [["events", "--instance", "b"], ["base"]],
    [
      ["--url", url, "ps", "--format", "json"],
      ["json", "jsonl"],
    ],
    [["ps", "--data-dir", "/e"], [":files"]],
    [["completion", "z"], ["zsh"]],
    [["fork", "base", "--wait"], ["--wait-ack"]],
    [["exec", "base", "--", "b"], []],
    [["get", "base", ""], []],
  ];
  for (const [words, found] of cases) assert.deepEqual(await complete(url, ...words), found, words.join(" "));
});

test("a server that cannot be asked is met with silence", async (t) => {
  const { url } = await startScriptedServer(t, {});
  assert.deepEqual(await complete(url, "get", ""), []);
  assert.deepEqual(await complete("http://127.0.0.1:1", "get", ""), []);
  assert.deepEqual(await complete("nonsense", "get", ""), []);
});

test("a server that is slow is not waited for", async (t) => {
  const { url } = await startScriptedServer(t, {
    "GET /instances": { status: 200, body: [], after: new Promise(() => undefined) },
  });
  assert.deepEqual(await complete(url, "get", ""), []);
});

test("the question of the shells is no verb for people", async () => {
  assert.doesNotMatch((await rametHere(["help"])).stdout, /__complete/);
});

for (const shell of ["bash", "zsh", "fish"]) {
  const isThere = spawnSync(shell, ["--version"]).error === undefined;
  test(`${shell} reads its script`, { skip: isThere ? false : `${shell} is not installed` }, async () => {
    const { stdout } = await rametHere(["completion", shell]);
    const read = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
    assert.deepEqual([read.status, read.stderr], [0, ""]);
  });
}

test("TAB in bash completes a name of the server, and a file where one is wanted", async (t) => {
  const { url } = await startScriptedServer(t, lists);
  const directory = directoryWithRamet(t);
  writeFileSync(join(directory, "some-file"), "");
  const bash = openTerminal(t, ["bash", "--norc", "--noprofile", "-i"], {
    cols: 200,
    env: { PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}`, RAMET_URL: url },
  });
  await bash.waitFor(/[#$] $/);
  bash.type('eval "$(ramet completion bash)" && echo lear""nt\n');
  await bash.waitFor(/learnt/);
  bash.type("ramet rm wo\t");
  await bash.waitFor(/ramet rm worker-1 /);
  bash.type(`\u0015ramet ps --data-dir ${directory}/some-\t`);
  await bash.waitFor(/\/some-file /);
  bash.type("\u0015exit\n");
  assert.equal((await bash.ended).exitCode, 0);
});

function directoryWithRamet(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-cli-"));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const words = rametWords.map((word) => `'${word}'`).join(" ");
  writeFileSync(join(directory, "ramet"), `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(join(directory, "ramet"), 0o755);
  return directory;
}
