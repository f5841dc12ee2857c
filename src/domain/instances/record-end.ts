import type { MachineExit } from "../../hypervisors/driver.ts";
import type { Dependencies } from "./dependencies.ts";
import type { LiveMachine } from "./machines.ts";
import { describeExit } from "./while-alive.ts";

/**
 * A VMM ended although nobody had asked for it: because the guest powered off, or because it died. Its RAM is gone, its disk is there.
 * An operation in progress sees the end too and says so to its caller; its own bookkeeping comes after this one and wins.
 */
export function recordEnd(deps: Dependencies, live: LiveMachine, exit: MachineExit): void {
  const poweredOff = exit.exitCode === 0;
  deps.store.update(live.instanceId, {
    process: null,
    restingState: "Stopped",
    stateError: poweredOff ? null : `the virtual machine monitor ended unexpectedly (${describeExit(exit)})`,
  });
  const facts = { instanceId: live.instanceId, exitCode: exit.exitCode, signal: exit.signal };
  if (poweredOff) deps.log.info(facts, "instance.powered_off");
  else deps.log.error({ ...facts, lastWords: exit.lastWords }, "instance.machine_died");
  deps.changes.notify(live.instanceId);
}
