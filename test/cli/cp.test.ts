import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parsePlace } from "../../src/cli/copy-place.ts";
import { makeRunning, startTestServer } from "../api/helpers.ts";
import { rametHere } from "./in-process.ts";

test("tells a path in an instance from one here", () => {
  assert.deepEqual(parsePlace("base:/srv"), { kind: "guest", reference: "base", path: "/srv" });
  assert.deepEqual(parsePlace("base:a:b"), { kind: "guest", reference: "base", path: "a:b" });
  for (const path of ["./a:b", "/a:b", "a", "."]) assert.deepEqual(parsePlace(path), { kind: "here", path });
  assert.throws(() => parsePlace("base:"), /names no path/);
});

test("cp goes into a directory that is there under its own name, and else to the path itself, both ways", async (t) => {
  const server = await startTestServer(t);
  await makeRunning(server, "base");
  const here = mkdtempSync(join(tmpdir(), "ramet-cp-"));
  t.after(() => {
    rmSync(here, { recursive: true });
  });
  mkdirSync(join(here, "tree"));
  writeFileSync(join(here, "tree/file"), "content");
  const cp = (...words: string[]) => rametHere(["cp", ...words], { RAMET_URL: server.url, RAMET_TOKEN: server.token });
  const first = await cp(join(here, "tree"), "base:/srv/tree");
  assert.deepEqual([first.exitCode, first.stdout], [0, ""], first.stderr);
  assert.match(first.stderr, /1 files, 1 directories, 7 B\n$/);
  const inside = await cp("--json", join(here, "tree/file"), "base:/srv/tree");
  assert.deepEqual(JSON.parse(inside.stdout), { files: 1, directories: 0, links: 0, bytes: 7, skipped: [] });
  assert.equal((await cp("base:/srv/tree/file", join(here, "copy"))).exitCode, 0);
  assert.equal(readFileSync(join(here, "copy"), "utf8"), "content");
  assert.equal((await cp("base:/srv/tree", `${here}/new-`)).exitCode, 0);
  assert.equal((await cp("base:/srv/tree/file", `${here}/new-/`)).exitCode, 0);
  assert.equal(readFileSync(join(here, "new-/file"), "utf8"), "content");
  assert.equal((await cp("a", "b")).exitCode, 2);
  const missing = await cp("base:/nothing", here);
  assert.deepEqual([missing.exitCode, missing.stdout.length], [1, 0]);
  assert.match(missing.stderr, /\(copy_failed\)/);
});
