/**
 * How far the queues of the console and the agent's port have come, read from the guest's RAM:
 *
 *     used ring (virtio 1.2, section 2.7.8)    flags │ idx │ ring …       idx counts what the device has given back
 *                                              2       2
 *
 * QEMU would tell as well, but a word to its monitor costs: QEMU 7.2 reads commands byte by byte, 5 µs each here, and one question for each of
 * six queues, before and after, was 8 ms of every pause. Where the rings lie is asked before the pause.
 */
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { serialId } from "./command-line.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";

/** Those of virtio-serial's queues that we use (virtio 1.2, section 5.3.2): two of the console, two of control, two of the agent's port. */
const queues = [0, 1, 2, 3, 4, 5] as const;

/** Offsets, in the memory file, of the used rings that the guest's driver has set up. It keeps them as long as it has the device. */
export type SerialRings = readonly number[];

export async function findSerialRings(
  qmp: QmpConnection,
  memoryBytes: number,
  signal: AbortSignal,
): Promise<SerialRings> {
  const path = `/machine/peripheral/${serialId}/virtio-backend`;
  const answers = await Promise.all(
    queues.map((queue) => qmp.execute("x-query-virtio-queue-status", { path, queue }, signal)),
  );
  const addresses = answers.map((status) => status["vring-used"]).filter((address) => address !== 0);
  return addresses.map((address) => offsetOf(address, memoryBytes));
}

/**
 * How many buffers the device has given back, queue by queue. While the guest stands still nothing else of a queue changes in its RAM: a
 * buffer that the device has taken, and not given back, is to the guest as it was.
 */
export async function serialPositions(memory: GuestMemory, rings: SerialRings): Promise<readonly number[]> {
  const index = Buffer.alloc(2);
  const positions: number[] = [];
  for (const ring of rings) {
    await memory.read(ring + usedIndexOffset, index);
    positions.push(index.readUInt16LE());
  }
  return positions;
}

const usedIndexOffset = 2;
const fourGibibytes = 2 ** 32;

/**
 * q35 has its first 2 or 2.75 GiB of RAM below 4 GiB and the rest from there on; the memory file has it in one piece (QEMU 7.2, pc_q35_init
 * and pc_memory_init).
 */
export function offsetOf(guestPhysicalAddress: number, memoryBytes: number): number {
  if (guestPhysicalAddress < fourGibibytes) return guestPhysicalAddress;
  const lowBytes = memoryBytes >= 0xb0000000 ? 0x80000000 : 0xb0000000;
  return guestPhysicalAddress - fourGibibytes + lowBytes;
}
