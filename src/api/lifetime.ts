import { OperatingError } from "../errors.ts";
import { restartDefaults, type RestartPolicy } from "../domain/instances/restart-policy.ts";
import { parseGoDuration } from "../lib/go-duration.ts";
import type { RestartPolicyWish } from "./schemas/lifetime.ts";

interface LifetimeWish {
  readonly ttl?: string;
  readonly expires_at?: string;
}

/** About a century: later, a time does not fit the calendar of the language any more. */
const longestMs = 100 * 365.25 * 86_400_000;

/**
 * When the instance expires; null: never; undefined: the request does not say.
 * @throws OperatingError `invalid_request` when it says both, or a time that is over.
 */
export function expiryOf({ ttl, expires_at }: LifetimeWish, nowMs: number): number | null | undefined {
  if (ttl !== undefined && expires_at !== undefined) {
    throw new OperatingError("invalid_request", '"ttl" and "expires_at" say the same in two ways: send one of them.');
  }
  if (ttl !== undefined) {
    const ttlMs = durationOf("ttl", ttl);
    return ttlMs === 0 ? null : nowMs + ttlMs;
  }
  if (expires_at === undefined) return undefined;
  const expiresAtMs = Date.parse(expires_at);
  if (Number.isNaN(expiresAtMs))
    throw new OperatingError("invalid_request", '"expires_at" (body) must be a time of the calendar (RFC 3339).');
  if (expiresAtMs <= nowMs) throw new OperatingError("invalid_request", '"expires_at" (body) must be in the future.');
  return expiresAtMs;
}

/** The policy with its defaults; null when it is the same as none. @throws OperatingError `invalid_request`. */
export function restartPolicyOf(wish: RestartPolicyWish): RestartPolicy {
  const { policy = restartDefaults.policy, max_attempts: maxAttempts = restartDefaults.maxAttempts } = wish;
  const { backoff, stable_after: stableAfter } = wish;
  return {
    policy,
    maxAttempts,
    backoffMs: backoff === undefined ? restartDefaults.backoffMs : durationOf("restart_policy.backoff", backoff),
    stableAfterMs:
      stableAfter === undefined
        ? restartDefaults.stableAfterMs
        : durationOf("restart_policy.stable_after", stableAfter),
  };
}

/** @throws OperatingError `invalid_request` for one that is no duration or has no end. */
function durationOf(field: string, text: string): number {
  const durationMs = parseGoDuration(text);
  if (durationMs !== null && durationMs <= longestMs) return durationMs;
  const message = `"${field}" (body) must be a duration such as 30s, 2m or 1h30m, of a hundred years at most.`;
  throw new OperatingError("invalid_request", message);
}
