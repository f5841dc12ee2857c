/**
 * Whether an instance whose machine ended by itself is started again, and when: pure rules, no execution.
 *
 *     ends by itself ──► policy? ──always, or on_failure and it failed──► attempts left? ──yes──► after backoff: start, attempts + 1
 *           ▲               └──never, or it ended well──► stays              └──no──► blocked: max_attempts_exceeded
 *           └── a run of at least stable_after makes attempts 0 again
 *     stopped by a caller ──► blocked: manual_stop, until a caller starts it
 */

export const restartPolicies = ["never", "always", "on_failure"] as const;

export interface RestartPolicy {
  readonly policy: (typeof restartPolicies)[number];
  /** Before each attempt. */
  readonly backoffMs: number;
  /** Consecutive ones; 0: as many as it takes. */
  readonly maxAttempts: number;
  readonly stableAfterMs: number;
}

export const restartDefaults = { policy: "never", backoffMs: 5_000, maxAttempts: 0, stableAfterMs: 60_000 } as const;

export interface RestartStatus {
  /** Consecutive ones so far. */
  readonly attempts: number;
  readonly lastAttemptAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly blockedReason: "manual_stop" | "max_attempts_exceeded" | null;
}

/** Of an instance that a caller started: nothing is counted, nothing is due. */
export const noRestarts: RestartStatus = {
  attempts: 0,
  lastAttemptAtMs: null,
  nextAttemptAtMs: null,
  blockedReason: null,
};

/** Of an instance that a caller stopped. */
export const manuallyStopped: RestartStatus = { ...noRestarts, blockedReason: "manual_stop" };

/** How a run ended. */
export interface EndedRun {
  /** Null when it is not known how the workload ended: the machine died, or did not boot. */
  readonly exit: { readonly exitCode: number | null } | null;
  readonly ranMs: number;
}

/** What is noted when a machine ended without anybody's wish; `nextAttemptAtMs` says when it is started again, if it is. */
export function planRestart(
  { policy, backoffMs, maxAttempts, stableAfterMs }: RestartPolicy,
  status: RestartStatus,
  { exit, ranMs }: EndedRun,
  nowMs: number,
): RestartStatus {
  const rests = { ...status, nextAttemptAtMs: null };
  if (status.blockedReason !== null || policy === "never") return rests;
  if (policy === "on_failure" && exit?.exitCode === 0) return { ...rests, attempts: 0 };
  const attempts = ranMs >= stableAfterMs ? 0 : status.attempts;
  if (maxAttempts > 0 && attempts >= maxAttempts) {
    return { ...rests, attempts, blockedReason: "max_attempts_exceeded" };
  }
  return { ...status, attempts, nextAttemptAtMs: nowMs + backoffMs };
}
