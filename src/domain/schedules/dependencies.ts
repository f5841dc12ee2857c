import type { SnapshotDependencies } from "../snapshots/dependencies.ts";
import type { ScheduleStore } from "./schedule-store.ts";

export interface ScheduleDependencies extends SnapshotDependencies {
  readonly schedules: ScheduleStore;
}
