import type { AuditSubject } from "../domain/history/audit-log.ts";
import type { Origin } from "../observability/origin.ts";

/** A call that is being served. */
export interface ServedCall {
  readonly origin: Origin;
  /** Whom or what it is about, as the request says; null until that was asked. */
  subject: Subject | null;
  /** What the answer says. */
  answer: Readonly<Record<string, unknown>>;
}

export interface Subject {
  readonly instance: { readonly id: string; readonly name: string } | null;
  /** An image, a snapshot, a volume or a token. */
  readonly thing: AuditSubject | null;
}
