import { Turns } from "../../lib/turns.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import { flattenDisk } from "./flatten-disk.ts";

/**
 * Begins to flatten the disk of every instance whose chain of layers gets long, whether it runs or rests, one after the other, until the
 * result is disposed of; what was begun is dropped then. Whoever works on an instance never waits for this. A chain that was long when the
 * instance was first seen waits for the next layer: it is its parent's, and a merge for each of a hundred children would be a hundred copies
 * of what they share.
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
  /** By instance: the fewest sealed layers that were seen. */
  readonly #fewest = new Map<string, number>();
  readonly #turns = new Turns();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Looks at an instance whose disk may have got a layer more, or that is gone. */
  follow(id: string): void {
    const stored = this.#deps.store.get(id);
    const task = this.#tasks.get(id);
    if (stored === null) {
      this.#fewest.delete(id);
      task?.abort.abort(new Error("the instance was deleted"));
    } else if (task === undefined) {
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
    const isLong = (layers: number): boolean => this.#isLong(id, layers);
    try {
      // Again while it is long: a running one may have got layers meanwhile.
      while (await flattenDisk(this.#deps, id, { isLong, turns: this.#turns }, signal));
    } catch (failure) {
      if (!signal.aborted) this.#deps.log.warn({ instanceId: id, err: failure }, "disk.flatten_failed");
    } finally {
      this.#tasks.delete(id);
    }
  }

  #isLong(id: string, layers: number): boolean {
    const fewest = Math.min(this.#fewest.get(id) ?? layers, layers);
    this.#fewest.set(id, fewest);
    return layers > this.#deps.settings.maxDiskLayers && layers > fewest;
  }
}
