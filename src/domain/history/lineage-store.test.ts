import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openDatabase, transaction, type Database } from "../../store/database.ts";
import { LineageStore } from "./lineage-store.ts";

/** The columns that a row must have; what is in them is not this store's. */
function addInstance(database: Database, id: string, parentId: string | null = null): void {
  database
    .prepare(
      `insert into instances (id, name, image, workload, tags, spec, created_at, parent_id, resting_state)
       values (?, ?, '', '', '', '', '2026', ?, 'Stopped')`,
    )
    .run(id, `name-${id}`, parentId);
}

function addSnapshot(database: Database, id: string, instanceId: string): void {
  database
    .prepare(
      `insert into snapshots (id, name, kind, instance_id, instance_name, template, tags, created_at, stored_bytes)
       values (?, ?, 'Standby', ?, '', '', '', '', 0)`,
    )
    .run(id, id, instanceId);
}

class Family {
  readonly database = openDatabase(":memory:");
  readonly lineage = new LineageStore(this.database);
  #count = 0;

  boot(id: string): void {
    addInstance(this.database, id);
  }

  fork(parentId: string, id: string, snapshotId: string | null = null): void {
    this.#count += 1;
    const child = { id, name: `name-${id}`, createdAt: String(this.#count) };
    addInstance(this.database, id, parentId);
    this.lineage.insert({ child, parent: { id: parentId, name: `name-${parentId}` }, snapshotId });
  }

  remove(id: string): void {
    this.database.prepare("delete from instances where id = ?").run(id);
    this.lineage.prune(id);
  }

  rows(): string[] {
    const rows = this.database.prepare("select child_id from lineage order by child_id").all();
    return rows.map((row) => String(row["child_id"]));
  }

  line(id: string): string[] {
    return this.lineage.ancestors(id).map(({ id: ancestor, exists }) => (exists ? ancestor : `(${ancestor})`));
  }
}

/** base ─► a ─► b ─► c, and b ─► d. */
function fourGenerations(): Family {
  const family = new Family();
  family.boot("base");
  family.fork("base", "a");
  family.fork("a", "b");
  family.fork("b", "c");
  family.fork("b", "d");
  return family;
}

test("depth, ancestors, children and descendants follow the forks", () => {
  const { lineage } = fourGenerations();
  assert.deepEqual(
    ["base", "a", "b", "c", "nobody"].map((id) => lineage.depthOf(id)),
    [0, 1, 2, 3, 0],
  );
  assert.deepEqual(lineage.ancestors("c"), [
    { id: "b", name: "name-b", exists: true },
    { id: "a", name: "name-a", exists: true },
    { id: "base", name: "name-base", exists: true },
  ]);
  assert.deepEqual(lineage.ancestors("base"), []);
  assert.deepEqual(lineage.childIds("b"), ["c", "d"]);
  assert.equal(lineage.countDescendants("base"), 4);
  assert.equal(lineage.countDescendants("d"), 0);
});

test("the row of one that is gone stays while a living one came from it, and goes with the last", () => {
  const family = fourGenerations();
  family.remove("base");
  family.remove("b");
  family.remove("a");
  assert.deepEqual(family.line("c"), ["(b)", "(a)", "(base)"]);
  assert.deepEqual(family.lineage.childIds("a"), []);
  assert.equal(family.lineage.countDescendants("a"), 2);
  family.remove("c");
  assert.deepEqual(family.rows(), ["a", "b", "d"]);
  assert.deepEqual(family.line("d"), ["(b)", "(a)", "(base)"]);
  family.remove("d");
  assert.deepEqual(family.rows(), []);
});

test("forgetting stops at the first ancestor that lives or has other descendants", () => {
  const family = fourGenerations();
  family.remove("b");
  family.remove("c");
  family.remove("d");
  assert.deepEqual(family.rows(), ["a"]);
  assert.deepEqual(family.line("a"), ["base"]);
});

test("an instance that is gone is remembered while a snapshot of it is there: depth and line go on from it", () => {
  const family = fourGenerations();
  addSnapshot(family.database, "snap", "c");
  for (const id of ["d", "c", "b", "a", "base"]) family.remove(id);
  family.fork("c", "late", "snap");
  assert.equal(family.lineage.depthOf("late"), 4);
  assert.equal(family.lineage.snapshotOf("late"), "snap");
  assert.equal(family.lineage.snapshotOf("c"), null);
  assert.deepEqual(family.line("late"), ["(c)", "(b)", "(a)", "(base)"]);
  family.remove("late");
  assert.deepEqual(family.rows(), ["a", "b", "c"]);
  family.database.exec("delete from snapshots");
  family.lineage.prune("c");
  assert.deepEqual(family.rows(), []);
});

test("a transaction that fails leaves neither the child nor its row", () => {
  const family = new Family();
  family.boot("base");
  assert.throws(() => {
    transaction(family.database, () => {
      family.fork("base", "a");
      family.fork("base", "a");
    });
  });
  assert.deepEqual(family.rows(), []);
  assert.equal(family.database.prepare("select count(*) as n from instances").get()?.["n"], 1);
});

test("a database from before lineages learns what its instances still know", () => {
  const directory = mkdtempSync(join(tmpdir(), "ramet-lineage-"));
  try {
    const path = join(directory, "ramet.db");
    const old = new DatabaseSync(path);
    const migrations = ["0001-instances.sql", "0002-snapshots.sql"];
    for (const file of migrations)
      old.exec(readFileSync(join(import.meta.dirname, "../../store/migrations", file), "utf8"));
    old.exec(`pragma user_version = ${String(migrations.length)}`);
    addInstance(old, "base");
    addInstance(old, "a", "base");
    addInstance(old, "b", "a");
    addInstance(old, "orphan", "gone");
    addInstance(old, "of-orphan", "orphan");
    old.close();
    const database = openDatabase(path);
    const lineage = new LineageStore(database);
    assert.deepEqual(
      ["base", "a", "b", "orphan", "of-orphan"].map((id) => lineage.depthOf(id)),
      [0, 1, 2, 1, 2],
    );
    assert.deepEqual(lineage.ancestors("of-orphan"), [
      { id: "orphan", name: "name-orphan", exists: true },
      { id: "gone", name: "gone", exists: false },
    ]);
    database.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
