import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../paint.ts";
import { drawUsage } from "./draw.ts";
import { type Reading, usageBetween } from "./sample.ts";

const reading = (id: string, cpuSeconds: number, atMs: number): [string, Reading] => [
  id,
  {
    state: "Running",
    atMs,
    stats: {
      instance_id: id,
      instance_name: `name-${id}`,
      cpu_seconds: cpuSeconds,
      memory_rss_bytes: 187_170_816,
      memory_vms_bytes: 1_309_442_048,
      memory_private_bytes: id === "b" ? null : 39_845_888,
      network_rx_bytes: 0,
      network_tx_bytes: 2048,
      allocated_vcpus: 1,
      allocated_memory_bytes: 268_435_456,
      memory_utilization_ratio: 0.7,
    },
  },
];

test("a processor's share is what was used between two readings; the busiest come first", () => {
  const before = new Map([reading("a", 10, 1000), reading("b", 5, 1000), reading("d", 9, 1000)]);
  const now = new Map([reading("a", 10.5, 3000), reading("b", 7, 3000), reading("c", 1, 3000), reading("d", 1, 3000)]);
  assert.deepEqual(
    usageBetween(before, now).map(({ id, cpu_percent }) => [id, cpu_percent]),
    [
      ["b", 100],
      ["a", 25],
      // New since the first reading, and started anew between the two.
      ["c", null],
      ["d", null],
    ],
  );
});

test("the table says what it leaves out when the terminal is low", () => {
  const now = new Map(["a", "b", "c", "d"].map((id) => reading(id, 1, 0)));
  const usages = usageBetween(new Map(), now);
  const whole = drawUsage(usages, undefined, null, plain).trimEnd().split("\n");
  assert.equal(whole.length, 5);
  assert.match(whole[1] ?? "", /^name-a +Running +- +179 MB +38 MB +256 MB +0 B +2\.0 KB$/);
  assert.match(whole[2] ?? "", /^name-b +Running +- +179 MB +- +256 MB/);
  assert.equal(drawUsage(usages, undefined, 5, plain).trimEnd().split("\n").length, 5);
  const low = drawUsage(usages, undefined, 4, plain).trimEnd().split("\n");
  assert.deepEqual([low.length, low.at(-1)], [4, "… and 2 more"]);
});
