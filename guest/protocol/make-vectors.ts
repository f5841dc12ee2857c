/**
 * Writes vectors.json: bytes that follow from README.md alone. It shares no code with the host or the guest, so that both
 * are held to the contract and not to each other. Run it again after a change of the contract:
 *
 *     node guest/protocol/make-vectors.ts > guest/protocol/vectors.json
 */
import { crc32 } from "node:zlib";

const frameBytes = 4096;
const partBytes = 3832;

interface FrameFields {
  readonly name: string;
  readonly token: string;
  readonly armedAt: bigint;
  readonly partIndex: number;
  readonly partCount: number;
  readonly generation: string | null;
  readonly sequence: number;
  readonly payload: Buffer;
}

function mailboxFrame(fields: FrameFields): Buffer {
  const frame = Buffer.alloc(frameBytes);
  frame.write("RAMET-MAILBOX-1\0", 0, "latin1");
  frame.writeBigUInt64LE(fields.armedAt, 16);
  frame.writeUInt16LE(Buffer.byteLength(fields.name), 24);
  frame.writeUInt16LE(Buffer.byteLength(fields.token), 26);
  frame.writeUInt16LE(fields.partIndex, 28);
  frame.writeUInt16LE(fields.partCount, 30);
  frame.write(fields.name, 32);
  frame.write(fields.token, 96);
  if (fields.generation !== null) frame.write(fields.generation, 224, "hex");
  if (fields.sequence === 1) frame.writeUInt32LE(crc32(fields.payload), 240);
  frame.writeUInt32LE(fields.sequence, 256);
  frame.writeUInt32LE(fields.payload.length, 260);
  fields.payload.copy(frame, 264);
  return frame;
}

const generation = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const none = Buffer.alloc(0);
const job = {
  name: "job",
  token: "3q2-7wAB",
  armedAt: 123_456_789_012n,
  partIndex: 0,
  partCount: 1,
  generation: null,
  sequence: 0,
  payload: none,
};
const longest = {
  name: "A-Za-z0-9._:-".repeat(5).slice(0, 64),
  token: "t".repeat(128),
  armedAt: 2n ** 64n - 1n,
  partIndex: 0,
  partCount: 1,
  generation: null,
  sequence: 0,
  payload: none,
};
const mail = '{"shard": 7, "big": 12345678901234567890, "z": "Grüße, 世界 🌱", "a": null}';
const fullPart = `{"fill":"${"x".repeat(partBytes - 11)}"}`;
const twoParts = `{"fill":"${"y".repeat(5000)}","end":"é"}`;

function parts(fields: FrameFields, payload: Buffer): FrameFields[] {
  return Array.from({ length: fields.partCount }, (_, partIndex) => ({
    ...fields,
    partIndex,
    generation,
    sequence: 1,
    payload: payload.subarray(partIndex * partBytes, (partIndex + 1) * partBytes),
  }));
}

const bulk = { ...job, name: "bulk", partCount: 3 };
const frames: FrameFields[] = [
  job,
  longest,
  { ...job, token: "token with spaces and ünicode" },
  { ...job, generation, sequence: 1, payload: Buffer.from(mail) },
  { ...job, generation, sequence: 1, payload: Buffer.from("{}") },
  { ...job, generation, sequence: 1, payload: Buffer.from(fullPart) },
  { ...job, generation, sequence: 2 },
  { ...bulk, partIndex: 0 },
  { ...bulk, partIndex: 1 },
  { ...bulk, partIndex: 2 },
  ...parts(bulk, Buffer.from(twoParts)),
];

/** Whole deliveries; the cut of the last one falls inside a character, which a receiver must not decode part by part. */
const deliveries = [
  { fields: job, payload: mail },
  { fields: bulk, payload: twoParts },
  { fields: { ...bulk, name: "cut", partCount: 2 }, payload: `{"fill":"${"y".repeat(partBytes - 10)}é🌱"}` },
];

function malformed(reason: string, change: (frame: Buffer) => void): { reason: string; frame_base64: string } {
  const frame = mailboxFrame({ ...job, generation, sequence: 1, payload: Buffer.from(mail) });
  change(frame);
  return { reason, frame_base64: frame.toString("base64") };
}

/** `crc` differs from the others: it is a frame, but what it delivers must not be applied. */
const malformedFrames = [
  malformed("magic", (frame) => frame.write("RAMET-MAILBOX-2", 0)),
  malformed("name length 0", (frame) => frame.writeUInt16LE(0, 24)),
  malformed("name length 65", (frame) => frame.writeUInt16LE(65, 24)),
  malformed("name shorter than its length", (frame) => frame.writeUInt16LE(4, 24)),
  malformed("name character", (frame) => frame.write("j b", 32)),
  malformed("name padding", (frame) => frame.write("x", 95)),
  malformed("token length 0", (frame) => frame.writeUInt16LE(0, 26)),
  malformed("token length 129", (frame) => frame.writeUInt16LE(129, 26)),
  malformed("token padding", (frame) => frame.write("x", 223)),
  malformed("part count 0", (frame) => frame.writeUInt16LE(0, 30)),
  malformed("part index 1 of 1", (frame) => frame.writeUInt16LE(1, 28)),
  malformed("sequence 3", (frame) => frame.writeUInt32LE(3, 256)),
  malformed("payload length 3833", (frame) => frame.writeUInt32LE(partBytes + 1, 260)),
  malformed("crc", (frame) => frame.write("[", 264)),
];

