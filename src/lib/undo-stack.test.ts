import assert from "node:assert/strict";
import { test } from "node:test";
import { UndoStack } from "./undo-stack.ts";

async function takeTwo(options: { commit: boolean; fail?: boolean }): Promise<string[]> {
  const given: string[] = [];
  await using undo = new UndoStack();
  undo.push(() => given.push("first"));
  undo.push(async () => {
    await Promise.resolve();
    given.push("second");
  });
  if (options.commit) undo.commit();
  return given;
}

test("gives back in reverse order, waiting for each", async () => {
  assert.deepEqual(await takeTwo({ commit: false }), ["second", "first"]);
});

test("keeps everything after commit", async () => {
  assert.deepEqual(await takeTwo({ commit: true }), []);
});

test("runs every undo even when one fails, and reports the failures", async () => {
  const given: string[] = [];
  const leave = async (): Promise<void> => {
    await using undo = new UndoStack();
    undo.push(() => given.push("first"));
    undo.push(() => {
      throw new Error("stuck");
    });
    undo.push(() => {
      throw new Error("gone");
    });
  };
  await assert.rejects(leave, (failure) => failure instanceof AggregateError && failure.errors.length === 2);
  assert.deepEqual(given, ["first"]);
});
