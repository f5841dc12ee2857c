import { OperatingError } from "../../errors.ts";

interface Holder {
  readonly operation: string;
  shares: number;
  readonly released: PromiseWithResolvers<undefined>;
}

/**
 * One operation at a time on an instance, by name, so that whoever is refused hears what runs. Forks share the lock with each other:
 * they only read the parent's image.
 */
export class OperationLock {
  readonly #holders = new Map<string, Holder>();

  /**
   * Takes the instance for `operation` until the result is disposed of.
   * @throws OperatingError `instance_busy` that names the operation in progress; nobody waits for a lock.
   */
  acquire(instanceId: string, operation: string, mode: "exclusive" | "shared" = "exclusive"): Disposable {
    const present = this.#holders.get(instanceId);
    if (present !== undefined && (mode === "exclusive" || present.operation !== operation || present.shares === 0)) {
      throw new OperatingError(
        "instance_busy",
        `${present.operation} is in progress on this instance: try again when it has ended`,
        {
          details: { operation: present.operation },
        },
      );
    }
    const holder = present ?? { operation, shares: 0, released: Promise.withResolvers<undefined>() };
    if (mode === "shared") holder.shares += 1;
    this.#holders.set(instanceId, holder);
    return {
      [Symbol.dispose]: () => {
        this.#release(instanceId, holder);
      },
    };
  }

  /** Whether an operation is in progress on the instance. */
  isHeld(instanceId: string): boolean {
    return this.#holders.has(instanceId);
  }

  /** Resolves when nobody holds the instance, if only for this moment: for work in the background, which no caller waits for. */
  async whenFree(instanceId: string): Promise<void> {
    await this.#holders.get(instanceId)?.released.promise;
  }

  #release(instanceId: string, holder: Holder): void {
    holder.shares -= 1;
    if (holder.shares > 0) return;
    this.#holders.delete(instanceId);
    holder.released.resolve(undefined);
  }
}
