import type { Dependencies } from "./dependencies.ts";

/**
 * At the server's end: leaves the machines running, to be adopted by the next start, or ends them.
 * An ended machine's instance is Stopped; its RAM is lost, its disk is not.
 */
export async function releaseMachines(deps: Dependencies, options: { readonly end: boolean }): Promise<void> {
  const machines = deps.machines.all();
  for (const live of machines) deps.machines.release(live);
  if (!options.end) return;
  await Promise.all(machines.map((live) => live.machine.kill()));
  for (const { instanceId } of machines) deps.store.update(instanceId, { process: null, restingState: "Stopped" });
}
