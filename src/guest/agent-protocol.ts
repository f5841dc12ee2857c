/**
 * The frames of the agent channel (guest/protocol/README.md, section 3):
 *
 *      0 │ magic "RAM1"   │ 4
 *      4 │ session        │ 4   chosen by the host at each connection, never 0
 *      8 │ type           │ 2
 *     10 │ channel        │ 2   0: the connection itself
 *     12 │ body length    │ 4   0–65536
 *     16 │ crc            │ 4   of bytes 0–15 and the body
 *     20 │ body           │
 */
import { crc32 } from "node:zlib";
import { assert } from "../lib/assert.ts";

/** The protocol version that HELLO and HELLO_OK carry. */
export const agentProtocolVersion = 1;

/** Name of the virtio-serial port that carries the frames. */
export const agentPortName = "ramet.agent";

export const maxBodyBytes = 65536;

/** Of each stream of an exec, at most this much may be on the way before the receiver gives room back. */
export const streamWindowBytes = 262144;

export const frameType = {
  hello: 1,
  helloOk: 2,
  request: 3,
  response: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  exit: 8,
  event: 9,
  resize: 10,
  signal: 11,
  window: 12,
} as const;

export interface AgentFrame {
  readonly session: number;
  /** One of `frameType`, or a number that a newer agent knows. */
  readonly type: number;
  readonly channel: number;
  readonly body: Uint8Array;
}

const magic = Buffer.from("RAM1", "latin1");
const offsets = { session: 4, type: 8, channel: 10, bodyLength: 12, crc: 16, body: 20 } as const;

/** The bytes of one frame. */
export function encodeFrame(frame: AgentFrame): Buffer {
  assert(frame.body.length <= maxBodyBytes, "an agent frame's body is at most 65536 bytes");
  const bytes = Buffer.alloc(offsets.body + frame.body.length);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(frame.session, offsets.session);
  bytes.writeUInt16LE(frame.type, offsets.type);
  bytes.writeUInt16LE(frame.channel, offsets.channel);
  bytes.writeUInt32LE(frame.body.length, offsets.bodyLength);
  bytes.set(frame.body, offsets.body);
  bytes.writeUInt32LE(frameCrc(bytes), offsets.crc);
  return bytes;
}

function frameCrc(frame: Buffer): number {
  return crc32(frame.subarray(offsets.body), crc32(frame.subarray(0, offsets.crc)));
}

/**
 * Finds frames in a byte stream that may start in the middle of one and may have been cut anywhere. Bytes that begin no
 * valid frame are skipped one at a time. Holds at most one unfinished frame.
 */
export class FrameScanner {
  /** Null takes frames of any session. */
  readonly #session: number | null;
  #pending: Buffer = Buffer.alloc(0);
  #skippedBytes = 0;

  /**
   * @param session only frames of this session are looked for. A header of another session is then skipped at once and not
   * waited for: half a frame that an old session left behind must not swallow the answer that follows it.
   */
  constructor(session: number | null = null) {
    this.#session = session;
  }

  /** How many bytes belonged to no frame that was taken. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Takes the next bytes of the stream and gives the frames that they complete, in order. Each body is a copy. */
  push(chunk: Uint8Array): AgentFrame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const frames: AgentFrame[] = [];
    let at = 0;
    for (;;) {
      const start = this.#nextCandidate(at);
      this.#skippedBytes += start - at;
      at = start;
      const totalBytes = this.#frameBytesAt(at);
      if (totalBytes === null || at + totalBytes > this.#pending.length) break;
      const bytes = this.#pending.subarray(at, at + totalBytes);
      if (bytes.readUInt32LE(offsets.crc) === frameCrc(bytes)) {
        frames.push(decodeFrame(bytes));
        at += totalBytes;
      } else {
        this.#skippedBytes += 1;
        at += 1;
      }
    }
    this.#pending = Buffer.from(this.#pending.subarray(at));
    return frames;
  }

  /** The next place where a frame begins, or may begin when more bytes have come. */
  #nextCandidate(from: number): number {
    let at = from;
    while (at < this.#pending.length && !this.#mayBeginFrame(at)) {
      const next = this.#pending.indexOf(0x52, at + 1); // "R" of the magic
      at = next < 0 ? this.#pending.length : next;
    }
    return at;
  }

  #mayBeginFrame(at: number): boolean {
    const available = Math.min(magic.length, this.#pending.length - at);
    if (this.#pending.compare(magic, 0, available, at, at + available) !== 0) return false;
    if (this.#pending.length - at < offsets.crc) return true;
    if (this.#pending.readUInt32LE(at + offsets.bodyLength) > maxBodyBytes) return false;
    return this.#session === null || this.#pending.readUInt32LE(at + offsets.session) === this.#session;
  }

  #frameBytesAt(at: number): number | null {
    if (this.#pending.length - at < offsets.body) return null;
    return offsets.body + this.#pending.readUInt32LE(at + offsets.bodyLength);
  }
}

function decodeFrame(bytes: Buffer): AgentFrame {
  return {
    session: bytes.readUInt32LE(offsets.session),
    type: bytes.readUInt16LE(offsets.type),
    channel: bytes.readUInt16LE(offsets.channel),
    body: Uint8Array.from(bytes.subarray(offsets.body)),
  };
}
