import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { LogFile } from "./log-file.ts";
import { logPlacePattern, type PlacedLine } from "../history/log-place.ts";

function makeLog(context: TestContext, content: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-log-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  writeFileSync(join(directory, "console.log"), content);
  return join(directory, "console.log");
}

async function textsOf(file: LogFile): Promise<string[]> {
  return (await linesOf(file)).map(({ text }) => text);
}

async function linesOf(file: LogFile): Promise<PlacedLine[]> {
  const lines: PlacedLine[] = [];
  for await (const line of file.readLines()) lines.push(line);
  return lines;
}

test("lines come without their ends, whole across reads of the file, and what is no UTF-8 becomes U+FFFD", async (context) => {
  const long = "é".repeat(100_000);
  const path = makeLog(context, Buffer.concat([Buffer.from(`one\r\n\n${long}\na\rb\n`), Buffer.from([0xff, 0x0a])]));
  appendFileSync(path, "unfin");
  await using file = await LogFile.open(path);
  assert.deepEqual(await textsOf(file), ["one", "", long, "a\rb", "\ufffd"]);
  assert.deepEqual(file.readUnfinished(), [{ text: "unfin", place: null }]);
  appendFileSync(path, "ished\nlast\n");
  assert.deepEqual(await textsOf(file), ["unfinished", "last"]);
  assert.deepEqual(file.readUnfinished(), []);
});

test("behind each line it goes on with the next one, also when the file was renamed", async (context) => {
  const lines = ["", "a", "", "x".repeat(62), "x".repeat(63), "x".repeat(64), "x".repeat(200), "ünd", ""];
  const path = makeLog(context, lines.map((line) => `${line}\n`).join(""));
  await using first = await LogFile.open(path);
  const places = [first.place, ...(await linesOf(first)).map(({ place }) => place ?? "")];
  renameSync(path, `${path}.1`);
  for (const [index, place] of places.entries()) {
    assert.match(place, new RegExp(logPlacePattern));
    await using again = await LogFile.open(`${path}.1`);
    assert.equal(await again.goTo(place), "kept");
    assert.equal(again.place, place);
    assert.deepEqual(await textsOf(again), lines.slice(index));
  }
});

test("the last lines are found from the end, across reads of the file", async (context) => {
  const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${"y".repeat(index % 97)}`);
  const path = makeLog(context, `${lines.join("\n")}\n`);
  for (const count of [0, 1, 2, 700, 2999, 3000, 3001]) {
    await using file = await LogFile.open(path);
    await file.goToLast(count, false);
    await using again = await LogFile.open(path);
    assert.equal(await again.goTo(file.place), "kept");
    const wanted = count === 0 ? [] : lines.slice(-count);
    assert.deepEqual([await textsOf(file), await textsOf(again)], [wanted, wanted], String(count));
  }
  appendFileSync(path, "unfinished");
  await using unfinished = await LogFile.open(path);
  await unfinished.goToLast(2, true);
  assert.deepEqual(await textsOf(unfinished), lines.slice(-1));
  assert.equal(unfinished.readUnfinished()[0]?.text, "unfinished");
  await unfinished.goToLast(2, false);
  assert.deepEqual(await textsOf(unfinished), lines.slice(-2));
});

test("the last lines of an empty file are none", async (context) => {
  await using file = await LogFile.open(makeLog(context, ""));
  await file.goToLast(10, true);
  assert.deepEqual(await textsOf(file), []);
});

test("a file that was cut, cut and written again, or replaced is told from one that only grew", async (context) => {
  const path = makeLog(context, "one\ntwo\n");
  await using file = await LogFile.open(path);
  await textsOf(file);
  const { place } = file;
  const seenAnew = async (): Promise<string> => {
    await using again = await LogFile.open(path);
    return await again.goTo(place);
  };
  appendFileSync(path, "three\n");
  assert.deepEqual([await file.whatBecameOfIt(), await seenAnew()], ["kept", "kept"]);
  truncateSync(path, 5);
  assert.deepEqual([await file.whatBecameOfIt(), await seenAnew()], ["cut", "cut"]);
  truncateSync(path, 0);
  appendFileSync(path, "six\nand\nmore\n");
  assert.deepEqual([await file.whatBecameOfIt(), await seenAnew()], ["cut", "cut"]);
  writeFileSync(`${path}.new`, "one\ntwo\n");
  renameSync(`${path}.new`, path);
  assert.deepEqual([await file.whatBecameOfIt(), await seenAnew()], ["replaced", "replaced"]);
  rmSync(path);
  assert.equal(await file.whatBecameOfIt(), "cut");
});

test("a line whose beginning was cut away is read anew", async (context) => {
  const path = makeLog(context, "one\nlong and unfin");
  await using file = await LogFile.open(path);
  assert.deepEqual(await textsOf(file), ["one"]);
  truncateSync(path, "one\n".length);
  assert.equal(await file.whatBecameOfIt(), "kept");
  appendFileSync(path, "two\n");
  assert.deepEqual(await textsOf(file), ["two"]);
});
