import type { Machine } from "../../hypervisors/driver.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { Dependencies } from "./dependencies.ts";
import type { StoredInstance } from "./instance-store.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Starts a machine that is plugged into the instance's network, and forwards its ports to it. What it takes is given back when the machine
 * is gone, however that comes about.
 * @param start gets the name of the TAP; null for the hypervisor's own NAT.
 * @throws whatever `start` does; OperatingError of the network. Nothing is left running then.
 */
export async function startConnected<Started extends Machine>(
  deps: Dependencies,
  stored: StoredInstance,
  signal: AbortSignal,
  start: (tapName: string | null) => Promise<Started>,
): Promise<Started> {
  await using undo = new UndoStack();
  const connection = await deps.networks.connect(stored);
  undo.push(() => {
    connection.close();
  });
  const machine = await start(connection.tapName);
  undo.push(() => machine.kill());
  await openPorts(deps, stored, machine, signal);
  undo.commit();
  void machine.exited.then(() => {
    connection.close();
  });
  return machine;
}

/** Forwards the instance's ports to this machine of its; a chosen one may be another than before. @throws as `startConnected`. */
export async function openPorts(
  deps: Dependencies,
  stored: StoredInstance,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  if (stored.network.ports.length === 0) return;
  const network = await withinDeadline(signal, deps.settings.deadlines.machineMs, "forwarding the ports", (limited) =>
    deps.networks.openPorts(stored, machine, limited),
  );
  deps.store.update(stored.id, { network });
}
