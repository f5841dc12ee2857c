import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog } from "./backlog.ts";

const megabyte = 1 << 20;

/** A backlog of so many MiB, and the memory that its buffers are parts of. */
async function open(megabytes: number): Promise<{ backlog: Backlog; memory: ArrayBufferLike }> {
  const backlog = await Backlog.open(megabytes * megabyte);
  const { buffer: memory } = await backlog.take(() => Promise.reject(new Error("nothing was filled")));
  return { backlog, memory };
}

test("the memory of one backlog serves the next that needs no more, for a minute", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const first = await open(16);
  first.backlog.close();
  const smaller = await open(12);
  assert.equal(smaller.memory, first.memory);
  smaller.backlog.close();
  const larger = await open(20);
  assert.notEqual(larger.memory, first.memory);
  assert.equal(first.memory.byteLength, 16 * megabyte, "it is still there for another");
  larger.backlog.close();
  assert.equal(first.memory.byteLength, 0, "of two the larger is kept");
  context.mock.timers.tick(59_999);
  assert.equal(larger.memory.byteLength, 20 * megabyte);
  context.mock.timers.tick(1);
  assert.equal(larger.memory.byteLength, 0);
});

test("two at a time have memory of their own, and what is too large is given back at once", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const one = await open(8);
  const other = await open(8);
  assert.notEqual(one.memory, other.memory);
  one.backlog.close();
  one.backlog.close();
  other.backlog.close();
  assert.deepEqual([one.memory.byteLength, other.memory.byteLength], [0, 8 * megabyte]);
  const large = await open(65);
  large.backlog.close();
  assert.deepEqual([large.memory.byteLength, other.memory.byteLength], [0, 8 * megabyte]);
  context.mock.timers.runAll();
  assert.equal(other.memory.byteLength, 0);
});
