import { randomBytes } from "node:crypto";
import type { AgentClient } from "../../guest/agent-client.ts";
import type { WorkloadExitEvent } from "../../guest/agent-messages.ts";
import { volumeSerial, type PausedMachine, type RunningMachine } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import type { Durability } from "../../store/database.ts";
import { signalNumber } from "../images/run-config.ts";
import { describeWorkloadEnd } from "./describe-workload-end.ts";
import { withinDeadline } from "./within-deadline.ts";
import { AgentLink } from "./agent-link.ts";
import { rootPartBytes } from "./blank-disk.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";
import type { InstanceChange, StoredInstance } from "./instance-store.ts";
import type { InstanceFiles } from "./instance-files.ts";
import { baseMemoryPath, ensureOverlay, machineFiles, makeEmptyBase } from "./machine-files.ts";
import type { LiveMachine } from "./machines.ts";
import { startConnected } from "./start-connected.ts";
import { whileAlive } from "./while-alive.ts";

/**
 * Boots the instance's machine from its disk and notes its process. Returns when the VMM runs; the guest goes on booting, and the
 * instance becomes Running when its agent has started the workload.
 * @throws whatever the driver reports; nothing of the machine is left then.
 */
export async function bootMachine(deps: Dependencies, stored: StoredInstance, signal: AbortSignal): Promise<void> {
  const live = await startMachine(deps, stored, filesOf(deps, stored.id), signal);
  registerMachine(deps, live);
  void becomeReady(deps, live, stored.name);
}

/** Starts a machine that boots from the disk in `own`. It is not yet registered, nor its guest looked after: see `becomeReady`. */
export async function startMachine(
  deps: Dependencies,
  stored: StoredInstance,
  own: InstanceFiles,
  signal: AbortSignal,
): Promise<LiveMachine> {
  await makeEmptyBase(own, stored.spec.memoryBytes);
  await ensureOverlay(deps, own);
  const machine = await startConnected(deps, stored, signal, async (tapName) => {
    const files = await machineFiles(deps, own, baseMemoryPath(own), tapName);
    return await withinDeadline(
      signal,
      deps.settings.deadlines.machineMs,
      `starting the machine of ${stored.name}`,
      (limited) => deps.driver.boot(stored.spec, files, limited),
    );
  });
  return newLiveMachine(deps, stored.id, machine, { ready: false });
}

/** A machine with its agent's connection-to-be; not yet registered. */
export function newLiveMachine(
  deps: Dependencies,
  instanceId: string,
  machine: RunningMachine | PausedMachine,
  options: { readonly ready: boolean },
): LiveMachine {
  const agent = new AgentLink(machine, (client) => {
    followWorkload(deps, instanceId, client);
  });
  return { instanceId, machine, agent, resumedAtMs: performance.now(), ready: options.ready };
}

/** Takes a machine into the registry and notes its process in the row, with what else changes. From here on its end is noticed. */
export function registerMachine(
  deps: Dependencies,
  live: LiveMachine,
  change: InstanceChange = {},
  durable: Durability = "now",
): void {
  const startedAt = new Date(deps.clock.nowMs()).toISOString();
  const begun = { process: live.machine.process, stateError: null, held: null, startedAt };
  deps.transaction(() => {
    deps.store.update(live.instanceId, { ...begun, ...change });
  }, durable);
  deps.machines.add(live);
  deps.changes.notify(live.instanceId);
}

/** Waits for the agent, has it start the workload, and makes the instance Running; a guest that does not get there is ended. */
export async function becomeReady(deps: Dependencies, live: LiveMachine, name: string): Promise<void> {
  const { bootMs } = deps.settings.deadlines;
  const until = new AbortController();
  try {
    await whileAlive(live.machine, `the boot of ${name}`, until.signal, (signal) =>
      withinDeadline(signal, bootMs, `the boot of ${name}`, (limited) => configureGuest(deps, live, limited)),
    );
    live.ready = true;
    deps.log.info({ instanceId: live.instanceId }, "instance.running");
    deps.changes.notify(live.instanceId);
  } catch (failure) {
    await abandonBoot(deps, live, failure);
  }
}

async function configureGuest(deps: Dependencies, live: LiveMachine, signal: AbortSignal): Promise<void> {
  const stored = deps.store.get(live.instanceId);
  assert(stored !== null, "a machine belongs to an instance");
  const secrets = filesOf(deps, stored.id).readSecrets();
  const { guest } = await deps.networks.attach(stored);
  const agent = await live.agent.client(signal);
  if (agent.hello.configured) return;
  await agent.configure(
    {
      instanceId: stored.id,
      name: stored.name,
      hostname: stored.name,
      ...secrets,
      argv: [...stored.workload.entrypoint, ...stored.workload.cmd],
      env: { ...stored.workload.imageEnv, ...stored.workload.env },
      cwd: stored.workload.workingDir,
      user: stored.workload.user,
      stopSignal: stored.workload.stopSignal === null ? null : signalNumber(stored.workload.stopSignal),
      network: guest,
      diskBytes: rootPartBytes(stored.spec),
      volumes: (stored.spec.volumes ?? []).map(({ mountPath, mode, overlayBytes = null }, place) => ({
        serial: volumeSerial(place),
        mountPath,
        mode,
        overlayBytes,
      })),
      wallClockNs: wallClockNs(),
      entropy: randomBytes(entropyBytes),
    },
    { timeoutMs: deps.settings.deadlines.bootMs, signal },
  );
}

/** What a guest's generator is seeded with, at boot and after each resume. */
export const entropyBytes = 64;

/** The host's time of day: nanoseconds since the epoch do not fit a double. `Date.now` follows the host's clock when that is stepped. */
export function wallClockNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** A machine that was stopped or deleted meanwhile is no longer ours to end. */
async function abandonBoot(deps: Dependencies, live: LiveMachine, failure: unknown): Promise<void> {
  const message = failure instanceof Error ? failure.message : "the guest did not boot";
  if (deps.machines.get(live.instanceId) === live) {
    deps.log.error({ instanceId: live.instanceId, err: failure }, "instance.boot_failed");
    deps.machines.release(live);
    await live.machine.kill();
    deps.store.update(live.instanceId, { process: null, restingState: "Stopped", stateError: message });
    deps.changes.notify(live.instanceId);
  }
}

type WorkloadEnd = Pick<WorkloadExitEvent, "exitCode" | "signal" | "reason">;

/** Notes how the workload ended, now or while no server listened. */
function followWorkload(deps: Dependencies, instanceId: string, client: AgentClient): void {
  const note = ({ exitCode, signal: exitSignal, reason: said }: WorkloadEnd): void => {
    const reason = said ?? describeWorkloadEnd(exitCode, exitSignal);
    deps.store.update(instanceId, { exit: { exitCode, signal: exitSignal, reason } });
    deps.log.info({ instanceId, exitCode, exitSignal }, "instance.workload_exited");
    deps.changes.notify(instanceId);
  };
  const { workload } = client.hello;
  if (workload.state === "exited") note(workload);
  client.onEvent(note);
}
