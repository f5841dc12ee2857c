import type { Dependencies } from "./dependencies.ts";
import type { LiveMachine } from "./machines.ts";
import { wallClockNs } from "./run-machine.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Tells a guest that stood still what time it is, for its clock stood still with it. A guest whose agent does not answer runs on with the
 * clock that it has: that is logged and no failure of what let it go on.
 */
export async function setGuestClock(deps: Dependencies, live: LiveMachine, signal: AbortSignal): Promise<void> {
  const { agentMs } = deps.settings.deadlines;
  try {
    await withinDeadline(signal, agentMs, "the guest's agent", async (limited) => {
      const agent = await live.agent.client(limited);
      await agent.setClock(wallClockNs(), { timeoutMs: agentMs, signal: limited });
    });
  } catch (failure) {
    if (signal.aborted) throw failure;
    // Ended or put in standby meanwhile: nobody is there to be told.
    if (deps.machines.get(live.instanceId) === live && live.machine.state === "running")
      deps.log.warn({ instanceId: live.instanceId, err: failure }, "instance.clock_not_set");
  }
}
