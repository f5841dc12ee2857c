/**
 * The bytes of one mailbox frame (guest/protocol/README.md, section 1), one page of guest RAM, little-endian:
 *
 *        0 ┌─────────────────────────────┐ ─┐
 *          │ magic, armed_at             │  │
 *       24 │ name length, token length   │  │ by the guest: it stands
 *       28 │ part index, part count      │  │ from arming to re-arming
 *       32 │ name                        │  │
 *       96 │ token                       │  │
 *      224 ├─────────────────────────────┤ ─┤
 *          │ generation                  │  │
 *      240 │ crc, reserved               │  │
 *      256 │ sequence                    │  │ by the host, in one write
 *      260 │ length of the payload part  │  │ that leaves sequence 0,
 *      264 │ payload part, zero fill     │  │ then sequence 1 by itself
 *     4096 └─────────────────────────────┘ ─┘
 *
 *     sequence:  0 armed and empty ──host──► 1 delivered ──guest──► 2 consumed ──guest──► 0
 */
import { crc32 } from "node:zlib";
import { assert } from "../../lib/assert.ts";

/** Size and alignment of a frame. */
export const frameBytes = 4096;

/** The most parts that one mailbox may have. */
export const maxPartCount = 32;

/** What a mailbox may be called. */
export const mailboxNamePattern = "^[A-Za-z0-9._:-]{1,64}$";

/** Every offset of the frame; the room of a field ends where the next one begins. */
const layout = {
  magic: 0,
  armedAt: 16,
  nameLength: 24,
  tokenLength: 26,
  partIndex: 28,
  partCount: 30,
  name: 32,
  token: 96,
  generation: 224,
  crc: 240,
  reserved: 244,
  sequence: 256,
  payloadLength: 260,
  payload: 264,
  end: frameBytes,
} as const;

/** Payload bytes that fit in one part. */
export const partCapacityBytes = layout.end - layout.payload;

/** The most bytes of a token. */
export const maxTokenBytes = layout.generation - layout.token;

/** The part of a frame that the guest writes at arming and nobody changes afterwards: magic to token. */
export const markerBytes = layout.generation;

export const frameSequence = { armed: 0, delivered: 1, consumed: 2 } as const;

export interface MailboxFrame {
  readonly name: string;
  readonly token: Buffer;
  /** CLOCK_BOOTTIME of the guest in nanoseconds when it armed the frame. */
  readonly armedAt: bigint;
  readonly partIndex: number;
  readonly partCount: number;
  /** UUID of the last delivery; all zero when there was none. */
  readonly generation: string;
  /** One of `frameSequence`. */
  readonly sequence: number;
  readonly payloadLength: number;
  /** Whether payload, length, crc and generation are all zero, as in every frame that the guest has just armed. */
  readonly isBlank: boolean;
  /**
   * Whether a whole delivery stands in it: length, crc and zero fill agree. A freed page may keep its marker while the
   * kernel already uses the rest of the page; its crc does not agree then, and nobody may write to it.
   */
  readonly isIntact: boolean;
  /** Whether any byte of the payload part is set. */
  readonly holdsPayload: boolean;
}

const magic = Buffer.from("RAMET-MAILBOX-1\0", "latin1");
const namePattern = new RegExp(mailboxNamePattern);
const zeros = Buffer.alloc(frameBytes);

/** Whether a page of guest RAM holds a frame. Called for every page of a capture, so nearly all pages must fail fast. */
export function isFrame(page: Uint8Array): boolean {
  for (let at = 0; at < 8; at++) if (page[at] !== magic[at]) return false;
  return readFrame(page) !== null;
}

/** Reads a page as a frame; null when a field of it is out of bounds. Trusts nothing in the page. */
export function readFrame(page: Uint8Array): MailboxFrame | null {
  if (page.length !== frameBytes) return null;
  const bytes = Buffer.from(page.buffer, page.byteOffset, frameBytes);
  if (!bytes.subarray(0, layout.armedAt).equals(magic)) return null;
  const name = readPadded(bytes, layout.name, bytes.readUInt16LE(layout.nameLength), layout.token);
  const token = readPadded(bytes, layout.token, bytes.readUInt16LE(layout.tokenLength), layout.generation);
  if (name === null || token === null || !namePattern.test(name.toString("latin1"))) return null;
  const partIndex = bytes.readUInt16LE(layout.partIndex);
  const partCount = bytes.readUInt16LE(layout.partCount);
  if (partCount > maxPartCount || partIndex >= partCount) return null;
  const sequence = bytes.readUInt32LE(layout.sequence);
  const payloadLength = bytes.readUInt32LE(layout.payloadLength);
  if (sequence > frameSequence.consumed || payloadLength > partCapacityBytes) return null;
  return {
    name: name.toString("latin1"),
    token: Buffer.from(token),
    armedAt: bytes.readBigUInt64LE(layout.armedAt),
    partIndex,
    partCount,
    generation: formatUuid(bytes.subarray(layout.generation, layout.crc)),
    sequence,
    payloadLength,
    isBlank: isZero(bytes, layout.generation, layout.sequence) && isZero(bytes, layout.payloadLength, layout.end),
    isIntact: isIntact(bytes),
    holdsPayload: !isZero(bytes, layout.payload, layout.end),
  };
}

