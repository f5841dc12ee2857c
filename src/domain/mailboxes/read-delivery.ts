import { frameBytes, frameSequence, readPayloadPart } from "./frame.ts";
import type { IndexedFrame, MailboxIndex, PageReader } from "./frame-index.ts";

/** Mail that stands in a guest's memory. Holds a secret: never log it. */
export interface ReadDelivery {
  readonly token: Buffer;
  readonly payload: Buffer;
}

/**
 * Reads back what `writeDelivery` wrote and no guest has taken: every part delivered, whole by its crc, and of one generation.
 * @param index of the memory as it is now.
 * @param partCount how many parts the mailbox was delivered in.
 * @returns null when exactly that does not stand there.
 */
export async function readDelivery(
  memory: PageReader,
  index: MailboxIndex,
  name: string,
  partCount: number,
): Promise<ReadDelivery | null> {
  const parts = index.frames
    .filter((frame) => frame.name === name && frame.sequence === frameSequence.delivered && frame.isIntact)
    .sort((a, b) => a.partIndex - b.partIndex);
  const [first] = parts;
  if (first === undefined || parts.length !== partCount) return null;
  if (!parts.every((part, place) => part.partIndex === place && isOfOneDelivery(part, first))) return null;
  const payloads: Buffer[] = [];
  for (const { offset } of parts) {
    const page = new Uint8Array(frameBytes);
    await memory.read(offset, page);
    const payload = readPayloadPart(page);
    if (payload === null) return null;
    payloads.push(payload);
  }
  return { token: first.token, payload: Buffer.concat(payloads) };
}

function isOfOneDelivery(part: IndexedFrame, first: IndexedFrame): boolean {
  return (
    part.token.equals(first.token) &&
    part.armedAt === first.armedAt &&
    part.partCount === first.partCount &&
    part.generation === first.generation
  );
}
