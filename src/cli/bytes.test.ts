import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes } from "./bytes.ts";

test("shows bytes in the unit that suits them", () => {
  assert.deepEqual([0, 812, 1024, 1536, 10_188, 1_048_575, 187_465_728, 5 * 2 ** 30].map(formatBytes), [
    "0 B",
    "812 B",
    "1.0 KB",
    "1.5 KB",
    "9.9 KB",
    "1.0 MB",
    "179 MB",
    "5.0 GB",
  ]);
});
