import type { InstanceState } from "./instance.ts";
import type { StoredInstance } from "./instance-store.ts";
import { advanceHistory, type PhaseHistory } from "./phases.ts";

/**
 * The histories as they are now. The rows follow a moment later, many in one transaction: a sync of the disk for each change of state would be
 * most of what a warm fork takes. What a crash loses is made up for at the next start, when rows and machines are compared.
 */
export class PhaseLog {
  readonly #histories = new Map<string, PhaseHistory>();
  readonly #unsaved = new Set<string>();

  /** The history of an instance that is in `state` now. */
  historyOf({ id, history }: StoredInstance, state: InstanceState, nowMs: number): PhaseHistory {
    return advanceHistory(this.#histories.get(id) ?? history, state, nowMs);
  }

  /** Notes the state. @returns the phase it was in before, and null when that has not changed or was not known. */
  note(stored: StoredInstance, state: InstanceState, nowMs: number): string | null {
    const before = this.#histories.get(stored.id) ?? stored.history;
    const history = advanceHistory(before, state, nowMs);
    this.#histories.set(stored.id, history);
    if (history === before) return null;
    this.#unsaved.add(stored.id);
    return before?.phase ?? null;
  }

  /** The instance is gone. */
  forget(instanceId: string): void {
    this.#histories.delete(instanceId);
    this.#unsaved.delete(instanceId);
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0;
  }

  /** What no row has yet; the caller writes it. */
  takeUnsaved(): [string, PhaseHistory][] {
    const unsaved = [...this.#unsaved].flatMap((id): [string, PhaseHistory][] => {
      const history = this.#histories.get(id);
      return history === undefined ? [] : [[id, history]];
    });
    this.#unsaved.clear();
    return unsaved;
  }
}
