import type { ExecSession } from "../../guest/agent-client.ts";
import { agentOf } from "./agent-of.ts";
import type { Dependencies } from "./dependencies.ts";

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly tty: { readonly cols: number; readonly rows: number } | null;
  readonly timeoutMs: number | null;
  /** How long the guest's agent is waited for; null: as long as for any other call. */
  readonly agentWithinMs: number | null;
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
  const { agentWithinMs, ...program } = request;
  const agent = await agentOf(deps, id, "exec", signal, agentWithinMs ?? deps.settings.deadlines.agentMs);
  return agent.exec(program, { timeoutMs: deps.settings.deadlines.agentMs, signal });
}
