/**
 * Every way in which a request can go wrong that a caller can act on. The code is part of the API; the status each
 * becomes stands in `api/status-of-code.ts`, the meaning in `docs/reference/errors.md`, and a test holds the three together.
 */
export const errorCodes = [
  "invalid_request",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "not_found",
  "ambiguous",
  "invalid_state",
  "name_conflict",
  "instance_busy",
  "mailbox_not_found",
  "mailbox_ambiguous",
  "mailbox_not_armed",
  "image_mismatch",
  "volume_in_use",
  "image_not_ready",
  "image_in_use",
  "invalid_image",
  "invalid_platform",
  "registry_denied",
  "registry_unreachable",
  "insufficient_resources",
  "not_supported",
  "ack_timeout",
  "ack_failed",
  "guest_unreachable",
  "internal_error",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface OperatingErrorOptions extends ErrorOptions {
  /** Facts for the caller, machine-readable. Never a payload, a token or an internal path. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The world's fault, not ours: a bad request, a busy instance, a guest that stays silent. The message is for the caller
 * and says what to do; what only an operator may see goes into `cause`. Broken invariants are not this class: see `lib/assert.ts`.
 */
export class OperatingError extends Error {
  override readonly name = "OperatingError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options?: OperatingErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = options?.details;
  }
}
