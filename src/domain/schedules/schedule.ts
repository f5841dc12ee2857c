/** How long scheduled snapshots stay. At least one of the two is set. */
export interface Retention {
  /** The newest so many stay; null: any number. */
  readonly maxCount: number | null;
  /** Older ones go; null: of any age. */
  readonly maxAgeMs: number | null;
}

/** What a caller wants of a schedule. */
export interface ScheduleRequest {
  readonly intervalMs: number;
  readonly retention: Retention;
  /** What the snapshots' names begin with; null: `scheduled`. */
  readonly namePrefix: string | null;
  /** The tags of the snapshots. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Times are milliseconds since the epoch. */
export interface SnapshotSchedule extends ScheduleRequest {
  readonly instanceId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly nextRunAtMs: number;
  readonly lastRunAtMs: number | null;
  /** What the last run that succeeded took; it may be gone. */
  readonly lastSnapshotId: string | null;
  /** Why the last run took none; null when it did, or when there was none yet. */
  readonly lastError: string | null;
}

/** The shortest interval: a running instance stands still for each snapshot. */
export const minIntervalMs = 60_000;

/** A name is the prefix, a hyphen and the time: 63 characters together. */
export const maxPrefixLength = 47;
