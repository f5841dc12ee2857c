import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../errors.ts";
import { formatSize, parseMemory } from "./memory-size.ts";

test("reads every unit as a power of 1024", () => {
  assert.equal(parseMemory("98304KB"), 96 * 2 ** 20);
  assert.equal(parseMemory("98304KiB"), 96 * 2 ** 20);
  assert.equal(parseMemory("512MB"), 536870912);
  assert.equal(parseMemory("512MiB"), 536870912);
  assert.equal(parseMemory("2GB"), 2147483648);
  assert.equal(parseMemory("2G"), 2147483648);
  assert.equal(parseMemory("1T"), 2 ** 40);
  assert.equal(parseMemory("1024GiB"), 2 ** 40);
});

test("refuses a size that is too small, too large, or no whole number of MiB", () => {
  for (const text of ["63MB", "1025GB", "999999999999GB", "65537KB", "0GB"]) {
    assert.throws(
      () => parseMemory(text),
      (error) => error instanceof OperatingError && error.code === "invalid_request",
      text,
    );
  }
});

test("what it writes, it reads back", () => {
  for (const text of ["96MB", "512MB", "1GB", "1536MB", "1TB"]) assert.equal(formatSize(parseMemory(text)), text);
});
