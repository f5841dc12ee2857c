/** A broken invariant of our own: a bug, never the caller's fault. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Crashes with the invariant that does not hold. For the world's faults throw an OperatingError instead. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(invariant);
}
