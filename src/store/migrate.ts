import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../lib/assert.ts";

const migrationsDirectory = join(import.meta.dirname, "migrations");

/**
 * Applies the migrations that this database has not seen, each in a transaction of its own; `user_version` remembers the last one.
 * A database that is newer than this program is refused: an older program would misread it.
 */
export function migrate(database: DatabaseSync): void {
  const migrations = listMigrations();
  const applied = readVersion(database);
  if (applied > migrations.length) {
    throw new Error(
      `the database has schema ${applied}, this program knows ${migrations.length}: run the newer ramet that made it`,
    );
  }
  for (const [index, file] of migrations.entries()) {
    if (index < applied) continue;
    const statements = readFileSync(join(migrationsDirectory, file), "utf8");
    database.exec(`begin; ${statements}; pragma user_version = ${index + 1}; commit`);
  }
}

function listMigrations(): string[] {
  const files = readdirSync(migrationsDirectory)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  files.forEach((file, index) => {
    assert(file.startsWith(String(index + 1).padStart(4, "0")), `migration ${file} is number ${index + 1}`);
  });
  return files;
}

function readVersion(database: DatabaseSync): number {
  const row = database.prepare("pragma user_version").get();
  const version = row?.["user_version"];
  assert(typeof version === "number", "user_version is a number");
  return version;
}
