import { OperatingError } from "../../errors.ts";
import { isUniqueViolation, type Database } from "../../store/database.ts";
import type { Volume } from "./volume.ts";

/** This concern's SQL, and nobody else's. */
export class VolumeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws OperatingError `name_conflict` when another volume has the name or the id. */
  insert({ id, name, sizeBytes, tags, createdAt }: Volume): void {
    const statement = this.#database.prepare(
      "insert into volumes (id, name, size_bytes, tags, created_at) values (?, ?, ?, ?, ?)",
    );
    try {
      statement.run(id, name, sizeBytes, JSON.stringify(tags), createdAt);
    } catch (cause) {
      if (!isUniqueViolation(cause)) throw cause;
      throw volumeNameTaken(name, cause);
    }
  }

  remove(id: string): void {
    this.#database.prepare("delete from volumes where id = ?").run(id);
  }

  get(id: string): Volume | null {
    return this.#one("select * from volumes where id = ?", id);
  }

  getByName(name: string): Volume | null {
    return this.#one("select * from volumes where name = ?", name);
  }

  /** At most two, which is enough to know whether the prefix is unique. */
  findByIdPrefix(prefix: string): Volume[] {
    const query = "select * from volumes where substr(id, 1, length(?1)) = ?1 limit 2";
    return this.#database.prepare(query).all(prefix).map(toVolume);
  }

  /** Oldest first. */
  list(): Volume[] {
    return this.#database.prepare("select * from volumes order by created_at, id").all().map(toVolume);
  }

  #one(query: string, parameter: string): Volume | null {
    const row = this.#database.prepare(query).get(parameter);
    return row === undefined ? null : toVolume(row);
  }
}

/** Also thrown before the work of making it is done. */
export function volumeNameTaken(name: string, cause?: unknown): OperatingError {
  const message = `there is a volume with the name ${name}, or with that id: choose another, or delete that one`;
  return new OperatingError("name_conflict", message, { cause });
}

/** The columns were written by this store, in a database that this process alone holds: their shapes are ours. */
function toVolume(row: Record<string, unknown>): Volume {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    sizeBytes: Number(row["size_bytes"]),
    tags: JSON.parse(String(row["tags"])) as Record<string, string>,
    createdAt: String(row["created_at"]),
  };
}
