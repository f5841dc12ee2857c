import { minIntervalMs, type ScheduleRequest, type SnapshotSchedule } from "../domain/schedules/schedule.ts";
import { OperatingError } from "../errors.ts";
import { formatGoDuration, parseGoDuration } from "../lib/go-duration.ts";
import type { ScheduleAnswer, ScheduleBody } from "./schemas/snapshot-schedule.ts";

/** A year: a longer one is rather done by hand. */
const maxIntervalMs = 366 * 24 * 3_600_000;

/** @throws OperatingError `invalid_request` for an interval or a retention that makes no sense. */
export function readSchedule({ interval, retention, name_prefix, metadata }: ScheduleBody): ScheduleRequest {
  const intervalMs = parseGoDuration(interval) ?? Number.NaN;
  if (!(intervalMs >= minIntervalMs && intervalMs <= maxIntervalMs))
    throw new OperatingError("invalid_request", '"interval" must be from 1m to 8784h, such as 15m or 24h.');
  const maxAgeMs = retention.max_age === undefined ? null : parseGoDuration(retention.max_age);
  if (maxAgeMs !== null && maxAgeMs <= 0)
    throw new OperatingError("invalid_request", '"retention.max_age" must be longer than nothing, such as 90m.');
  const maxCount = retention.max_count === undefined || retention.max_count === 0 ? null : retention.max_count;
  if (maxCount === null && maxAgeMs === null) {
    const message =
      '"retention" must have a max_count above 0, a max_age, or both: snapshots would pile up without end.';
    throw new OperatingError("invalid_request", message);
  }
  return { intervalMs, retention: { maxCount, maxAgeMs }, namePrefix: name_prefix ?? null, metadata: metadata ?? {} };
}

/** A schedule as every call answers it. */
export function scheduleAnswer(schedule: SnapshotSchedule): ScheduleAnswer {
  const { maxCount, maxAgeMs } = schedule.retention;
  return {
    instance_id: schedule.instanceId,
    interval: formatGoDuration(schedule.intervalMs),
    retention: {
      ...(maxCount === null ? {} : { max_count: maxCount }),
      ...(maxAgeMs === null ? {} : { max_age: formatGoDuration(maxAgeMs) }),
    },
    name_prefix: schedule.namePrefix,
    metadata: { ...schedule.metadata },
    created_at: timeOf(schedule.createdAtMs),
    updated_at: timeOf(schedule.updatedAtMs),
    next_run_at: timeOf(schedule.nextRunAtMs),
    last_run_at: schedule.lastRunAtMs === null ? null : timeOf(schedule.lastRunAtMs),
    last_snapshot_id: schedule.lastSnapshotId,
    last_error: schedule.lastError,
  };
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
