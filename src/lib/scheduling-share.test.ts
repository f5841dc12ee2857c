import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { raiseSchedulingShare } from "./scheduling-share.ts";

function fileWith(context: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-share-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  const path = join(directory, "autogroup");
  writeFileSync(path, text);
  return path;
}

test("a session's share is raised, and is what it was afterwards", (context) => {
  const path = fileWith(context, "/autogroup-12 nice 3\n");
  const raised = raiseSchedulingShare(path);
  assert.ok(raised !== null);
  assert.equal(readFileSync(path, "latin1"), "-20");
  raised[Symbol.dispose]();
  assert.equal(readFileSync(path, "latin1"), "3");
});

test("where there are no shares of sessions, nothing is raised", (context) => {
  assert.equal(raiseSchedulingShare("/nonexistent/autogroup"), null);
  const path = fileWith(context, "");
  assert.equal(raiseSchedulingShare(path), null);
  assert.equal(readFileSync(path, "latin1"), "");
});
