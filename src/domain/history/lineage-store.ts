/**
 * Who came from whom. A row says where one child came from; the row of an instance that is gone stays while something alive needs it:
 *
 *     base ──► worker ──► (gone) ──► living      the row of (gone) leads from living to worker
 *                     └─► (gone) ·               nobody came from this one: its row goes with it
 */
import type { Database } from "../../store/database.ts";

/** An instance by what is left of it: it may be gone. */
export interface Relative {
  readonly id: string;
  readonly name: string;
}

export interface Ancestor extends Relative {
  readonly exists: boolean;
}

export interface Descent {
  readonly child: Relative & { readonly createdAt: string };
  readonly parent: Relative;
  /** Null when the child was forked from the parent itself. */
  readonly snapshotId: string | null;
}

/** This concern's SQL, and nobody else's. */
export class LineageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes a fork; its depth is one more than the parent's. To be called in one transaction with the insert of the child. */
  insert({ child, parent, snapshotId }: Descent): void {
    this.#database
      .prepare(
        `insert into lineage (child_id, child_name, parent_id, parent_name, snapshot_id, depth, created_at)
         values (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(child.id, child.name, parent.id, parent.name, snapshotId, this.depthOf(parent.id) + 1, child.createdAt);
  }

  /** How many forks lie between the instance and one that was booted: 0 for the booted one itself. */
  depthOf(id: string): number {
    const row = this.#database.prepare("select depth from lineage where child_id = ?").get(id);
    return row === undefined ? 0 : Number(row["depth"]);
  }

  snapshotOf(id: string): string | null {
    const row = this.#database.prepare("select snapshot_id from lineage where child_id = ?").get(id);
    const snapshotId = row?.["snapshot_id"];
    return typeof snapshotId === "string" ? snapshotId : null;
  }

  /** The nearest first. */
  ancestors(id: string): Ancestor[] {
    const query = `
      with recursive line (id, name, distance) as (
        select parent_id, parent_name, 1 from lineage where child_id = ?
        union all
        select lineage.parent_id, lineage.parent_name, distance + 1 from lineage join line on lineage.child_id = line.id
      )
      select id, name, id in (select id from instances) as present from line order by distance`;
    const rows = this.#database.prepare(query).all(id);
    return rows.map((row) => ({ id: String(row["id"]), name: String(row["name"]), exists: row["present"] === 1 }));
  }

  /** Those that exist, oldest first. */
  childIds(id: string): string[] {
    const query = `select child_id from lineage where parent_id = ? and child_id in (select id from instances)
      order by created_at, child_id`;
    return this.#database
      .prepare(query)
      .all(id)
      .map((row) => String(row["child_id"]));
  }

  /** Those that exist, in all generations, also behind one that is gone. */
  countDescendants(id: string): number {
    const query = `
      with recursive below (id) as (
        select child_id from lineage where parent_id = ?
        union all
        select lineage.child_id from lineage join below on lineage.parent_id = below.id
      )
      select count(*) as descendants from below where id in (select id from instances)`;
    return Number(this.#database.prepare(query).get(id)?.["descendants"]);
  }

  /** After an instance or one of its snapshots was removed: forgets it, and those of its ancestors that only it had kept. */
  prune(id: string): void {
    for (let next: string | null = id; next !== null && !this.#isNeeded(next); next = this.#forget(next)) continue;
  }

  /** Alive, an origin of children that are remembered, or of a snapshot, of which children may yet come. */
  #isNeeded(id: string): boolean {
    const query = `select exists (select 1 from instances where id = ?1) or exists (select 1 from lineage where parent_id = ?1)
      or exists (select 1 from snapshots where instance_id = ?1) as needed`;
    return this.#database.prepare(query).get(id)?.["needed"] === 1;
  }

  /** The parent of what was forgotten; null when there was nothing, or it had none. */
  #forget(id: string): string | null {
    const row = this.#database.prepare("delete from lineage where child_id = ? returning parent_id").get(id);
    const parentId = row?.["parent_id"];
    return typeof parentId === "string" ? parentId : null;
  }
}
