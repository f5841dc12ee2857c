import type { AgentClient } from "../../guest/agent-client.ts";
import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import { judge } from "./lifecycle.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * The agent of a Running instance's guest.
 * @param operation what it is wanted for.
 * @throws OperatingError `not_found`, `ambiguous`, `invalid_state`, `guest_unreachable`.
 */
export async function agentOf(
  deps: Dependencies,
  id: string,
  operation: "exec" | "files",
  signal: AbortSignal,
  withinMs: number = deps.settings.deadlines.agentMs,
): Promise<AgentClient> {
  const instance = findInstance(deps, id);
  judge(operation, instance.state, instance.name);
  const live = deps.machines.get(instance.id);
  if (live === undefined) throw new OperatingError("invalid_state", `${instance.name} has ended meanwhile`);
  return await withinDeadline(signal, withinMs, "the guest's agent", (limited) => live.agent.client(limited));
}
