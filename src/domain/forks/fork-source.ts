import type { InstanceFiles } from "../instances/instance-files.ts";
import type { SnapshotKind, Template } from "../snapshots/snapshot.ts";
import type { SlotSource } from "./warm-slot-store.ts";

/** What children are made of: files that nobody changes while this is open, and what they take over. */
export interface ForkSource extends AsyncDisposable {
  readonly parentId: string;
  readonly parentName: string;
  readonly snapshotId: string | null;
  readonly kind: SnapshotKind;
  /** What a child becomes when nobody says: what its source is, and a snapshot what it was taken of. */
  readonly defaultTargetState: "Running" | "Standby" | "Stopped";
  readonly template: Template;
  /** Whose warm slots fit; null for the one-time capture of a running instance. */
  readonly slotSource: SlotSource | null;
  readonly files: InstanceFiles;
  /** How long a running parent stood still, by phase; null for any other. */
  readonly sourcePauseMs: Record<string, number> | null;
}

/** Where a fork comes from, as a caller names it. */
export type SourceReference =
  | { readonly kind: "instance"; readonly id: string; readonly fromRunning: boolean }
  | { readonly kind: "snapshot"; readonly id: string };
