import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ProcessIdentity } from "../../lib/process-identity.ts";
import { AwaitedGuests } from "./awaited-guests.ts";

/** Guests whose sessions are files: what is written to one is its share. */
function guestsIn(context: TestContext, count: number): { processes: ProcessIdentity[]; sessionOf: typeof pathOf } {
  const directory = mkdtempSync(join(tmpdir(), "ramet-awaited-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  const pathOf = ({ pid }: { readonly pid: number }): string => join(directory, String(pid));
  const processes = Array.from({ length: count }, (_, index) => ({ pid: index + 1, startTimeTicks: 0, bootId: "" }));
  for (const process of processes) writeFileSync(pathOf(process), "/autogroup-7 nice 0\n");
  return { processes, sessionOf: pathOf };
}

test("as many as there are places are favoured, the others wait their turn, and who is done holds none of them up", (context) => {
  const { processes, sessionOf } = guestsIn(context, 4);
  const shares = (): string[] => processes.map((process) => readFileSync(sessionOf(process), "latin1").trim());
  const awaited = new AwaitedGuests(2, sessionOf);
  const [first, second, third, fourth] = processes.map((process) => awaited.enter(process));
  assert.deepEqual(shares(), ["-10", "-10", "19", "19"]);
  second?.[Symbol.dispose]();
  assert.deepEqual(shares(), ["-10", "10", "-10", "19"]);
  // Its call was given up before its turn came.
  fourth?.[Symbol.dispose]();
  assert.deepEqual(shares(), ["-10", "10", "-10", "10"]);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.deepEqual(shares(), ["10", "10", "-10", "10"]);
  third?.[Symbol.dispose]();
  assert.deepEqual(shares(), ["0", "0", "0", "0"]);
});

test("a guest that says nothing keeps its place for a while only, and may be asked then", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { processes, sessionOf } = guestsIn(context, 2);
  const shares = (): string[] => processes.map((process) => readFileSync(sessionOf(process), "latin1").trim());
  const awaited = new AwaitedGuests(1, sessionOf);
  const entered = processes.map((process) => awaited.enter(process));
  assert.deepEqual(shares(), ["-10", "19"]);
  const overdue: number[] = [];
  entered.forEach(({ overdue: turn }, index) => void turn.then(() => overdue.push(index)));
  context.mock.timers.tick(2000);
  await entered[0]?.overdue;
  assert.deepEqual(shares(), ["0", "-10"]);
  assert.deepEqual(overdue, [0], "the second has just got its turn");
  for (const one of entered) one[Symbol.dispose]();
  assert.deepEqual(shares(), ["0", "0"]);
});

test("a machine without a process, and one that has ended, are nobody's trouble", (context) => {
  const { processes, sessionOf } = guestsIn(context, 2);
  const awaited = new AwaitedGuests(1, sessionOf);
  awaited.enter(null)[Symbol.dispose]();
  const [gone, other] = processes;
  assert.ok(gone !== undefined && other !== undefined);
  rmSync(sessionOf(gone));
  const entered = awaited.enter(gone);
  awaited.enter(other)[Symbol.dispose]();
  entered[Symbol.dispose]();
  assert.equal(readFileSync(sessionOf(other), "latin1"), "0");
});
