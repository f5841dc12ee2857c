/**
 * The records of a file operation, on the streams of its channel (guest/protocol/README.md, section 4):
 *
 *      0 │ type        │ 1   H header, D data, E end, R result, X failure
 *      1 │ body length │ 4   0–65536
 *      5 │ body        │
 */
import { AgentProtocolError } from "./agent-messages.ts";
import { assert } from "../lib/assert.ts";

export const recordType = { header: "H", data: "D", end: "E", result: "R", failure: "X" } as const;
export type RecordType = (typeof recordType)[keyof typeof recordType];

export interface FileRecord {
  readonly type: RecordType;
  readonly body: Buffer;
}

export const maxRecordBytes = 65536;

const headBytes = 5;
const knownTypes: ReadonlySet<string> = new Set(Object.values(recordType));

/** The bytes of one record. */
export function encodeRecord(type: RecordType, body: Uint8Array): Buffer {
  assert(body.length <= maxRecordBytes, "a file record's body is at most 65536 bytes");
  const bytes = Buffer.allocUnsafe(headBytes + body.length);
  bytes.write(type, 0, "latin1");
  bytes.writeUInt32LE(body.length, 1);
  bytes.set(body, headBytes);
  return bytes;
}

/**
 * The records of a stream, in order. Holds at most one of them.
 * @throws AgentProtocolError when what comes is none, or the stream ends within one.
 */
export async function* readRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<FileRecord, void, void> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    for (let length = recordLength(pending); length !== null && pending.length >= length;) {
      yield { type: pending.toString("latin1", 0, 1) as RecordType, body: pending.subarray(headBytes, length) };
      pending = pending.subarray(length);
      length = recordLength(pending);
    }
  }
  if (pending.length > 0) throw new AgentProtocolError("the guest agent's file record was cut");
}

/** Of the record that begins here, its head included; null when too little of it is there. */
function recordLength(bytes: Buffer): number | null {
  if (bytes.length > 0 && !knownTypes.has(bytes.toString("latin1", 0, 1))) {
    throw new AgentProtocolError("the guest agent sent a file record of an unknown type");
  }
  if (bytes.length < headBytes) return null;
  const bodyBytes = bytes.readUInt32LE(1);
  if (bodyBytes > maxRecordBytes) throw new AgentProtocolError("the guest agent sent a file record that is too long");
  return headBytes + bodyBytes;
}
