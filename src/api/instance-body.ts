import type { InstanceView } from "../domain/instances/instance.ts";
import type { UserNetwork } from "../hypervisors/driver.ts";
import type { InstanceBody } from "./schemas/instance.ts";
import { volumeMountBodies } from "./volume-mounts.ts";
import { formatMemory } from "./schemas/memory-size.ts";

/** An instance as every call answers it. Tokens and the machine's own files are not part of it. */
export function instanceBody(view: InstanceView, userNetwork: UserNetwork): InstanceBody {
  return {
    id: view.id,
    name: view.name,
    state: view.state,
    state_error: view.stateError,
    image: view.image,
    memory: formatMemory(view.spec.memoryBytes),
    memory_bytes: view.spec.memoryBytes,
    vcpus: view.spec.vcpus,
    entrypoint: [...view.workload.entrypoint],
    cmd: [...view.workload.cmd],
    env: { ...view.workload.env },
    tags: { ...view.tags },
    hypervisor: view.spec.hypervisor,
    accelerator: view.spec.accelerator,
    created_at: view.createdAt,
    parent_id: view.parentId,
    depth: view.depth,
    has_memory_image: view.restingState === "Standby",
    exit: exitBody(view),
    network: networkBody(view, userNetwork),
    volumes: volumeMountBodies(view.spec.volumes),
  };
}

function networkBody({ network, spec }: InstanceView, userNetwork: UserNetwork): InstanceBody["network"] {
  return {
    mode: network.mode,
    mac: spec.macAddress,
    ipv4: network.ipv4 ?? userNetwork.ipv4,
    ports: network.ports.map(({ hostPort, guestPort, protocol }) => ({
      host_port: hostPort,
      guest_port: guestPort,
      protocol,
    })),
  };
}

function exitBody({ exit }: InstanceView): InstanceBody["exit"] {
  return exit === null ? null : { exit_code: exit.exitCode, signal: exit.signal, reason: exit.reason };
}
