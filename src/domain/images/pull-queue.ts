import { OperatingError } from "../../errors.ts";

type Work = (signal: AbortSignal) => Promise<void>;

interface Job {
  readonly digest: string;
  readonly work: Work;
  /** Asked for while this ran, perhaps too late to be served by it: looks again when it is over. */
  followUp: Work | null;
  readonly abort: AbortController;
  readonly ended: PromiseWithResolvers<undefined>;
}

/**
 * Pulls, each digest once, a few at a time; the others wait in order:
 *
 *     add ──► [ waiting, bounded ] ──► running (at most `limit`) ──► over
 *                                         └── nothing waits or runs: tidy, and meanwhile nothing begins
 */
export class PullQueue {
  readonly #limit: number;
  readonly #capacity: number;
  readonly #tidy: () => Promise<void>;
  #waiting: Job[] = [];
  readonly #running = new Map<string, Job>();
  #tidying: Promise<void> | null = null;
  #isClosed = false;

  /**
   * @param tidy runs whenever no pull does; never rejects.
   * @param capacity how many may wait.
   */
  constructor(tidy: () => Promise<void>, limit: number, capacity: number) {
    this.#tidy = tidy;
    this.#limit = limit;
    this.#capacity = capacity;
  }

  /** @throws OperatingError `insufficient_resources` when too many wait. */
  assertRoom(): void {
    if (this.#waiting.length < this.#capacity) return;
    const message = `${String(this.#waiting.length)} images wait to be pulled already: ask again when some are done`;
    throw new OperatingError("insufficient_resources", message);
  }

  /**
   * Begins it when its turn comes. One that waits for the digest does for both; behind one that runs, it comes when that is over, and must
   * find out by itself whether something is left to do. `work` must not reject.
   */
  add(digest: string, work: Work): void {
    if (this.#isClosed) return;
    const present = this.#find(digest);
    if (present !== undefined) {
      if (this.#running.has(digest)) present.followUp = work;
      return;
    }
    const ended = Promise.withResolvers<undefined>();
    this.#waiting.push({ digest, work, followUp: null, abort: new AbortController(), ended });
    this.#advance();
  }

  /** From 1; null when it does not wait. */
  position(digest: string): number | null {
    const index = this.#waiting.findIndex((job) => job.digest === digest);
    return index === -1 ? null : index + 1;
  }

  /** Ends the pull of a digest, if there is one; resolves when it is over. */
  async abort(digest: string): Promise<void> {
    const job = this.#find(digest);
    if (job === undefined) return;
    job.abort.abort();
    if (this.#running.has(digest)) await job.ended.promise;
    else this.#waiting = this.#waiting.filter((waiting) => waiting !== job);
  }

  /** Tidies now, or, when a pull runs, after the last one. Resolves when that is done or put off. */
  async tidySoon(): Promise<void> {
    if (this.#running.size > 0) return;
    this.#tidying ??= this.#tidy().finally(() => {
      this.#tidying = null;
      this.#advance();
    });
    await this.#tidying;
  }

  /** Resolves when nothing waits or runs and all is tidy. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#waiting.length > 0 || this.#tidying !== null) {
      await Promise.all([...this.#running.values()].map((job) => job.ended.promise));
      await this.#tidying;
    }
  }

  /** Ends all; resolves when nothing runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting = [];
    const running = [...this.#running.values()];
    for (const job of running) job.abort.abort();
    await Promise.all(running.map((job) => job.ended.promise));
    await this.#tidying;
  }

  #find(digest: string): Job | undefined {
    return this.#running.get(digest) ?? this.#waiting.find((job) => job.digest === digest);
  }

  #advance(): void {
    while (this.#tidying === null && !this.#isClosed && this.#running.size < this.#limit) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#running.set(job.digest, job);
      void this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    await job.work(job.abort.signal);
    this.#running.delete(job.digest);
    if (job.followUp !== null) this.add(job.digest, job.followUp);
    const isLast = this.#running.size === 0 && this.#waiting.length === 0 && !this.#isClosed;
    const tidied = isLast ? this.tidySoon() : null;
    job.ended.resolve(undefined);
    if (tidied === null) this.#advance();
    else await tidied;
  }
}
