import type { NetworkRequest } from "../domain/networks/instance-network.ts";
import { OperatingError } from "../errors.ts";
import type { NetworkWish } from "./schemas/network.ts";

/** The network of a request, with its defaults. @throws OperatingError `invalid_request` for what the schema cannot say. */
export function networkRequest(wish: NetworkWish = {}): NetworkRequest {
  if (wish.enabled === false) return noNetwork(wish);
  const { mode = "user", ports = [] } = wish;
  if (mode === "bridge" && ports.length > 0) {
    const message =
      "network.ports are forwarded in mode user alone: on the bridge the guest has an address of its own, leave them out";
    throw new OperatingError("invalid_request", message);
  }
  const requests = ports.map(({ host_port: hostPort = null, guest_port: guestPort, protocol = "tcp" }) => ({
    protocol,
    guestPort,
    hostPort,
  }));
  const wanted = requests.flatMap(({ protocol, hostPort }) => (hostPort === null ? [] : [`${protocol} ${hostPort}`]));
  if (new Set(wanted).size < wanted.length)
    throw new OperatingError(
      "invalid_request",
      "network.ports: a host_port stands in the list twice: give each its own",
    );
  return { mode, ports: requests };
}

function noNetwork({ mode, ports = [] }: NetworkWish): NetworkRequest {
  if (mode !== undefined || ports.length > 0) {
    const message =
      "network.enabled false means no network card: leave out network.mode and network.ports, or enable it";
    throw new OperatingError("invalid_request", message);
  }
  return { mode: "none", ports: [] };
}
