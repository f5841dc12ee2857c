/** What all verbs promise alike: formats, quiet, help. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildProgram } from "../../src/cli/program.ts";
import { instance } from "./an-instance.ts";
import { rametHere } from "./in-process.ts";
import { startScriptedServer } from "./scripted-server.ts";

const child = { ...instance, id: "f6", name: "worker-1", state: "Standby", parent_id: instance.id };
const forked = { ...child, mailboxes: [], timings_ms: { restore: 41 }, start: "cold", source_pause_ms: null };
const many = {
  children: [{ name: "worker-1", instance: child, mailboxes: [], timings_ms: {}, start: "cold", error: null }],
  timings_ms: {},
  source_pause_ms: null,
};
const answers = {
  "GET /instances": { status: 200, body: [instance, child] },
  "GET /instances/base": { status: 200, body: instance },
  "POST /instances/base/standby": { status: 200, body: { ...instance, state: "Standby", timings_ms: { stop: 1 } } },
  "POST /instances/base/fork": { status: 201, body: forked },
  "POST /instances/base/forks": { status: 201, body: many },
  "GET /health": { status: 200, body: { status: "ok" } },
  "GET /instances/base/wait?state=Running&timeout=60000ms": { status: 200, body: { instance, reached: true } },
  "GET /instances/base/wait?state=Paused&timeout=60000ms": {
    status: 200,
    body: { instance: { ...instance, state: "Stopped" }, reached: false },
  },
  "GET /instances/base/wait": { status: 200, body: { instance, reached: false } },
  "DELETE /instances/base": { status: 204 },
};

test("--format json is the server's answer, jsonl a line for each of several, -q ids and silence", async (t) => {
  const { url } = await startScriptedServer(t, answers);
  const run = (...words: string[]) => rametHere([...words, "--url", url]);
  const lines = async (...words: string[]): Promise<unknown[]> => {
    const { stdout } = await run(...words);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  };
  assert.deepEqual(await lines("ps", "--format", "json"), [[instance, child]]);
  assert.deepEqual(await lines("ps", "--format", "jsonl"), [instance, child]);
  assert.deepEqual(await lines("get", "base", "--format=jsonl"), [instance]);
  assert.deepEqual(await lines("inspect", "base", "--json"), [instance]);
  assert.deepEqual(await lines("fork", "base", "--name", "w-{index}", "--format", "jsonl"), many.children);
  const quiet: readonly (readonly [words: string[], stdout: string])[] = [
    [["ps", "-q"], "a1b2c3d4e5\nf6\n"],
    [["standby", "base", "--quiet"], "a1b2c3d4e5\n"],
    [["fork", "base", "--name", "worker-1", "-q"], "f6\n"],
    [["fork", "base", "--name", "worker-{index}", "-q"], "f6\n"],
    [["rm", "base", "-q"], "base\n"],
    [["-q", "wait", "base"], "a1b2c3d4e5\n"],
    [["health", "-q"], ""],
  ];
  for (const [words, stdout] of quiet) {
    const { exitCode, stdout: out, stderr } = await run(...words);
    assert.deepEqual([exitCode, out, stderr], [0, stdout, ""], words.join(" "));
  }
});

test("a failure is told with -q too, and as JSON in either JSON format", async (t) => {
  const { url } = await startScriptedServer(t, {});
  const silent = await rametHere(["get", "nobody", "-q", "--url", url]);
  assert.equal(silent.exitCode, 4);
  assert.match(silent.stderr, /^ramet: .*\(not_found\)\n/);
  for (const format of ["--format=json", "--json", "--format=jsonl"]) {
    const run = await rametHere(["get", "nobody", format, "--url", url]);
    const { error } = JSON.parse(run.stdout) as { error: { code: string } };
    assert.equal(error.code, "not_found", format);
  }
  assert.equal((await rametHere(["ps", "--format", "yaml", "--url", url])).exitCode, 2);
});

test("wait ends with 0 in the state, 1 in another one that rests, 124 when the time is over", async (t) => {
  const { url } = await startScriptedServer(t, answers);
  const wait = (...words: string[]) => rametHere(["wait", "base", ...words, "--url", url]);
  assert.equal((await wait()).exitCode, 0);
  const rests = await wait("--state", "Paused");
  assert.equal(rests.exitCode, 1);
  assert.match(rests.stderr, /base is Stopped, not Paused \(not_reached\)\nsee its console: ramet logs base\n$/);
  assert.equal((await wait("--state", "Standby", "--timeout", "1")).exitCode, 124);
});

const silence = { write: () => true, isTTY: false };
const program = buildProgram({
  stdin: process.stdin,
  stdout: Object.assign(Object.create(process.stdout) as typeof process.stdout, silence),
  stderr: Object.assign(Object.create(process.stderr) as typeof process.stderr, silence),
  env: {},
  signal: new AbortController().signal,
  quiet: false,
});

/** Every verb with its words, those of groups too. */
function verbs(command = program, above = ""): { words: string; help: string }[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => {
      const words = `${above}${each.name()}`;
      let help = "";
      each.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 });
      each.outputHelp();
      return [{ words, help }, ...verbs(each, `${words} `)];
    });
}

test("every verb has examples under its help, and a line in the reference", () => {
  const page = readFileSync(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
  const all = verbs().filter(({ words }) => words !== "help");
  assert.ok(all.length > 20);
  assert.deepEqual(
    all.filter(({ help }) => !/\nExamples:\n {2}\S/.test(help)).map(({ words }) => words),
    [],
  );
  const groups = new Set(all.flatMap(({ words }) => (words.includes(" ") ? [words.split(" ")[0]] : [])));
  assert.deepEqual(
    all.filter(({ words }) => !groups.has(words) && !page.includes(`| \`${words}`)).map(({ words }) => words),
    [],
  );
});

test("on a terminal of 80 columns help is no wider, but for a command line of an example", () => {
  const wide = verbs().flatMap(({ words, help }) =>
    help
      .split("\n")
      .filter((line) => line.length > 80 && !/^ {2}(?:.*\| )?ramet /.test(line))
      .map((line) => `${words}: ${line}`),
  );
  assert.deepEqual(wide, []);
});
