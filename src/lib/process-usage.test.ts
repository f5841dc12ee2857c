import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { readProcessUsage } from "./process-usage.ts";

test("a process's own figures are read, and grow with what it does", async () => {
  const before = await readProcessUsage(process.pid);
  assert.ok(before !== null && before.privateBytes !== null);
  assert.ok(before.virtualBytes >= before.residentBytes && before.residentBytes >= before.privateBytes);
  assert.ok(before.privateBytes > 1 << 20);
  const held = Buffer.alloc(64 << 20, 1);
  for (const begun = process.cpuUsage().user; process.cpuUsage().user - begun < 50_000;) held[0] = (held[0] ?? 0) + 1;
  const after = await readProcessUsage(process.pid);
  assert.ok(after !== null && after.privateBytes !== null);
  assert.ok(after.privateBytes - before.privateBytes > 60 << 20);
  assert.ok(after.cpuSeconds > before.cpuSeconds);
  assert.equal(held.length, 64 << 20);
});

test("a process that is gone has none", async () => {
  const child = spawn("true");
  const { pid } = child;
  assert.ok(pid !== undefined);
  await once(child, "exit");
  assert.equal(await readProcessUsage(pid), null);
});