function ack(
  datagram: string,
  verdict: "applied" | "failed" | "ignored",
  mailbox = "job",
  nonce: string | null = "n1",
) {
  return { datagram, mailbox, nonce, verdict };
}

const acks = [
  ack("stage=applied mailbox=job nonce=n1", "applied"),
  ack("stage=applied mailbox=job nonce=n1\n", "applied"),
  ack("nonce=n1\tmailbox=job\n stage=applied", "applied"),
  ack("stage=applied mailbox=job nonce=n1 took_ms=12", "applied"),
  ack("stage=applied mailbox=job nonce=n1 answer=yes", "applied"),
  ack("stage=heard mailbox=job nonce=n1", "ignored"),
  ack("stage=applied mailbox=job", "applied"),
  ack("stage=applied mailbox=job", "applied", "job", null),
  ack("stage=applied mailbox=job nonce=n2", "ignored"),
  ack("stage=applied mailbox=job nonce=", "ignored"),
  ack("stage=applied mailbox=foobar nonce=n1", "ignored", "foo"),
  ack("stage=applied mailbox=foo nonce=n1", "ignored", "foobar"),
  ack("stage=applied mailbox=Job nonce=n1", "ignored"),
  ack("stage=Applied mailbox=job nonce=n1", "ignored"),
  ack("Stage=applied mailbox=job nonce=n1", "ignored"),
  ack("stage=applied-not mailbox=job nonce=n1", "ignored"),
  ack("stage=applied stage=applied mailbox=job nonce=n1", "ignored"),
  ack("stage=applied mailbox=job mailbox=other nonce=n1", "ignored"),
  ack("stage=applied mailbox=job nonce=n1 nonce=n1", "ignored"),
  ack('log: "stage=applied mailbox=job"', "ignored"),
  ack("worker says stage=applied", "ignored"),
  ack("stage=applied", "ignored"),
  ack("mailbox=job nonce=n1", "ignored"),
  ack("stage=applied,mailbox=job,nonce=n1", "ignored"),
  ack("stage=failed mailbox=job nonce=n1 reason=crc_mismatch", "failed"),
  ack("stage=failed mailbox=job", "failed"),
  ack("stage=failed mailbox=other nonce=n1 reason=x", "ignored"),
  ack("stage=failed mailbox=job nonce=n2 reason=x", "ignored"),
  ack("stage=applied mailbox=ramet.system nonce=abc", "applied", "ramet.system", "abc"),
  ack("", "ignored"),
  ack(" \t\n", "ignored"),
  ack("=", "ignored"),
];

function channelFrame(session: number, type: number, channel: number, body: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.write("RAM1", 0, "latin1");
  header.writeUInt32LE(session, 4);
  header.writeUInt16LE(type, 8);
  header.writeUInt16LE(channel, 10);
  header.writeUInt32LE(body.length, 12);
  header.writeUInt32LE(crc32(body, crc32(header.subarray(0, 16))), 16);
  return Buffer.concat([header, body]);
}

const counting = Buffer.from(Array.from({ length: 65_536 }, (_, index) => index % 251));
const channelFields = [
  { session: 0x01020304, type: 1, channel: 0, body: Buffer.from('{"protocol":1}') },
  { session: 0x01020304, type: 3, channel: 1, body: Buffer.from('{"op":"ping"}') },
  { session: 0x01020304, type: 5, channel: 65_535, body: Buffer.alloc(0) },
  { session: 0xffffffff, type: 6, channel: 7, body: counting },
  { session: 5, type: 7, channel: 7, body: Buffer.from([0, 255, 10, 13, 82, 65, 77, 49]) },
  { session: 5, type: 12, channel: 7, body: Buffer.from('{"stream":"stdout","bytes":65536}') },
];
const channelFrames = channelFields.map(({ session, type, channel, body }) =>
  channelFrame(session, type, channel, body),
);

function frameAt(index: number): Buffer {
  const frame = channelFrames[index];
  if (frame === undefined) throw new RangeError(`no channel frame ${String(index)}`);
  return frame;
}

function broken(index: number, offset: number): Buffer {
  const frame = Buffer.from(frameAt(index));
  frame.writeUInt8(frame.readUInt8(offset) ^ 0x20, offset);
  return frame;
}

