import { chmodSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { OperatingError } from "../errors.ts";
import { migrate } from "./migrate.ts";

export type Database = DatabaseSync;

/** Keeps what it has prepared: a compiled statement is worth twenty runs of it. The texts are ours, so there are not many. */
class PreparingDatabase extends DatabaseSync {
  readonly #prepared = new Map<string, StatementSync>();

  override prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = super.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/**
 * Opens the database at `path` (or ":memory:"), makes it durable and brings its schema up to date.
 * The file is locked for this process alone: two servers on one data directory would both believe that they own its machines.
 * @throws OperatingError `invalid_state` when another process holds it.
 */
export function openDatabase(path: string): Database {
  const database = new PreparingDatabase(path);
  try {
    // WAL with full sync: a transaction that was answered survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
    database.exec(
      "pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on",
    );
    database.exec("begin immediate; commit");
    migrate(database);
    if (path !== ":memory:") chmodSync(path, 0o600);
  } catch (cause) {
    database.close();
    throw isLocked(cause) ? lockedError(path, cause) : cause;
  }
  return database;
}

/**
 * When a transaction is on the disk: "now", when the call returns; "with_next", when the next one that is "now" has returned, for what
 * nobody was answered yet. A crash of this process loses neither; a power cut may lose the latter, never in part or out of order.
 */
export type Durability = "now" | "with_next";

/** Runs `work` in one transaction: all of it is stored, or, when it throws, none. */
export function transaction<Result>(database: Database, work: () => Result, durable: Durability = "now"): Result {
  if (durable === "now") return commit(database, work);
  // In WAL mode this leaves out the sync at the commit and nothing else (sqlite.org/pragma.html#pragma_synchronous).
  database.exec("pragma synchronous = normal");
  try {
    return commit(database, work);
  } finally {
    database.exec("pragma synchronous = full");
  }
}

function commit<Result>(database: Database, work: () => Result): Result {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (failure) {
    database.exec("rollback");
    throw failure;
  }
}

/** SQLITE_BUSY is 5 and SQLITE_LOCKED 6, also in the low byte of extended codes (sqlite.org/rescode.html). */
function isLocked(failure: unknown): boolean {
  if (!(failure instanceof Error) || !("errcode" in failure) || typeof failure.errcode !== "number") return false;
  return [5, 6].includes(failure.errcode & 0xff);
}

function lockedError(path: string, cause: unknown): OperatingError {
  return new OperatingError(
    "invalid_state",
    `${path} is in use by another server: stop that one, or choose another --data-dir`,
    { cause },
  );
}

/** Whether a failed insert or update broke a unique constraint: SQLITE_CONSTRAINT_UNIQUE 2067, _PRIMARYKEY 1555. */
export function isUniqueViolation(failure: unknown): boolean {
  return failure instanceof Error && "errcode" in failure && (failure.errcode === 2067 || failure.errcode === 1555);
}
