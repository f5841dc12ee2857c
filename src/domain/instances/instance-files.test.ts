import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { InstanceFiles } from "./instance-files.ts";

/** An instance's files, with a flattened disk beside them. */
async function makeFiles(context: TestContext): Promise<InstanceFiles> {
  const parent = await mkdtemp(join(tmpdir(), "ramet-files-"));
  context.after(() => rm(parent, { recursive: true }));
  const files = new InstanceFiles(join(parent, "one"));
  await files.make();
  await writeFile(files.layerPath(0), "old", { mode: 0o400 });
  const next = new InstanceFiles(files.flatteningDirectory);
  await mkdir(next.diskDirectory, { recursive: true });
  await writeFile(next.layerPath(0), "new", { mode: 0o400 });
  return files;
}

test("a start after a crash between the two renames puts the flattened disk in place", async (context) => {
  const files = await makeFiles(context);
  await rm(files.diskDirectory, { recursive: true });
  await files.finishFlattening();
  assert.equal(await readFile(files.firstLayerPath, "utf8"), "new");
  await files.finishFlattening();
  assert.equal(await readFile(files.firstLayerPath, "utf8"), "new");
});

test("a disk that is there is kept, whatever lies beside it", async (context) => {
  const files = await makeFiles(context);
  await files.finishFlattening();
  assert.equal(await readFile(files.firstLayerPath, "utf8"), "old");
});

test("nothing is made for an instance whose files are not there", async (context) => {
  const files = await makeFiles(context);
  await files.remove();
  await files.finishFlattening();
  assert.deepEqual(await readdir(join(files.directory, "..")), ["one.flattening"]);
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
