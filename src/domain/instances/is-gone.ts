import type { Machine } from "../../hypervisors/driver.ts";

/** Whether the machine's VMM has ended already. */
export function isGone(machine: Machine): Promise<boolean> {
  return Promise.race([machine.exited.then(() => true), Promise.resolve(false)]);
}
