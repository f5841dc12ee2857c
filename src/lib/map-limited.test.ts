import assert from "node:assert/strict";
import { test } from "node:test";
import { mapLimited } from "./map-limited.ts";

test("keeps the order of the items and the limit", async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapLimited([3, 1, 2, 5, 4], 2, async (item) => {
    most = Math.max(most, (underWay += 1));
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    underWay -= 1;
    return item * 10;
  });
  assert.deepEqual(results, [30, 10, 20, 50, 40]);
  assert.equal(most, 2);
});

test("begins nothing new after a failure, waits for what is under way, and throws the first", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = mapLimited([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("first");
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(item);
  });
  await assert.rejects(failing, /first/);
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(ended, [1]);
});

test("does nothing for no items", async () => {
  assert.deepEqual(await mapLimited([], 4, () => Promise.resolve(1)), []);
});
