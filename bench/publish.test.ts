import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { filesOf, readBaseline } from "./publish.ts";

const root = join(import.meta.dirname, "..");

test("charts and tables are those of the committed baseline", async () => {
  const baseline = await readBaseline();
  assert.ok(baseline !== null, "there is a baseline");
  const stale = [...(await filesOf(baseline))].filter(
    ([path, content]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== content,
  );
  assert.deepEqual(
    stale.map(([path]) => path),
    [],
    "written by ./ramet bench --publish",
  );
});
