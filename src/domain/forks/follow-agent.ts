import { withinDeadline } from "../instances/within-deadline.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { LiveMachine } from "../instances/machines.ts";

/** Connects to a resumed guest's agent beside the call that resumed it, so that the end of its workload is noticed. */
export async function followAgent(deps: Dependencies, live: LiveMachine): Promise<void> {
  const never = new AbortController().signal;
  try {
    await withinDeadline(never, deps.settings.deadlines.bootMs, "the guest's agent", (limited) =>
      live.agent.client(limited),
    );
  } catch (failure) {
    // Deleted or ended meanwhile: nobody is there to be followed.
    if (deps.machines.get(live.instanceId) === live)
      deps.log.warn({ instanceId: live.instanceId, err: failure }, "instance.agent_unreachable");
  }
}
