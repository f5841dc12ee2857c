import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../errors.ts";
import { parseDurationMs } from "./duration.ts";

test("reads milliseconds, seconds and minutes", () => {
  assert.deepEqual(["0s", "500ms", "30s", "5m"].map(parseDurationMs), [0, 500, 30_000, 300_000]);
});

test("refuses more than five minutes and what is no duration", () => {
  for (const text of ["301s", "6m", "300001ms", "30", "1h", ""]) {
    assert.throws(
      () => parseDurationMs(text),
      (error) => error instanceof OperatingError && error.code === "invalid_request",
      text,
    );
  }
});
