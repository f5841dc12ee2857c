import type { Foreground } from "../../lib/foreground.ts";
import type { SnapshotDependencies } from "../snapshots/dependencies.ts";
import type { HandoffDependencies } from "./handoff.ts";
import type { WarmSlotStore } from "./warm-slot-store.ts";
import type { WarmSlots } from "./warm-slots.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";

export interface ForkDependencies extends SnapshotDependencies, HandoffDependencies {
  readonly idempotency: IdempotencyStore;
  /** Those under way, which whatever is made ahead of them waits for. */
  readonly forks: Foreground;
  readonly warmSlots: WarmSlots;
  readonly warmSlotStore: WarmSlotStore;
}
