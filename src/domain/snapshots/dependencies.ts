import type { Dependencies } from "../instances/dependencies.ts";
import type { Clock } from "../../lib/clock.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

export interface SnapshotDependencies extends Dependencies {
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
}
