import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { awaitedShare, raiseSchedulingShare, serverShare } from "./scheduling-share.ts";

function fileWith(context: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-share-"));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const path = join(directory, "autogroup");
  writeFileSync(path, text);
  return path;
}

test("a session's share is raised, and is what it was afterwards", (context) => {
  const path = fileWith(context, "/autogroup-12 nice 3\n");
  const raised = raiseSchedulingShare(serverShare, path);
  assert.ok(raised !== null);
  assert.equal(readFileSync(path, "latin1"), "-20");
  raised[Symbol.dispose]();
  assert.equal(readFileSync(path, "latin1"), "3");
});

test("a session that has ended meanwhile needs nothing back", (context) => {
  const path = fileWith(context, "/autogroup-12 nice 0\n");
  const raised = raiseSchedulingShare(awaitedShare, path);
  assert.ok(raised !== null);
  rmSync(join(path, ".."), { recursive: true });
  raised[Symbol.dispose]();
});

test("where there are no shares of sessions, nothing is raised", (context) => {
  assert.equal(raiseSchedulingShare(serverShare, "/nonexistent/autogroup"), null);
  const path = fileWith(context, "");
  assert.equal(raiseSchedulingShare(serverShare, path), null);
  assert.equal(readFileSync(path, "latin1"), "");
});
