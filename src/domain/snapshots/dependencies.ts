import type { Dependencies } from "../instances/dependencies.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

export interface SnapshotDependencies extends Dependencies {
  readonly snapshots: SnapshotStore;
}
