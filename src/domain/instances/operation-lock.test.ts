import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../errors.ts";
import { OperationLock } from "./operation-lock.ts";

function isBusyWith(operation: string) {
  return (failure: unknown) => {
    assert(failure instanceof OperatingError && failure.code === "instance_busy", "the refusal is instance_busy");
    assert.deepEqual(failure.details, { operation });
    return true;
  };
}

test("refuses a second operation and names the one in progress", () => {
  const lock = new OperationLock();
  using _ = lock.acquire("a", "standby");
  assert.throws(() => lock.acquire("a", "delete"), isBusyWith("standby"));
  lock.acquire("b", "delete")[Symbol.dispose]();
});

test("lets go when disposed of", () => {
  const lock = new OperationLock();
  const held = lock.acquire("a", "standby");
  assert.deepEqual([lock.isHeld("a"), lock.isHeld("b")], [true, false]);
  held[Symbol.dispose]();
  assert.equal(lock.isHeld("a"), false);
  lock.acquire("a", "delete")[Symbol.dispose]();
});

test("shares between forks and keeps everything else out until the last has ended", () => {
  const lock = new OperationLock();
  const first = lock.acquire("a", "fork", "shared");
  const second = lock.acquire("a", "fork", "shared");
  first[Symbol.dispose]();
  assert.throws(() => lock.acquire("a", "restore"), isBusyWith("fork"));
  second[Symbol.dispose]();
  using _ = lock.acquire("a", "restore");
  assert.throws(() => lock.acquire("a", "fork", "shared"), isBusyWith("restore"));
});
