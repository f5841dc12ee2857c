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

test("as many run side by side as there are places", async () => {
  const turns = new Turns(2);
  const gates = [1, 2, 3].map(() => Promise.withResolvers<undefined>());
  const begun: number[] = [];
  const all = gates.map((gate, index) =>
    turns.take(async () => {
      begun.push(index);
      await gate.promise;
    }),
  );
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1]);
  gates[1]?.resolve(undefined);
  await all[1];
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1, 2]);
  for (const gate of gates) gate.resolve(undefined);
  await Promise.all(all);
});
