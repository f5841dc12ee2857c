import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("one begins when the one before has ended, in order, and a failure is its own caller's alone", async () => {
  const turns = new Turns();
  const gate = Promise.withResolvers<undefined>();
  const seen: string[] = [];
  const first = turns.take(async () => {
    seen.push("first begins");
    await gate.promise;
    seen.push("first ends");
    throw new Error("it was told to fail");
  });
  const second = turns.take(() => Promise.resolve(seen.push("second")));
  const third = turns.take(() => Promise.resolve(seen.push("third")));
  await turns.take.call(new Turns(), () => Promise.resolve());
  assert.deepEqual(seen, ["first begins"]);
  gate.resolve(undefined);
  await assert.rejects(first, /told to fail/);
  assert.deepEqual([await second, await third], [3, 4]);
  assert.deepEqual(seen, ["first begins", "first ends", "second", "third"]);
});
