import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { LinkedAbort } from "./linked-abort.ts";

test("aborts with the other signal, for its reason, also when that was aborted before", () => {
  const other = new AbortController();
  using before = new LinkedAbort(other.signal);
  const reason = new Error("gone");
  other.abort(reason);
  using after = new LinkedAbort(other.signal);
  assert.deepEqual([before.signal.reason, after.signal.reason], [reason, reason]);
});

test("its own abort is not the other's, and the first reason stays", () => {
  const other = new AbortController();
  using linked = new LinkedAbort(other.signal);
  linked.abort("over");
  assert.equal(other.signal.aborted, false);
  other.abort("gone");
  assert.equal(linked.signal.reason, "over");
});

test("what was disposed of hears nothing more and leaves no listener", () => {
  const other = new AbortController();
  const linked = new LinkedAbort(other.signal);
  assert.equal(getEventListeners(other.signal, "abort").length, 1);
  linked[Symbol.dispose]();
  assert.equal(getEventListeners(other.signal, "abort").length, 0);
  other.abort();
  assert.equal(linked.signal.aborted, false);
});
