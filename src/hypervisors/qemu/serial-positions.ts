import { serialId } from "./command-line.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";

/** How far a virtqueue has come (virtio 1.2, section 2.7): what the device has taken, and what it has given back. */
export interface QueuePosition {
  readonly taken: number;
  readonly givenBack: number;
}

/** Those of virtio-serial's queues that we use (virtio 1.2, section 5.3.2): two of the console, two of control, two of the agent's port. */
const queues = [0, 1, 2, 3, 4, 5] as const;

/** Where the queues of the console and the agent's port stand, in the order of their numbers. */
export async function serialPositions(qmp: QmpConnection, signal: AbortSignal): Promise<readonly QueuePosition[]> {
  const path = `/machine/peripheral/${serialId}/virtio-backend`;
  const answers = queues.map(async (queue) => {
    const status = await qmp.execute("x-query-virtio-queue-status", { path, queue }, signal);
    return { taken: status["last-avail-idx"], givenBack: status["used-idx"] };
  });
  return await Promise.all(answers);
}

export function isEqual(one: QueuePosition, other: QueuePosition | undefined): boolean {
  return one.taken === other?.taken && one.givenBack === other.givenBack;
}
