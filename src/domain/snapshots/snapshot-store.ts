import { OperatingError } from "../../errors.ts";
import { isUniqueViolation, type Database } from "../../store/database.ts";
import type { Snapshot, SnapshotKind, Template } from "./snapshot.ts";

export interface SnapshotFilter {
  readonly instanceId?: string;
  readonly kind?: SnapshotKind;
  readonly name?: string;
  /** All of them must be there, with these values. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** This concern's SQL, and nobody else's. */
export class SnapshotStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws OperatingError `name_conflict` when the instance has a snapshot of that name. */
  insert(snapshot: Snapshot): void {
    const { id, name, kind, instanceId, instanceName, template, tags, createdAt, storedBytes, scheduled } = snapshot;
    const statement = this.#database.prepare(
      `insert into snapshots (id, name, kind, instance_id, instance_name, template, tags, created_at, stored_bytes, scheduled)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const texts = [JSON.stringify(template), JSON.stringify(tags)] as const;
    try {
      statement.run(id, name, kind, instanceId, instanceName, ...texts, createdAt, storedBytes, scheduled ? 1 : 0);
    } catch (cause) {
      if (!isUniqueViolation(cause)) throw cause;
      throw snapshotNameTaken(name, instanceName, cause);
    }
  }

  remove(id: string): void {
    this.#database.prepare("delete from snapshots where id = ?").run(id);
  }

  get(id: string): Snapshot | null {
    const row = this.#database.prepare("select * from snapshots where id = ?").get(id);
    return row === undefined ? null : toSnapshot(row);
  }

  /** At most two, which is enough to know whether the prefix is unique. */
  findByIdPrefix(prefix: string): Snapshot[] {
    const query = "select * from snapshots where substr(id, 1, length(?1)) = ?1 limit 2";
    return this.#database.prepare(query).all(prefix).map(toSnapshot);
  }

  /** Those that match, oldest first. */
  list(filter: SnapshotFilter): Snapshot[] {
    const query = `select * from snapshots
      where (?1 is null or instance_id = ?1) and (?2 is null or kind = ?2) and (?3 is null or name = ?3)
      order by created_at, id`;
    const parameters = [filter.instanceId ?? null, filter.kind ?? null, filter.name ?? null];
    const wanted = Object.entries(filter.tags ?? {});
    return this.#database
      .prepare(query)
      .all(...parameters)
      .map(toSnapshot)
      .filter(({ tags }) => wanted.every(([key, value]) => Object.hasOwn(tags, key) && tags[key] === value));
  }

  /** What a schedule took of this instance, oldest first. */
  listScheduled(instanceId: string): Snapshot[] {
    const query = "select * from snapshots where instance_id = ? and scheduled = 1 order by created_at, id";
    return this.#database.prepare(query).all(instanceId).map(toSnapshot);
  }
}

/** Also thrown before the work of taking it is done. */
export function snapshotNameTaken(name: string, instanceName: string, cause?: unknown): OperatingError {
  const message = `${instanceName} has a snapshot ${name} already: choose another name, or delete that one`;
  return new OperatingError("name_conflict", message, { cause });
}

/** The columns were written by `insert`, in a database that this process alone holds: their shapes are ours. */
function toSnapshot(row: Record<string, unknown>): Snapshot {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    kind: row["kind"] as SnapshotKind,
    instanceId: String(row["instance_id"]),
    instanceName: String(row["instance_name"]),
    template: JSON.parse(String(row["template"])) as Template,
    tags: JSON.parse(String(row["tags"])) as Record<string, string>,
    scheduled: row["scheduled"] === 1,
    createdAt: String(row["created_at"]),
    storedBytes: Number(row["stored_bytes"]),
  };
}
