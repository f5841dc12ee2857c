import type { ExecSession } from "../../guest/agent-client.ts";
import { withinDeadline } from "./within-deadline.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import { judge } from "./lifecycle.ts";
import { OperatingError } from "../../errors.ts";

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly tty: { readonly cols: number; readonly rows: number } | null;
  readonly timeoutMs: number | null;
}

/**
 * Starts a program in a Running instance; the session carries its streams and its end.
 * @throws OperatingError `invalid_state`, `guest_unreachable`, or `invalid_request` when the program cannot be started.
 */
export async function execInInstance(
  deps: Dependencies,
  id: string,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecSession> {
  const instance = findInstance(deps, id);
  judge("exec", instance.state, instance.name);
  const live = deps.machines.get(instance.id);
  if (live === undefined) throw new OperatingError("invalid_state", `${instance.name} has ended meanwhile`);
  const agent = await withinDeadline(signal, deps.settings.deadlines.agentMs, "the guest's agent", (limited) =>
    live.agent.client(limited),
  );
  return agent.exec(request, { timeoutMs: deps.settings.deadlines.agentMs, signal });
}