const text = (characters: string): Buffer => Buffer.from(characters, "latin1");
const channelStreams: { bytes: readonly Buffer[]; frames: readonly number[] }[] = [
  { bytes: channelFrames, frames: [0, 1, 2, 3, 4, 5] },
  { bytes: [text("left over from the parent\n"), frameAt(0)], frames: [0] },
  { bytes: [text("RAMRAMRAM1RAM"), frameAt(0), text("R"), frameAt(1), text("RAM1")], frames: [0, 1] },
  { bytes: [frameAt(3).subarray(40_000), frameAt(0)], frames: [0] },
  { bytes: [frameAt(0).subarray(0, 30), frameAt(0), frameAt(1)], frames: [0, 1] },
  { bytes: [broken(0, 25), frameAt(1)], frames: [1] },
  { bytes: [broken(0, 16), frameAt(1), broken(1, 5), frameAt(2)], frames: [1, 2] },
  { bytes: [broken(0, 0), frameAt(4)], frames: [4] },
  { bytes: [text("RAM1"), Buffer.alloc(8), Buffer.from([1, 0, 1, 0]), Buffer.alloc(4), frameAt(0)], frames: [0] },
  {
    bytes: [text("RAM1"), Buffer.alloc(8), Buffer.from([255, 255, 255, 255]), Buffer.alloc(4), frameAt(0)],
    frames: [0],
  },
  { bytes: [Buffer.alloc(5000), frameAt(5)], frames: [5] },
];

/** A long frame that was cut stands before a HELLO, and nothing follows: see "Resynchronisation" in README.md. */
const handshakeStreams = [
  { bytes: [frameAt(3).subarray(0, 1000), frameAt(0)], frames: [0] },
  { bytes: [frameAt(3).subarray(0, 20), frameAt(0), frameAt(1)], frames: [0, 1] },
  { bytes: [frameAt(3).subarray(0, 300), broken(0, 30), frameAt(0)], frames: [0] },
];

/** Section 4: a type's letter, the body's length, the body. */
function fileRecord(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

const fileRecords = [
  { type: "H", body: Buffer.from('{"path":"a/Grüße","mode":420,"is_dir":false,"size":7,"mtime":1700000000}') },
  { type: "D", body: Buffer.from([0, 255, 123, 125, 10, 72, 68]) },
  { type: "D", body: counting.subarray(0, 32_768) },
  { type: "D", body: counting },
  { type: "E", body: Buffer.alloc(0) },
  { type: "R", body: Buffer.from('{"bytes_written":7}') },
  { type: "X", body: Buffer.from('{"message":"write the file: No space left on device","path":"/a"}') },
];

/** What breaks the contract: a receiver ends there. */
const malformedFileRecords = [
  { reason: "type", bytes: fileRecord("?", Buffer.from("x")) },
  { reason: "length 65537", bytes: Buffer.from([0x44, 1, 0, 1, 0]) },
  { reason: "length 2^32 - 1", bytes: Buffer.from([0x44, 255, 255, 255, 255]) },
];

const stream = ({ bytes, frames: indexes }: { bytes: readonly Buffer[]; frames: readonly number[] }) => ({
  bytes_base64: Buffer.concat(bytes).toString("base64"),
  frames: indexes,
});

const vectors = {
  mailbox_frames: frames.map((fields) => ({
    name: fields.name,
    token: fields.token,
    armed_at: fields.armedAt.toString(),
    part_index: fields.partIndex,
    part_count: fields.partCount,
    generation: fields.generation,
    sequence: fields.sequence,
    payload_text: fields.sequence === 1 ? fields.payload.toString() : null,
    frame_base64: mailboxFrame(fields).toString("base64"),
  })),
  malformed_frames: malformedFrames,
  deliveries: deliveries.map(({ fields, payload }) => ({
    name: fields.name,
    token: fields.token,
    generation,
    payload_text: payload,
    frames_base64: parts(fields, Buffer.from(payload)).map((part) => mailboxFrame(part).toString("base64")),
  })),
  crc32: ["", "123456789", mail].map((input) => ({ text: input, crc32: crc32(input) })),
  acks,
  channel_frames: channelFields.map(({ session, type, channel, body }, index) => ({
    session,
    type,
    channel,
    body_base64: body.toString("base64"),
    frame_base64: frameAt(index).toString("base64"),
  })),
  channel_streams: channelStreams.map(stream),
  channel_handshakes: handshakeStreams.map(stream),
  file_records: fileRecords.map(({ type, body }) => ({
    type,
    body_base64: body.toString("base64"),
    record_base64: fileRecord(type, body).toString("base64"),
  })),
  malformed_file_records: malformedFileRecords.map(({ reason, bytes }) => ({
    reason,
    bytes_base64: bytes.toString("base64"),
  })),
};

process.stdout.write(`${JSON.stringify(vectors, null, 1)}\n`);
