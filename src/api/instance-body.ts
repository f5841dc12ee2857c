import { constants } from "node:os";
import { hostPlatformName } from "../domain/images/platform.ts";
import { diskBytesOf } from "../domain/instances/blank-disk.ts";
import type { InstanceView } from "../domain/instances/instance.ts";
import { formatGoDuration } from "../lib/go-duration.ts";
import type { InstanceBody, TimedInstanceBody } from "./schemas/instance.ts";
import { volumeMountBodies } from "./volume-mounts.ts";
import { formatSize } from "./schemas/memory-size.ts";

/** An instance as every call answers it. Tokens and the machine's own files are not part of it. */
export function instanceBody(view: InstanceView): InstanceBody {
  return {
    id: view.id,
    name: view.name,
    state: view.state,
    state_error: view.stateError,
    image: view.image,
    platform: hostPlatformName,
    memory: formatSize(view.spec.memoryBytes),
    size: formatSize(view.spec.memoryBytes),
    memory_bytes: view.spec.memoryBytes,
    vcpus: view.spec.vcpus,
    overlay_size: formatSize(diskBytesOf(view.spec)),
    entrypoint: [...view.workload.entrypoint],
    cmd: [...view.workload.cmd],
    env: { ...view.workload.env },
    working_dir: view.workload.workingDir,
    user: view.workload.user,
    stop_signal: view.workload.stopSignal,
    tags: { ...view.tags },
    hypervisor: view.spec.hypervisor,
    accelerator: view.spec.accelerator,
    created_at: view.createdAt,
    started_at: view.startedAt,
    stopped_at: view.startedAt === null ? null : timeText(view.history.stoppedAtMs),
    expires_at: timeText(view.expiresAtMs),
    current_phase: view.history.phase,
    current_phase_since: new Date(view.history.sinceMs).toISOString(),
    phase_durations_ms: { ...view.phaseDurationsMs },
    ...restartBody(view),
    parent_id: view.parentId,
    depth: view.depth,
    has_memory_image: view.restingState === "Standby",
    has_snapshot: view.restingState === "Standby",
    exit: exitBody(view),
    ...exitWords(view),
    network: networkBody(view),
    volumes: volumeMountBodies(view.spec.volumes),
  };
}

/** The same with the milliseconds of what was done to it, phase by phase. */
export function timedInstanceBody({ instance, timingsMs }: TimedInstance): TimedInstanceBody {
  return { ...instanceBody(instance), timings_ms: { ...timingsMs } };
}

export interface TimedInstance {
  readonly instance: InstanceView;
  readonly timingsMs: Readonly<Record<string, number>>;
}

function networkBody({ network, spec, ipv4 }: InstanceView): InstanceBody["network"] {
  const { mode } = network;
  if (mode === "none") return { enabled: false, mode, mac: null, ip: null, ports: [] };
  return {
    enabled: true,
    name: "default",
    mode,
    mac: spec.macAddress,
    ip: ipv4,
    ports: network.ports.map(({ hostPort, guestPort, protocol }) => ({
      host_port: hostPort,
      guest_port: guestPort,
      protocol,
    })),
  };
}

function restartBody({
  restartPolicy,
  restartStatus: status,
}: InstanceView): Pick<InstanceBody, "restart_policy" | "restart_status"> {
  if (restartPolicy === null) return {};
  const { policy, backoffMs, maxAttempts, stableAfterMs } = restartPolicy;
  return {
    restart_policy: {
      policy,
      backoff: formatGoDuration(backoffMs),
      max_attempts: maxAttempts,
      stable_after: formatGoDuration(stableAfterMs),
    },
    restart_status: {
      attempts: status.attempts,
      last_attempt_at: timeText(status.lastAttemptAtMs),
      next_attempt_at: timeText(status.nextAttemptAtMs),
      blocked_reason: status.blockedReason,
    },
  };
}

function timeText(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

/** What a shell makes of an exit: a signal's number comes on top of 128. */
function exitWords({ exit }: InstanceView): Pick<InstanceBody, "exit_code" | "exit_message"> {
  if (exit === null) return { exit_code: null };
  const { exitCode, signal, reason } = exit;
  if (signal === null)
    return { exit_code: exitCode, exit_message: exitCode === null ? reason : `${reason} with code ${exitCode}` };
  return { exit_code: 128 + signal, exit_message: `${reason} by signal ${signal}${signalName(signal)}` };
}

function signalName(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? "" : ` (${name})`;
}

function exitBody({ exit }: InstanceView): InstanceBody["exit"] {
  return exit === null ? null : { exit_code: exit.exitCode, signal: exit.signal, reason: exit.reason };
}
