/**
 * How many guests of one call are let go side by side:
 *
 *     prepared ──resumesAtOnce──► resumed ──── identity, mail, acks ────► done
 *     └─────────────────────────── releasesAtOnce ──────────────────────────┘
 *
 * A guest need not wait for what another one does with its mail: all are resumed as fast as their VMMs answer. Guests that have not
 * acknowledged yet share the processors, and beyond so many each would take longer than it may.
 */
import { availableParallelism } from "node:os";
import { Turns } from "../../lib/turns.ts";

export const releasesAtOnce = 64 * availableParallelism();

/** One for each call. */
export function newResumeTurns(): Turns {
  return new Turns(4 * availableParallelism());
}
