import assert from "node:assert/strict";
import { test } from "node:test";
import { manuallyStopped, noRestarts, planRestart, type RestartPolicy } from "./restart-policy.ts";

const onFailure: RestartPolicy = { policy: "on_failure", backoffMs: 5000, maxAttempts: 2, stableAfterMs: 60_000 };
const failed = { exit: { exitCode: 1, signal: null, reason: "" }, ranMs: 100 };
const well = { exit: { exitCode: 0, signal: null, reason: "" }, ranMs: 100 };

test("what failed is started again after the backoff; what ended well only when it is to run always", () => {
  assert.equal(planRestart(onFailure, noRestarts, failed, 1000).nextAttemptAtMs, 6000);
  assert.equal(planRestart(onFailure, noRestarts, well, 1000).nextAttemptAtMs, null);
  assert.equal(planRestart({ ...onFailure, policy: "always" }, noRestarts, well, 1000).nextAttemptAtMs, 6000);
  assert.equal(planRestart({ ...onFailure, policy: "never" }, noRestarts, failed, 1000).nextAttemptAtMs, null);
});

test("a signal, and an end that nobody knows, are failures", () => {
  const killed = { exit: { exitCode: null, signal: 9, reason: "" }, ranMs: 100 };
  assert.equal(planRestart(onFailure, noRestarts, killed, 0).nextAttemptAtMs, 5000);
  assert.equal(planRestart(onFailure, noRestarts, { exit: null, ranMs: 0 }, 0).nextAttemptAtMs, 5000);
});

test("the attempts have an end, which a long run puts off, and 0 means none", () => {
  const spent = { ...noRestarts, attempts: 2 };
  const blocked = planRestart(onFailure, spent, failed, 1000);
  assert.deepEqual([blocked.nextAttemptAtMs, blocked.blockedReason], [null, "max_attempts_exceeded"]);
  const stable = planRestart(onFailure, spent, { ...failed, ranMs: 60_000 }, 1000);
  assert.deepEqual([stable.nextAttemptAtMs, stable.attempts], [6000, 0]);
  assert.equal(planRestart({ ...onFailure, maxAttempts: 0 }, spent, failed, 1000).nextAttemptAtMs, 6000);
});

test("what a caller stopped stays stopped", () => {
  const always: RestartPolicy = { ...onFailure, policy: "always" };
  assert.deepEqual(planRestart(always, manuallyStopped, failed, 1000), manuallyStopped);
});
