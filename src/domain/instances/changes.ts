import { KeyedListeners } from "../../lib/keyed-listeners.ts";

type Listener = () => void;
type GeneralListener = (instanceId: string) => void;

/** Tells those who wait for an instance that it may look different now. Carries no state: listeners look for themselves. */
export class Changes {
  readonly #listeners = new KeyedListeners<undefined>();
  readonly #generalListeners = new Set<GeneralListener>();

  /** Calls `listener` at each change of the instance until the result is disposed of. */
  listen(instanceId: string, listener: Listener): Disposable {
    return this.#listeners.listen(instanceId, listener);
  }

  /** Calls `listener` at each change of any instance, before those who listen to that one alone, until the result is disposed of. */
  listenToAll(listener: GeneralListener): Disposable {
    this.#generalListeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#generalListeners.delete(listener);
      },
    };
  }

  notify(instanceId: string): void {
    for (const listener of [...this.#generalListeners]) listener(instanceId);
    this.#listeners.tell(instanceId, undefined);
  }
}
