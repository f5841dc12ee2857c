import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MachineLostError } from "./driver.ts";
import { MachineDirectory } from "./machine-directory.ts";

let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "ramet-machine-directory-"));
});

after(async () => {
  await rm(home, { recursive: true });
});

test("its path leads to the same directory after a rename, and not to the one that took its name", async () => {
  await mkdir(join(home, "one"));
  const held = new MachineDirectory(join(home, "one"));
  await rename(join(home, "one"), join(home, "aside"));
  await mkdir(join(home, "one"));
  await writeFile(join(held.path, "file"), "mine");
  assert.equal(await readFile(join(home, "aside", "file"), "utf8"), "mine");
  assert.equal(existsSync(join(home, "one", "file")), false);
  held.close();
  held.close();
  assert.throws(() => held.path, MachineLostError);
});

test("names a file of it relative to it, by its old and new name and through a link, and leaves others as they are", async () => {
  await mkdir(join(home, "two", "disk"), { recursive: true });
  const held = new MachineDirectory(join(home, "two"));
  assert.equal(held.nameOf(join(home, "two", "disk", "layer-1")), "disk/layer-1");
  await rename(join(home, "two"), join(home, "renamed"));
  await symlink(join(home, "renamed"), join(home, "link"));
  assert.equal(held.nameOf(join(home, "renamed", "disk", "layer-1")), "disk/layer-1");
  assert.equal(held.nameOf(join(home, "link", "overlay")), "overlay");
  assert.equal(held.nameOf(join(home, "elsewhere")), join(home, "elsewhere"));
  held.close();
});
