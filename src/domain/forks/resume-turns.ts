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
import type { Dependencies } from "../instances/dependencies.ts";
import { AwaitedGuests } from "./awaited-guests.ts";

/** Asked once: the system reads several files for it. */
const processors = availableParallelism();

export const releasesAtOnce = 64 * processors;

/** Whose turn it is among the guests of one call. */
export interface ResumeTurns {
  /** To be resumed. */
  readonly resumes: Turns;
  /** To have the processors, once resumed. */
  readonly awaited: AwaitedGuests;
}

/** One for each call. */
export function newResumeTurns(): ResumeTurns {
  return { resumes: new Turns(4 * processors), awaited: new AwaitedGuests() };
}

/**
 * For the guests of one call. The deadlines are for a guest that shares its processor with few: of many that take their identity at the same
 * time each takes longer by as much, and is not to be told again by the agent channel, which would make all of them slower still.
 */
export function withPatience<Deps extends Dependencies>(deps: Deps, guests: number): Deps {
  const { deadlines } = deps.settings;
  const factor = Math.max(1, Math.min(guests, releasesAtOnce) / (fewGuests * processors));
  const systemAckMs = factor * deadlines.systemAckMs;
  const agentMs = factor * deadlines.agentMs;
  return { ...deps, settings: { ...deps.settings, deadlines: { ...deadlines, systemAckMs, agentMs } } };
}

/** So many on one processor keep the deadlines as they are. */
const fewGuests = 8;
