import assert from "node:assert/strict";
import { test } from "node:test";
import { examineLiveCheckpoints } from "./examine.ts";

test("says whether a guest stands still while all that it wrote is copied, and what to do about it", () => {
  for (const release of ["6.7.0", "6.18.44-fc-v657", "7.0-rc1", "10.2.1"]) {
    const { ok, detail } = examineLiveCheckpoints("/build/host/track-writes.so", release);
    assert.deepEqual([ok, detail], [true, "most of what a guest wrote is copied before its pause"]);
  }
  for (const release of ["6.6.99", "6.1.0-40-amd64", "5.19.0"]) {
    const { ok, detail, remedy } = examineLiveCheckpoints("/build/host/track-writes.so", release);
    assert.ok(ok);
    assert.match(detail, /stands still.*older than 6\.7/);
    assert.equal(remedy, null);
  }
  const missing = examineLiveCheckpoints(null, "6.18.0");
  assert.match(missing.detail, /stands still.*build\/host is missing/);
  assert.equal(missing.remedy, "run ./ramet setup");
});
