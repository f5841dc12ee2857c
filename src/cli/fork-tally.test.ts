import assert from "node:assert/strict";
import { test } from "node:test";
import type { RametEvent } from "../client/shapes.ts";
import { ForkTally } from "./fork-tally.ts";

const head = { id: "1-1", at: "2026-01-02T03:04:05.678Z", parent_id: "a1" };
const phase = (name: string, what: string): RametEvent => ({
  ...head,
  type: "fork.phase",
  name,
  instance_id: `id-${name}`,
  phase: what,
  ms: 1,
});
const acked = (name: string): RametEvent => ({
  id: "1-1",
  at: head.at,
  type: "mailbox.acked",
  instance_id: `id-${name}`,
  mailbox: "job",
  ack_ms: 1,
});
const child = (name: string, wait_for_ack = true) => ({
  name,
  mailboxes: [{ name: "job", payload: {}, wait_for_ack }],
});

test("counts each child once, and only those of this fork", () => {
  const tally = new ForkTally([child("w-0"), child("w-1"), child("w-2", false)]);
  assert.equal(tally.describe(), "");
  for (const name of ["w-0", "w-1", "other"]) tally.take(phase(name, "restore"));
  tally.take(phase("w-0", "restore"));
  tally.take(phase("w-0", "resume"));
  assert.equal(tally.describe(), "2 restored · 1 resumed");
  tally.take(acked("w-0"));
  tally.take(acked("other"));
  tally.take({ ...head, type: "fork.failed", name: "w-1", instance_id: "id-w-1", code: "ack_timeout" });
  assert.equal(tally.describe(), "2 restored · 1 resumed · 1 of 2 acks · 1 failed");
});

test("an ack of a child that is held is not expected", () => {
  const tally = new ForkTally([{ ...child("w-0"), target_state: "Paused" }, child("w-1")]);
  tally.take(phase("w-1", "restore"));
  tally.take(acked("w-1"));
  assert.equal(tally.describe(), "1 restored · 1 of 1 acks");
});
