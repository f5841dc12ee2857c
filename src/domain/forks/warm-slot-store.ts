import type { Database } from "../../store/database.ts";

/** A source of children; instance and snapshot ids never meet. */
export interface SlotSource {
  readonly kind: "instance" | "snapshot";
  readonly id: string;
}

export interface SlotTarget extends SlotSource {
  readonly count: number;
}

/** How many slots each source is to have; this concern's SQL. */
export class WarmSlotStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A count of 0 forgets the source. */
  set({ kind, id, count }: SlotTarget): void {
    if (count === 0) {
      this.#database.prepare("delete from warm_slots where source_kind = ? and source_id = ?").run(kind, id);
      return;
    }
    this.#database
      .prepare("insert or replace into warm_slots (source_kind, source_id, count) values (?, ?, ?)")
      .run(kind, id, count);
  }

  list(): SlotTarget[] {
    const rows = this.#database.prepare("select * from warm_slots order by source_kind, source_id").all();
    return rows.map((row) => ({
      kind: row["source_kind"] as SlotSource["kind"],
      id: String(row["source_id"]),
      count: Number(row["count"]),
    }));
  }
}
