import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../client/shapes.ts";
import { formatTrees } from "./commands/tree.ts";
import { drawTrees, familyOf, growTrees, type FamilyNode } from "./family-tree.ts";
import { displayWidth } from "./table.ts";

/** Only what a tree looks at. */
function instance(name: string, parent: string | null): Instance {
  return { id: `id-${name}`, name, state: "Running", parent_id: parent === null ? null : `id-${parent}` } as Instance;
}

const lost = (...names: string[]) => names.map((name) => ({ id: `id-${name}`, name, exists: false }));

function outline(trees: readonly FamilyNode[]): string[] {
  return drawTrees(trees).map(({ branch, node: { name, exists } }) => branch + (exists ? name : `(${name})`));
}

test("children stand below their parents, in their order", async () => {
  const instances = [
    instance("base", null),
    instance("a", "base"),
    instance("b", "base"),
    instance("a-1", "a"),
    instance("lone", null),
  ];
  const trees = await growTrees(instances, () => assert.fail("no parent is gone"));
  assert.deepEqual(outline(trees), ["base", "├─ a", "│  └─ a-1", "└─ b", "lone"]);
  assert.deepEqual(outline(familyOf(trees, "id-a")), ["base", "└─ a", "   └─ a-1"]);
  assert.deepEqual(familyOf(trees, "id-other"), []);
});

test("ancestors that are gone are asked for once, and joined to those that are known", async () => {
  const instances = [instance("base", null), instance("x", "gone-2"), instance("y", "gone-2"), instance("z", "gone-1")];
  const asked: string[] = [];
  const trees = await growTrees(instances, (id) => {
    asked.push(id);
    return Promise.resolve({ ancestors: [...lost("gone-2", "gone-1"), { id: "id-base", name: "base", exists: true }] });
  });
  assert.deepEqual(outline(trees), ["base", "└─ (gone-1)", "   ├─ (gone-2)", "   │  ├─ x", "   │  └─ y", "   └─ z"]);
  assert.deepEqual(asked, ["id-x"]);
});

test("a family whose first is gone, or whose child is gone by now, is shown all the same", async () => {
  const trees = await growTrees([instance("x", "gone"), instance("late", "unknown")], (id) =>
    Promise.resolve(id === "id-x" ? { ancestors: lost("gone") } : null),
  );
  assert.deepEqual(outline(trees), ["(gone)", "└─ x", "(parent of late)", "└─ late"]);
});

test("no line is longer than the terminal", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `generation-${String(index)}`);
  const trees = await growTrees(
    names.map((name, index) => instance(name, names[index - 1] ?? null)),
    () => assert.fail("no parent is gone"),
  );
  const lines = formatTrees(trees, 40).split("\n");
  assert.equal(lines.length, names.length + 2);
  for (const line of lines) assert.ok(displayWidth(line) <= 40, line);
});
