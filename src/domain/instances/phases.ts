/**
 * How long an instance was in which phase. A phase is a state in lower case, and the account is made whenever the state changes:
 *
 *     initializing ──► running ──► standby ──► running ──► stopped
 *     └─── 4 100 ms ──┴─ 60 000 ──┴─ 9 000 ───┴── 2 000 ──┴── since …
 */

export interface PhaseHistory {
  readonly phase: string;
  readonly sinceMs: number;
  /** Of each phase, milliseconds until `sinceMs`: what the phase that goes on has taken since comes on top. */
  readonly durationsMs: Readonly<Record<string, number>>;
  /** When it last came to rest after it had run; null while it never did. */
  readonly stoppedAtMs: number | null;
}

/** The history once the instance is in `state`. @param before null: nothing was noted yet. */
export function advanceHistory(before: PhaseHistory | null, state: string, nowMs: number): PhaseHistory {
  const phase = state.toLowerCase();
  if (before === null) return { phase, sinceMs: nowMs, durationsMs: {}, stoppedAtMs: null };
  if (before.phase === phase) return before;
  const comesToRest = isAtRest(phase) && runs(before.phase);
  return {
    phase,
    sinceMs: nowMs,
    durationsMs: durationsAt(before, nowMs),
    stoppedAtMs: comesToRest ? nowMs : before.stoppedAtMs,
  };
}

/** Milliseconds in each phase, up to now. A host whose clock was set back does not make them negative. */
export function durationsAt({ phase, sinceMs, durationsMs }: PhaseHistory, nowMs: number): Record<string, number> {
  return { ...durationsMs, [phase]: (durationsMs[phase] ?? 0) + Math.max(0, nowMs - sinceMs) };
}

function isAtRest(phase: string): boolean {
  return phase === "stopped" || phase === "standby";
}

/** Whether a machine of the instance runs in this phase. */
export function runs(phase: string): boolean {
  return phase === "initializing" || phase === "running" || phase === "paused";
}
