import { OperatingError, type ErrorCode } from "../../errors.ts";
import { mapLimited } from "../../lib/map-limited.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { newResumeTurns, releasesAtOnce, withPatience } from "./resume-turns.ts";
import { resumeInstance, type ResumeResult } from "./resume-instance.ts";

/** The most instances of one call. */
export const maxResumed = 256;

/** What became of one instance; `result` is null when it failed, `error` when it did not. */
export interface ResumeOutcome {
  /** As the caller named it. */
  readonly reference: string;
  readonly result: ResumeResult | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/**
 * Resumes each of these, as `resumeInstance` does; what fails for one does not stop the others. Outcomes keep the order, and two names of one
 * instance have the same outcome.
 */
export async function resumeMany(
  deps: ForkDependencies,
  references: readonly string[],
  signal: AbortSignal,
): Promise<ResumeOutcome[]> {
  const patient = withPatience(deps, references.length);
  const turns = newResumeTurns();
  const underWay = new Map<string, Promise<ResumeResult>>();
  const resumeOnce = (reference: string): Promise<ResumeResult> => {
    const { id } = findInstance(deps, reference);
    const resuming = underWay.get(id) ?? resumeInstance(patient, id, signal, turns);
    underWay.set(id, resuming);
    return resuming;
  };
  return await mapLimited(references, releasesAtOnce, async (reference) => {
    try {
      return { reference, result: await resumeOnce(reference), error: null };
    } catch (failure) {
      if (!(failure instanceof OperatingError)) throw failure;
      return { reference, result: null, error: { code: failure.code, message: failure.message } };
    }
  });
}
