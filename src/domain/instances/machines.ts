/**
 * The machines that run now: the truth about what runs, beside the rows' truth about what is intended.
 *
 *     add(running or paused) ──► present ──machine.exited──► gone: onExit tells the row
 *                                   │
 *                                   └──release()──► gone, told by whoever released it (stop, standby, delete)
 */
import type { MachineExit, PausedMachine, RunningMachine } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import type { AgentLink } from "./agent-link.ts";

export interface LiveMachine {
  readonly instanceId: string;
  /** The state is in the type: `machine.state` says which. */
  machine: RunningMachine | PausedMachine;
  readonly agent: AgentLink;
  /** When it was last let go, on `performance.now()`'s clock. */
  resumedAtMs: number;
  /** The agent has configured the guest and started the workload. */
  ready: boolean;
}

type ExitListener = (live: LiveMachine, exit: MachineExit) => void;

export class Machines {
  readonly #machines = new Map<string, LiveMachine>();
  #onExit: ExitListener = () => undefined;

  /** Called for a machine that ended although nobody had released it. */
  set onExit(listener: ExitListener) {
    this.#onExit = listener;
  }

  get(instanceId: string): LiveMachine | undefined {
    return this.#machines.get(instanceId);
  }

  all(): LiveMachine[] {
    return [...this.#machines.values()];
  }

  add(live: LiveMachine): void {
    assert(!this.#machines.has(live.instanceId), "an instance has one machine");
    this.#machines.set(live.instanceId, live);
    void live.machine.exited.then((exit) => {
      if (this.#machines.get(live.instanceId) !== live) return;
      this.release(live);
      this.#onExit(live, exit);
    });
  }

  /** From here on its end is expected, and no longer reported. */
  release(live: LiveMachine): void {
    if (this.#machines.get(live.instanceId) === live) this.#machines.delete(live.instanceId);
    live.agent.close();
  }
}
