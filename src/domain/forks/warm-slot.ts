import type { PausedMachine } from "../../hypervisors/driver.ts";
import type { ResumeBasis } from "./plan-resume.ts";

/** One child ahead of time. Whoever claimed it owns directory, machine and basis. */
export interface WarmSlot {
  /** The id of the instance that it will be. */
  readonly id: string;
  readonly machine: PausedMachine;
  readonly basis: ResumeBasis;
}
