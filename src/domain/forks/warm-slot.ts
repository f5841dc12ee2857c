import type { PausedMachine } from "../../hypervisors/driver.ts";

/** One child ahead of time. Whoever claimed it owns directory and machine. */
export interface WarmSlot {
  /** The id of the instance that it will be. */
  readonly id: string;
  readonly machine: PausedMachine;
}
