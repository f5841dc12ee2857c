import type { Dependencies } from "../instances/dependencies.ts";
import { flattenDisk } from "./flatten-disk.ts";

/**
 * Begins to flatten the disk of every instance that rests with a long chain of layers, one after the other, until the result is disposed
 * of; what was begun is dropped then. Whoever starts, forks or deletes an instance never waits for this.
 */
export function flattenDisks(deps: Dependencies): AsyncDisposable {
  const keeper = new DiskKeeper(deps);
  const listening = deps.changes.listenToAll((id) => {
    keeper.follow(id);
  });
  for (const { id } of deps.store.list()) keeper.follow(id);
  return {
    [Symbol.asyncDispose]: async () => {
      listening[Symbol.dispose]();
      await keeper.close();
    },
  };
}

interface Task {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

class DiskKeeper {
  readonly #deps: Dependencies;
  /** By instance. */
  readonly #tasks = new Map<string, Task>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Looks at an instance that may be at rest now, or gone. */
  follow(id: string): void {
    const stored = this.#deps.store.get(id);
    const task = this.#tasks.get(id);
    if (stored === null) task?.abort.abort(new Error("the instance was deleted"));
    else if (task === undefined && stored.process === null && this.#deps.machines.get(id) === undefined) {
      const abort = new AbortController();
      this.#tasks.set(id, { abort, ended: this.#flatten(id, abort.signal) });
    }
  }

  async close(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    for (const { abort } of tasks) abort.abort(new Error("the server ends"));
    await Promise.all(tasks.map(({ ended }) => ended));
  }

  async #flatten(id: string, signal: AbortSignal): Promise<void> {
    try {
      await flattenDisk(this.#deps, id, (work) => this.#inTurn(work), signal);
    } catch (failure) {
      if (!signal.aborted) this.#deps.log.warn({ instanceId: id, err: failure }, "disk.flatten_failed");
    } finally {
      this.#tasks.delete(id);
    }
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work);
    // Whoever comes next waits for the end of this, not for its success.
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}