function readPadded(bytes: Buffer, start: number, length: number, end: number): Buffer | null {
  if (length < 1 || start + length > end || !isZero(bytes, start + length, end)) return null;
  return bytes.subarray(start, start + length);
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  return bytes.subarray(start, end).equals(zeros.subarray(0, end - start));
}

function isIntact(bytes: Buffer): boolean {
  const payloadEnd = layout.payload + bytes.readUInt32LE(layout.payloadLength);
  return (
    payloadEnd <= layout.end &&
    isZero(bytes, payloadEnd, layout.end) &&
    isZero(bytes, layout.reserved, layout.sequence) &&
    crc32(bytes.subarray(layout.payload, payloadEnd)) === bytes.readUInt32LE(layout.crc)
  );
}

/** The payload part of a delivered frame, as the guest reads it; null when length, crc or zero fill do not hold. */
export function readPayloadPart(page: Uint8Array): Buffer | null {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  if (!isIntact(bytes)) return null;
  return Buffer.from(bytes.subarray(layout.payload, layout.payload + bytes.readUInt32LE(layout.payloadLength)));
}

/** Bytes for one place of a frame. */
export interface FrameWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The two writes that deliver one part. `arrive` must come last: it is what the guest waits for. */
export interface PartDelivery {
  /** Generation, crc, length, payload and zero fill; sequence stays 0. */
  readonly body: FrameWrite;
  /** Sequence 1. */
  readonly arrive: FrameWrite;
}

/**
 * Cuts a payload over the parts of a mailbox, in order; parts that are not needed carry length 0. The caller has checked
 * that it fits.
 * @param generation the UUID of this delivery.
 */
export function encodeDelivery(payload: Uint8Array, partCount: number, generation: string): PartDelivery[] {
  assert(payload.length <= partCount * partCapacityBytes, "a payload that is delivered fits into its parts");
  return Array.from({ length: partCount }, (_, index) =>
    encodePart(payload.subarray(index * partCapacityBytes, (index + 1) * partCapacityBytes), generation),
  );
}

function encodePart(part: Uint8Array, generation: string): PartDelivery {
  const frame = Buffer.alloc(frameBytes);
  frame.set(parseUuid(generation), layout.generation);
  frame.writeUInt32LE(crc32(part), layout.crc);
  frame.writeUInt32LE(part.length, layout.payloadLength);
  frame.set(part, layout.payload);
  return {
    body: { offset: layout.generation, bytes: frame.subarray(layout.generation) },
    arrive: { offset: layout.sequence, bytes: encodeSequence(frameSequence.delivered) },
  };
}

/** Takes out whatever a frame was given: an unread delivery goes back to armed, a consumed frame stays consumed. */
export function encodeWipe(sequence: number): FrameWrite {
  const frame = Buffer.alloc(frameBytes);
  const wiped = sequence === frameSequence.consumed ? frameSequence.consumed : frameSequence.armed;
  frame.set(encodeSequence(wiped), layout.sequence);
  return { offset: layout.generation, bytes: frame.subarray(layout.generation) };
}

function encodeSequence(sequence: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(sequence);
  return bytes;
}

/** What a guest writes when it arms a frame: `isFrame` holds for it and nothing was delivered. For guests written in TypeScript. */
export function encodeArmedFrame(
  marker: Pick<MailboxFrame, "name" | "armedAt" | "partIndex" | "partCount"> & { readonly token: Uint8Array },
): Buffer {
  const frame = Buffer.alloc(frameBytes);
  const name = Buffer.from(marker.name, "latin1");
  magic.copy(frame, layout.magic);
  frame.writeBigUInt64LE(marker.armedAt, layout.armedAt);
  frame.writeUInt16LE(name.length, layout.nameLength);
  frame.writeUInt16LE(marker.token.length, layout.tokenLength);
  frame.writeUInt16LE(marker.partIndex, layout.partIndex);
  frame.writeUInt16LE(marker.partCount, layout.partCount);
  frame.set(name, layout.name);
  frame.set(marker.token, layout.token);
  return frame;
}

/** RFC 9562 text of 16 bytes in network order. */
function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function parseUuid(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  assert(bytes.length === layout.crc - layout.generation, "a generation is a UUID");
  return bytes;
}
