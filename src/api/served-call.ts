import type { Origin } from "../observability/origin.ts";

/** A call that is being served. */
export interface ServedCall {
  readonly origin: Origin;
  /** Whom it is about, when the path says so. */
  subject: Subject;
  /** What the answer says. */
  answer: Readonly<Record<string, unknown>>;
}

export interface Subject {
  readonly instance: { readonly id: string; readonly name: string } | null;
  readonly snapshotId: string | null;
}
