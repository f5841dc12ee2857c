import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { removeBeside, removeDirectoryBeside } from "./remove-beside.ts";

function makeDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-remove-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

test("names are gone at once, links of others stay, and what is missing is no failure", (context) => {
  const directory = makeDirectory(context);
  const [mine, other, missing] = ["mine", "other", "missing"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(mine, "shared");
  linkSync(mine, other);
  removeBeside([mine, missing]);
  assert.deepEqual([existsSync(mine), readFileSync(other, "utf8")], [false, "shared"]);
  const inner = join(directory, "inner");
  mkdirSync(inner);
  writeFileSync(join(inner, "one"), "1");
  removeDirectoryBeside(inner);
  assert.equal(existsSync(inner), false);
  removeDirectoryBeside(inner);
});

test("nothing holds the content for good", async (context) => {
  const path = join(makeDirectory(context), "file");
  writeFileSync(path, "content");
  removeBeside([path]);
  const deadline = AbortSignal.timeout(10_000);
  while (openPaths().includes(`${path} (deleted)`)) {
    deadline.throwIfAborted();
    await setImmediate();
  }
});

/** What this process has open (proc(5)); the descriptor of the listing itself is gone when it is looked at. */
function openPaths(): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch (failure) {
      assert.equal((failure as NodeJS.ErrnoException).code, "ENOENT");
      return [];
    }
  });
}
