import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { onBehalfOf } from "../../observability/origin.ts";
import { OperationLog } from "./operation-log.ts";

function makeLog(
  context: TestContext,
  maxFileBytes: number,
): { readonly log: OperationLog; readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), "ramet-operations-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  mkdirSync(join(directory, "one"));
  const log = new OperationLog({ pathOf: (id) => join(directory, id, "operations.log"), maxFileBytes });
  return { log, directory };
}

const linesOf = (log: OperationLog): unknown[] => log.read("one").lines.map(({ text }) => JSON.parse(text) as unknown);

test("a line tells what was done, for whom, and how it went", (context) => {
  const { log } = makeLog(context, 1 << 20);
  const origin = { requestId: "r-1", caller: { id: "t-1", name: "ci" }, isAudited: false };
  onBehalfOf(origin, () => {
    log.append("one", {
      operation: "standby",
      outcome: "failed",
      code: "instance_busy",
      durationMs: 1.5,
      phasesMs: { pause: 1 },
    });
  });
  log.append("one", { operation: "state", outcome: "ok", facts: { from: null, to: "Running" } });
  const [first, second] = linesOf(log) as Record<string, unknown>[];
  const { at, ...told } = first ?? {};
  assert.match(String(at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(told, {
    request_id: "r-1",
    caller: "t-1",
    operation: "standby",
    outcome: "failed",
    code: "instance_busy",
    duration_ms: 1.5,
    phases_ms: { pause: 1 },
  });
  assert.deepEqual([second?.["request_id"], second?.["from"], second?.["to"]], [null, null, "Running"]);
});

test("the log stays in bounds, and what is kept is the newest, without a gap", (context) => {
  const { log, directory } = makeLog(context, 2000);
  for (let number = 0; number < 200; number += 1) log.append("one", { operation: `op-${number}`, outcome: "ok" });
  assert.ok(readdirSync(join(directory, "one")).every((name) => ["operations.log", "operations.log.1"].includes(name)));
  for (const name of readdirSync(join(directory, "one"))) {
    const { size, mode } = statSync(join(directory, "one", name));
    assert.ok(size < 2300, `${name} is ${size} bytes`);
    assert.equal(mode & 0o777, 0o600);
  }
  const kept = (linesOf(log) as { operation: string }[]).map(({ operation }) => operation);
  assert.ok(kept.length >= 15);
  assert.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, index) => `op-${200 - kept.length + index}`),
  );
});

test("who listens hears every line that comes, across a turn of the files, until it stops", (context) => {
  const { log } = makeLog(context, 500);
  const heard: string[] = [];
  const listening = log.listen("one", ({ text }) => heard.push((JSON.parse(text) as { operation: string }).operation));
  for (let number = 0; number < 10; number += 1) log.append("one", { operation: `op-${number}`, outcome: "ok" });
  listening[Symbol.dispose]();
  log.append("one", { operation: "unheard", outcome: "ok" });
  assert.deepEqual(
    heard,
    Array.from({ length: 10 }, (_, index) => `op-${index}`),
  );
});

test("a line has the same place when it is heard, when it is read, and when its file was turned", (context) => {
  const { log } = makeLog(context, 500);
  const heard: (string | null)[] = [];
  using _ = log.listen("one", ({ place }) => heard.push(place));
  for (let number = 0; number < 30; number += 1) log.append("one", { operation: `op-${number}`, outcome: "ok" });
  const { lines } = log.read("one");
  assert.ok(lines.length >= 3 && lines.length < 30);
  assert.deepEqual(
    lines.map(({ place }) => place),
    heard.slice(-lines.length),
  );
  assert.equal(new Set(heard).size, 30);
});

test("of an instance whose directory is gone nothing is written, and nothing is read", (context) => {
  const { log, directory } = makeLog(context, 500);
  log.append("gone", { operation: "delete", outcome: "ok" });
  assert.deepEqual([log.read("gone"), readdirSync(directory)], [{ begin: null, lines: [] }, ["one"]]);
});
