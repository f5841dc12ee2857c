import { mapLimited } from "../../lib/map-limited.ts";
import { applyRetention } from "./apply-retention.ts";
import type { ScheduleDependencies } from "./dependencies.ts";
import { nextRunMs } from "./next-run.ts";
import { runSchedule } from "./run-schedule.ts";
import type { SnapshotSchedule } from "./schedule.ts";

/** A snapshot of a running instance costs disk and a moment of standing still. */
const runsAtOnce = 2;

/** How long the one timer sleeps at most: snapshots grow too old in between, and a host's clock may be set. */
const longestSleepMs = 60_000;
const shortestSleepMs = 1000;

/**
 * Runs what is due, with one timer for all schedules. Rounds follow each other and never overlap; within one, so many instances at once.
 *
 *     sleeping ──(earliest due time, or a minute, or wake)──► round: runs, retention ──► sleeping
 */
export class SnapshotScheduler implements AsyncDisposable {
  readonly #deps: ScheduleDependencies;
  readonly #ended = new AbortController();
  #alarm: Disposable | null = null;
  #round: Promise<void> | null = null;
  #isAskedAgain = false;

  constructor(deps: ScheduleDependencies) {
    this.#deps = deps;
  }

  /** When the server starts: what was due while none ran is left out, whatever it was. */
  start(): void {
    const { clock, schedules } = this.#deps;
    const nowMs = clock.nowMs();
    for (const { instanceId, nextRunAtMs, intervalMs } of schedules.list())
      schedules.postpone(instanceId, nextRunMs(nextRunAtMs, intervalMs, nowMs));
    this.wake();
  }

  /** Looks at the schedules now, when one was changed. */
  wake(): void {
    if (this.#ended.signal.aborted) return;
    this.#isAskedAgain = true;
    this.#round ??= this.#runRounds();
  }

  /** Resolves when it sleeps, if only for this moment. */
  async whenAsleep(): Promise<void> {
    while (this.#round !== null) await this.#round;
  }

  /** Ends the timer and what it has begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new Error("the server ends"));
    this.#alarm?.[Symbol.dispose]();
    await this.#round;
  }

  async #runRounds(): Promise<void> {
    this.#alarm?.[Symbol.dispose]();
    while (this.#isAskedAgain && !this.#ended.signal.aborted) {
      this.#isAskedAgain = false;
      await this.#runRound();
    }
    this.#round = null;
    this.#sleep();
  }

  async #runRound(): Promise<void> {
    const { log, schedules } = this.#deps;
    await mapLimited(schedules.list(), runsAtOnce, async (schedule) => {
      if (this.#ended.signal.aborted) return;
      try {
        await this.#attend(schedule);
      } catch (failure) {
        // One schedule's trouble is not another's.
        log.error({ instanceId: schedule.instanceId, err: failure }, "schedule.round_failed");
      }
    });
  }

  async #attend(schedule: SnapshotSchedule): Promise<void> {
    const { clock, schedules, store } = this.#deps;
    const { instanceId, nextRunAtMs } = schedule;
    const isThere = store.get(instanceId) !== null;
    if (isThere && nextRunAtMs <= clock.nowMs()) await runSchedule(this.#deps, schedule, this.#ended.signal);
    const left = await applyRetention(this.#deps, schedule);
    if (!isThere && left === 0) schedules.remove(instanceId);
  }

  #sleep(): void {
    if (this.#ended.signal.aborted) return;
    const { clock, schedules, store } = this.#deps;
    const all = schedules.list();
    if (all.length === 0) return;
    const due = all.find(({ instanceId }) => store.get(instanceId) !== null)?.nextRunAtMs ?? Infinity;
    const nowMs = clock.nowMs();
    // What is still due after a round has failed in a way that nobody foresaw.
    const nextMs = Math.min(Math.max(due, nowMs + shortestSleepMs), nowMs + longestSleepMs);
    this.#alarm = clock.ring(nextMs, () => {
      this.wake();
    });
  }
}
