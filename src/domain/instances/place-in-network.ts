import type { NetworkRequest } from "../networks/instance-network.ts";
import type { Dependencies } from "./dependencies.ts";
import type { StoredInstance } from "./instance-store.ts";

/**
 * Gives an instance that is being made its own place in the network; the insert of its row keeps it, and `removeInstance` or
 * `networks.release` gives it back.
 * @throws OperatingError `not_supported`, `insufficient_resources`, `invalid_state`; nothing was taken then.
 */
export async function placeInNetwork(
  deps: Dependencies,
  described: StoredInstance,
  request: NetworkRequest,
): Promise<StoredInstance> {
  const { network, macAddress } = await deps.networks.take(described.id, request);
  const spec = macAddress === null ? described.spec : { ...described.spec, macAddress };
  return { ...described, network, spec };
}
