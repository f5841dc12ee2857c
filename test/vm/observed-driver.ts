/**
 * A driver between the domain and the real one that tells of every step, at exactly the moment that a test needs:
 *
 *     boot ─► booted        restore ─► restored        pausing ─► pause ─► paused
 *     saving ─► saveDeviceState ─► saved        opening ─► openMemory        resuming ─► resume ─► resumed
 *     sealing ─► sealDisk ─► sealed             replacing ─► replaceLowerLayers ─► replaced
 *
 * The domain waits for the observer. Everything else reaches the real driver untouched.
 */
import type { HypervisorDriver, PausedMachine, RunningMachine } from "../../src/hypervisors/driver.ts";

export type Step =
  | ("booted" | "restored" | "pausing" | "paused" | "saving" | "saved" | "opening" | "resuming" | "resumed")
  | ("sealing" | "sealed" | "replacing" | "replaced");

/** One moment in one machine's life. `machine` is the real one; `directory` is its instance's own. */
export interface Moment {
  readonly step: Step;
  readonly machine: PausedMachine | RunningMachine;
  readonly directory: string;
}

export type Observer = (moment: Moment) => Promise<void>;

/** Who looks at the moment; may be replaced at any time. */
export interface Observation {
  observer: Observer;
}

export function observeDriver(driver: HypervisorDriver, observation: Observation): HypervisorDriver {
  const tellOf = ({ directory }: { readonly directory: string }): Tell => {
    return (step, machine) => observation.observer({ step, machine, directory });
  };
  return overlay(driver, {
    async boot(spec, files, signal) {
      const machine = await driver.boot(spec, files, signal);
      await tellOf(files)("booted", machine);
      return observeRunning(machine, tellOf(files));
    },
    async restore(spec, files, saved, signal) {
      const machine = await driver.restore(spec, files, saved, signal);
      await tellOf(files)("restored", machine);
      return observePaused(machine, tellOf(files));
    },
    async adopt(spec, files, process, signal) {
      const machine = await driver.adopt(spec, files, process, signal);
      if (machine === null) return null;
      return machine.state === "paused"
        ? observePaused(machine, tellOf(files))
        : observeRunning(machine, tellOf(files));
    },
  });
}

type Tell = (step: Step, machine: PausedMachine | RunningMachine) => Promise<void>;

/** What a machine can do in either state. */
function common(
  machine: PausedMachine | RunningMachine,
  tell: Tell,
): Pick<PausedMachine | RunningMachine, "replaceLowerLayers"> {
  return {
    async replaceLowerLayers(above, merged, signal) {
      await tell("replacing", machine);
      await machine.replaceLowerLayers(above, merged, signal);
      await tell("replaced", machine);
    },
  };
}

function observePaused(machine: PausedMachine, tell: Tell): PausedMachine {
  return overlay(machine, {
    ...common(machine, tell),
    async sealDisk(overlayPath, signal) {
      await tell("sealing", machine);
      await machine.sealDisk(overlayPath, signal);
      await tell("sealed", machine);
    },
    async openMemory() {
      await tell("opening", machine);
      return machine.openMemory();
    },
    async saveDeviceState(path, options, signal) {
      await tell("saving", machine);
      await machine.saveDeviceState(path, options, signal);
      await tell("saved", machine);
    },
    async resume(signal) {
      await tell("resuming", machine);
      const running = await machine.resume(signal);
      await tell("resumed", running);
      return observeRunning(running, tell);
    },
  });
}

function observeRunning(machine: RunningMachine, tell: Tell): RunningMachine {
  return overlay(machine, {
    ...common(machine, tell),
    async pause(signal) {
      await tell("pausing", machine);
      const paused = await machine.pause(signal);
      await tell("paused", paused);
      return observePaused(paused, tell);
    },
  });
}

/** The same object with some methods replaced. The others run on the real one, whose private fields a copy would not have. */
function overlay<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get: (_, key) => {
      const source: object = Object.hasOwn(methods, key) ? methods : target;
      const value: unknown = Reflect.get(source, key);
      return typeof value === "function" ? (value.bind(source) as unknown) : value;
    },
  });
}
