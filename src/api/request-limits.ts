/** How many requests are answered within a minute; 0: any number. */
export interface RequestLimits {
  /** Of each caller, and of each address that calls without a token. */
  readonly requestsPerMinute: number;
  /** With a missing or bad token, from each address. */
  readonly authFailuresPerMinute: number;
}

/** Far above what one caller needs, and far below what the server answers. */
export const defaultLimits: RequestLimits = { requestsPerMinute: 30_000, authFailuresPerMinute: 60 };
