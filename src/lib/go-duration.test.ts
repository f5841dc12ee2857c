import assert from "node:assert/strict";
import { test } from "node:test";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";

test("a duration is read as Go reads it, and written in its largest units", () => {
  for (const [text, durationMs, written] of [
    ["500ms", 500, "500ms"],
    ["90s", 90_000, "1m30s"],
    ["1h30m", 5_400_000, "1h30m"],
    ["1.5h", 5_400_000, "1h30m"],
    ["24h", 86_400_000, "24h"],
    ["0s", 0, "0s"],
  ] as const) {
    assert.equal(parseGoDuration(text), durationMs);
    assert.equal(formatGoDuration(durationMs), written);
  }
});

test("what is no duration is null", () => {
  for (const text of ["", "5", "m", "-5m", "5 m", "1d", "1e3s", ".5s", "5m!", "1.2345s"]) {
    assert.equal(parseGoDuration(text), null, text);
  }
});
