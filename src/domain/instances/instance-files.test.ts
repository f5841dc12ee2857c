import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { InstanceFiles } from "./instance-files.ts";

async function makeFiles(context: TestContext): Promise<InstanceFiles> {
  const parent = await mkdtemp(join(tmpdir(), "ramet-files-"));
  context.after(() => rm(parent, { recursive: true }));
  const files = new InstanceFiles(join(parent, "one"));
  files.make();
  await writeFile(files.layerPath(0), "", { mode: 0o400 });
  return files;
}

test("layers lie in the order of their numbers, of which some may be missing, and the next is numbered after the last", async (context) => {
  const files = await makeFiles(context);
  for (const number of [9, 11]) await writeFile(files.layerPath(number), "", { mode: 0o400 });
  await writeFile(files.layerPath(100), "", { mode: 0o600 });
  assert.deepEqual(files.diskLayersNow(), {
    sealed: [0, 9, 11].map((number) => files.layerPath(number)),
    overlay: files.layerPath(100),
    nextPath: files.layerPath(101),
  });
});

test("the last layer is the overlay as long as it may be written, and a sealed one afterwards", async (context) => {
  const files = await makeFiles(context);
  assert.deepEqual(files.diskLayersNow(), {
    sealed: [files.layerPath(0)],
    overlay: null,
    nextPath: files.layerPath(1),
  });
  await writeFile(files.layerPath(1), "", { mode: 0o600 });
  assert.deepEqual(await files.diskLayers(), {
    sealed: [files.layerPath(0)],
    overlay: files.layerPath(1),
    nextPath: files.layerPath(2),
  });
  await files.sealOverlay();
  assert.deepEqual(files.diskLayersNow().sealed, [files.layerPath(0), files.layerPath(1)]);
});
