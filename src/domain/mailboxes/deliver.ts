/**
 * Preflight all, then write all:
 *
 *     planDelivery   finds every mailbox and checks its fit      nothing is written; one failure fails all
 *     wipeInherited  takes out mail that the parent left unread  } the child is paused; if any of it fails,
 *     writeDelivery  markers, bodies, and sequences last         } the child never runs
 */
import { OperatingError } from "../../errors.ts";
import { assert } from "../../lib/assert.ts";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { findMailbox, type IndexedFrame, type Mailbox, type MailboxIndex } from "./frame-index.ts";
import {
  encodeDelivery,
  encodeWipe,
  frameBytes,
  frameSequence,
  readFrame,
  type FrameWrite,
  type PartDelivery,
} from "./frame.ts";

/** Mail for one mailbox; system mail and callers' mail alike. */
export interface Delivery {
  readonly name: string;
  readonly token: string;
  /** The exact bytes that the guest will read. */
  readonly payload: Uint8Array;
}

/** Where each byte of a fork's mail goes. Holds payloads: never log it. */
export interface DeliveryPlan {
  readonly parts: readonly PlannedPart[];
}

interface PlannedPart {
  readonly frame: IndexedFrame;
  readonly delivery: PartDelivery;
}

/**
 * Locates every mailbox in the image and cuts its payload to its parts.
 * @param generation the UUID of this delivery, new for every child.
 * @throws OperatingError mailbox_not_found (no such name, or another token: the same answer), mailbox_ambiguous,
 * mailbox_not_armed, or invalid_request when a payload is larger than the room that the guest armed.
 */
export function planDelivery(index: MailboxIndex, deliveries: readonly Delivery[], generation: string): DeliveryPlan {
  return { parts: deliveries.flatMap((delivery) => planOne(index, delivery, generation)) };
}

function planOne(index: MailboxIndex, { name, token, payload }: Delivery, generation: string): PlannedPart[] {
  const mailbox = locate(index, name, token);
  if (payload.length > mailbox.capacityBytes) throw tooLarge(mailbox, payload.length);
  const deliveries = encodeDelivery(payload, mailbox.parts.length, generation);
  return mailbox.parts.map((frame, part) => {
    const delivery = deliveries[part];
    assert(delivery !== undefined, "a delivery has as many parts as its mailbox");
    return { frame, delivery };
  });
}

function locate(index: MailboxIndex, name: string, token: string): Mailbox {
  const found = findMailbox(index, name, Buffer.from(token, "utf8"));
  if (found === "missing") throw notFound(name);
  if (found === "ambiguous") throw ambiguous(name);
  if (!found.armed) throw notArmed(name);
  return found;
}

function notFound(name: string): OperatingError {
  const message = `no mailbox "${name}" with this token was armed when the memory image was made; arm it in the guest first`;
  return new OperatingError("mailbox_not_found", message, { details: { mailbox: name } });
}

function ambiguous(name: string): OperatingError {
  const message = `the guest armed mailbox "${name}" twice at the same moment; arm it once`;
  return new OperatingError("mailbox_ambiguous", message, { details: { mailbox: name } });
}

function notArmed(name: string): OperatingError {
  const message = `mailbox "${name}" already holds or held mail; re-arm it in the guest before the next delivery`;
  return new OperatingError("mailbox_not_armed", message, { details: { mailbox: name } });
}

function tooLarge({ name, parts, capacityBytes }: Mailbox, payloadBytes: number): OperatingError {
  const room = `${String(capacityBytes)} bytes in ${String(parts.length)} ${parts.length === 1 ? "part" : "parts"}`;
  const message = `the payload of mailbox "${name}" is ${String(payloadBytes)} bytes, and the guest armed room for ${room}`;
  return new OperatingError("invalid_request", message, { details: { mailbox: name, payloadBytes, capacityBytes } });
}

/**
 * Writes a plan into the paused child's memory. Every marker is looked at again where the image had it, before the first
 * byte is written, and every sequence is written after all bodies: whatever fails, no guest sees half of its mail.
 */
export async function writeDelivery(memory: GuestMemory, plan: DeliveryPlan): Promise<void> {
  await Promise.all(plan.parts.map(({ frame }) => assertStands(memory, frame)));
  await Promise.all(plan.parts.map(({ frame, delivery }) => writeAt(memory, frame, delivery.body)));
  await Promise.all(plan.parts.map(({ frame, delivery }) => writeAt(memory, frame, delivery.arrive)));
}

/**
 * Takes out of a paused child's memory all mail that it inherited: from every frame, live or stale, that holds a whole
 * delivery. Unread deliveries go back to armed; consumed frames stay consumed. Frames that `exceptPlan` fills are left to
 * `writeDelivery`. A delivery that is not whole is left alone: either the guest has copied it and was zeroing it when it was
 * paused, or the page was freed and holds something else by now.
 */
export async function wipeInherited(
  memory: GuestMemory,
  index: MailboxIndex,
  exceptPlan: DeliveryPlan | null,
): Promise<void> {
  const planned = new Set(exceptPlan?.parts.map(({ frame }) => frame.offset));
  for (const frame of index.frames) {
    if (!holdsMail(frame) || planned.has(frame.offset)) continue;
    await assertStands(memory, frame);
    await writeAt(memory, frame, encodeWipe(frame.sequence));
  }
}

function holdsMail({ isIntact, holdsPayload, sequence }: IndexedFrame): boolean {
  return isIntact && (holdsPayload || sequence === frameSequence.delivered);
}

/** The child was mapped from the image that the index was made of, so the same frame must stand at the same offset. */
async function assertStands(memory: GuestMemory, expected: IndexedFrame): Promise<void> {
  const page = new Uint8Array(frameBytes);
  await memory.read(expected.offset, page);
  const found = readFrame(page);
  const same =
    found?.name === expected.name &&
    found.token.equals(expected.token) &&
    found.armedAt === expected.armedAt &&
    found.partIndex === expected.partIndex &&
    found.sequence === expected.sequence;
  assert(same, "a frame of the image stands at the same offset in the child's memory");
}

async function writeAt(memory: GuestMemory, frame: IndexedFrame, write: FrameWrite): Promise<void> {
  await memory.write(frame.offset + write.offset, write.bytes);
}
