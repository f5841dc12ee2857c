import { AsyncLocalStorage } from "node:async_hooks";

/** Whoever asked: a token, or somebody that it names. */
export interface OriginCaller {
  readonly id: string;
  readonly name: string;
}

/** The request on whose behalf work is done. */
export interface Origin {
  readonly requestId: string;
  /** Null until it is known who asks, and for a call that everybody may make. */
  caller: OriginCaller | null;
  /** Whether the audit has a record of it already. */
  isAudited: boolean;
}

const origins = new AsyncLocalStorage<Origin>();

/** Runs `work`, and whatever it starts, on behalf of a request. */
export function onBehalfOf<Result>(origin: Origin, work: () => Result): Result {
  return origins.run(origin, work);
}

/** Null for what the server does by itself. */
export function currentOrigin(): Origin | null {
  return origins.getStore() ?? null;
}
