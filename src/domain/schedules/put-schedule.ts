import { OperatingError } from "../../errors.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { ScheduleDependencies } from "./dependencies.ts";
import { firstRunMs } from "./next-run.ts";
import type { ScheduleRequest, SnapshotSchedule } from "./schedule.ts";

/**
 * Sets the schedule of an instance, in place of the one it had. The next run stays when it was as long before it before; another interval
 * begins a new cadence.
 * @throws OperatingError `not_found`, `ambiguous`.
 */
export function putSchedule(deps: ScheduleDependencies, id: string, request: ScheduleRequest): SnapshotSchedule {
  const { id: instanceId } = findInstance(deps, id);
  const nowMs = deps.clock.nowMs();
  const before = deps.schedules.get(instanceId);
  const keepsCadence = before?.intervalMs === request.intervalMs;
  const schedule: SnapshotSchedule = {
    ...request,
    instanceId,
    createdAtMs: before?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
    nextRunAtMs: keepsCadence ? before.nextRunAtMs : firstRunMs(instanceId, request.intervalMs, nowMs),
    lastRunAtMs: before?.lastRunAtMs ?? null,
    lastSnapshotId: before?.lastSnapshotId ?? null,
    lastError: before?.lastError ?? null,
  };
  deps.schedules.put(schedule);
  deps.log.info({ instanceId, intervalMs: request.intervalMs }, "schedule.set");
  return schedule;
}

/** @param id as for an instance; of one that is gone its whole id. @throws OperatingError `not_found`, `ambiguous`. */
export function findSchedule(deps: ScheduleDependencies, id: string): SnapshotSchedule {
  const schedule = deps.schedules.get(id) ?? deps.schedules.get(findInstance(deps, id).id);
  if (schedule !== null) return schedule;
  throw new OperatingError(
    "not_found",
    "this instance has no snapshot schedule: set one with PUT, or with ramet snapshot schedule set",
  );
}

/** The snapshots that it took stay. @throws OperatingError `not_found`, `ambiguous`. */
export function deleteSchedule(deps: ScheduleDependencies, id: string): void {
  const { instanceId } = findSchedule(deps, id);
  deps.schedules.remove(instanceId);
  deps.log.info({ instanceId }, "schedule.deleted");
}
