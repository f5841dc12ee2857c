/** Who called, for the log and the audit. Neither part is a secret. */
export interface Caller {
  /** A token's id; `local` for the server's own first token; `jwt:` and the subject for a JWT. */
  readonly id: string;
  readonly name: string;
}

/** What a bearer token proved. */
export interface Authority {
  readonly caller: Caller;
  /** Scopes and wildcards, as `scopes.ts` reads them. */
  readonly grants: readonly string[];
  /** Unix time in ms; null when it does not end by itself. */
  readonly expiresAtMs: number | null;
  /**
   * Calls `end` once when this authority is over, by revocation or by time, also when that is so already. For what stays open after it was
   * allowed. @returns forgets `end` again.
   */
  onEnd(end: () => void): () => void;
}
