import type { ErrorCode } from "../errors.ts";

/** The status of each code. The compiler keeps it complete; `docs/reference/errors.md` explains each. */
export const statusOfCode = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  not_found: 404,
  ambiguous: 409,
  invalid_state: 409,
  name_conflict: 409,
  instance_busy: 409,
  mailbox_not_found: 409,
  mailbox_ambiguous: 409,
  mailbox_not_armed: 409,
  image_mismatch: 409,
  volume_in_use: 409,
  insufficient_resources: 409,
  not_supported: 501,
  ack_timeout: 504,
  ack_failed: 502,
  guest_unreachable: 504,
  internal_error: 500,
} as const satisfies Record<ErrorCode, number>;
