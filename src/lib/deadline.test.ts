import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlineError, untilAborted, withDeadline } from "./deadline.ts";

const never = new AbortController().signal;
const untilAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("the work was aborted"));
    });
  });

test("gives what the work gives, and leaves no timer behind", async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  assert.equal(await withDeadline(never, 60_000, "the answer", () => Promise.resolve(42)), 42);
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length, before);
});

test("a deadline that passes is a DeadlineError that names what was waited for, whatever the work throws", async () => {
  await assert.rejects(withDeadline(never, 1, "the answer", untilAbort), (failure) => {
    assert.ok(failure instanceof DeadlineError);
    assert.equal(failure.message, "the answer took longer than 1 ms");
    return true;
  });
});

test("the caller's abort is not a deadline", async () => {
  const caller = new AbortController();
  const working = withDeadline(caller.signal, 60_000, "the answer", untilAbort);
  caller.abort(new Error("gone"));
  await assert.rejects(working, /the work was aborted/);
});

test("no work is begun for a caller that is gone already", async () => {
  let isBegun = false;
  const work = (): Promise<void> => {
    isBegun = true;
    return Promise.resolve();
  };
  await assert.rejects(withDeadline(AbortSignal.abort(new Error("gone")), 60_000, "the answer", work), /gone/);
  assert.equal(isBegun, false);
});

test("a wait that is aborted rejects with the signal's reason and removes its listener", async () => {
  const caller = new AbortController();
  const waiting = untilAborted(new Promise(() => undefined), caller.signal);
  const reason = new Error("gone");
  caller.abort(reason);
  await assert.rejects(waiting, (failure) => failure === reason);
  assert.equal(await untilAborted(Promise.resolve(1), never), 1);
});
