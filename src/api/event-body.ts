import type { HappenedEvent, StreamEvent, Told } from "../observability/event-bus.ts";

/** An event as it is sent: id, type and time first, then what is particular to its type. */
export function eventBody({ id, at, event }: Told<HappenedEvent | StreamEvent>): Record<string, unknown> {
  return { id, type: event.type, at, ...factsOf(event) };
}

function factsOf(event: HappenedEvent | StreamEvent): Record<string, unknown> {
  switch (event.type) {
    case "instance.state":
      return { instance_id: event.instanceId, name: event.name, from: event.from, to: event.to };
    case "instance.deleted":
      return { instance_id: event.instanceId, name: event.name };
    case "fork.phase":
      return { ...forkOf(event), phase: event.phase, ms: event.ms };
    case "fork.done":
      return { ...forkOf(event), timings_ms: event.timingsMs };
    case "fork.failed":
      return { ...forkOf(event), code: event.code };
    case "mailbox.acked":
      return { instance_id: event.instanceId, mailbox: event.mailbox, ack_ms: event.ackMs };
    case "workload.exited":
      return { instance_id: event.instanceId, exit_code: event.exitCode, signal: event.signal };
    case "image.state":
      return { image: event.image, digest: event.digest, status: event.status, code: event.code };
    case "image.progress":
      return { image: event.image, received_bytes: event.receivedBytes, total_bytes: event.totalBytes };
    case "image.deleted":
      return { image: event.image };
    case "gap":
      return { reason: event.reason };
    case "overflow":
      return {};
  }
}

function forkOf(event: { readonly instanceId: string; readonly name: string; readonly parentId: string }) {
  return { instance_id: event.instanceId, name: event.name, parent_id: event.parentId };
}
