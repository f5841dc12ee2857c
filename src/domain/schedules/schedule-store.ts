import { optionalNumber, optionalText } from "../../store/columns.ts";
import type { Database } from "../../store/database.ts";
import type { SnapshotSchedule } from "./schedule.ts";

/** What a run changes; a field left out stays. */
export interface RunNote {
  readonly nextRunAtMs: number;
  readonly lastRunAtMs: number;
  readonly lastSnapshotId?: string;
  readonly lastError: string | null;
}

/** This concern's SQL, and nobody else's. */
export class ScheduleStore {
  /** Called when a schedule was set or deleted, for whoever runs them. */
  onChange: (() => void) | null = null;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores it whole, in place of the one that the instance had. */
  put(schedule: SnapshotSchedule): void {
    this.#database
      .prepare(
        `insert or replace into snapshot_schedules
           (instance_id, interval_ms, max_count, max_age_ms, name_prefix, metadata, created_at_ms, updated_at_ms, next_run_at_ms,
            last_run_at_ms, last_snapshot_id, last_error)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        schedule.instanceId,
        schedule.intervalMs,
        schedule.retention.maxCount,
        schedule.retention.maxAgeMs,
        schedule.namePrefix,
        JSON.stringify(schedule.metadata),
        schedule.createdAtMs,
        schedule.updatedAtMs,
        schedule.nextRunAtMs,
        schedule.lastRunAtMs,
        schedule.lastSnapshotId,
        schedule.lastError,
      );
    this.onChange?.();
  }

  /** Leaves out the runs before this one. */
  postpone(instanceId: string, nextRunAtMs: number): void {
    const query = "update snapshot_schedules set next_run_at_ms = ? where instance_id = ?";
    this.#database.prepare(query).run(nextRunAtMs, instanceId);
  }

  /** A schedule that was deleted meanwhile stays so. */
  note(instanceId: string, { nextRunAtMs, lastRunAtMs, lastSnapshotId, lastError }: RunNote): void {
    this.#database
      .prepare(
        `update snapshot_schedules set next_run_at_ms = ?, last_run_at_ms = ?, last_snapshot_id = coalesce(?, last_snapshot_id), last_error = ?
         where instance_id = ?`,
      )
      .run(nextRunAtMs, lastRunAtMs, lastSnapshotId ?? null, lastError, instanceId);
  }

  remove(instanceId: string): void {
    this.#database.prepare("delete from snapshot_schedules where instance_id = ?").run(instanceId);
    this.onChange?.();
  }

  get(instanceId: string): SnapshotSchedule | null {
    const row = this.#database.prepare("select * from snapshot_schedules where instance_id = ?").get(instanceId);
    return row === undefined ? null : toSchedule(row);
  }

  /** The one that is due first comes first. */
  list(): SnapshotSchedule[] {
    const query = "select * from snapshot_schedules order by next_run_at_ms, instance_id";
    return this.#database.prepare(query).all().map(toSchedule);
  }
}

/** The columns were written by `put` and `note`, in a database that this process alone holds: their shapes are ours. */
function toSchedule(row: Record<string, unknown>): SnapshotSchedule {
  return {
    instanceId: String(row["instance_id"]),
    intervalMs: Number(row["interval_ms"]),
    retention: { maxCount: optionalNumber(row["max_count"]), maxAgeMs: optionalNumber(row["max_age_ms"]) },
    namePrefix: optionalText(row["name_prefix"]),
    metadata: JSON.parse(String(row["metadata"])) as Record<string, string>,
    createdAtMs: Number(row["created_at_ms"]),
    updatedAtMs: Number(row["updated_at_ms"]),
    nextRunAtMs: Number(row["next_run_at_ms"]),
    lastRunAtMs: optionalNumber(row["last_run_at_ms"]),
    lastSnapshotId: optionalText(row["last_snapshot_id"]),
    lastError: optionalText(row["last_error"]),
  };
}
