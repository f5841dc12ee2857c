import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { encodeFrame, FrameScanner, maxBodyBytes, type AgentFrame } from "./agent-protocol.ts";

interface StreamVector {
  readonly bytes_base64: string;
  readonly frames: readonly number[];
}

interface ChannelVectors {
  readonly channel_frames: readonly {
    readonly session: number;
    readonly type: number;
    readonly channel: number;
    readonly body_base64: string;
    readonly frame_base64: string;
  }[];
  readonly channel_streams: readonly StreamVector[];
  readonly channel_handshakes: readonly StreamVector[];
}

const vectorsPath = new URL("../../guest/protocol/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(vectorsPath, "utf8")) as ChannelVectors;
const frames: AgentFrame[] = vectors.channel_frames.map(({ session, type, channel, body_base64 }) => ({
  session,
  type,
  channel,
  body: Uint8Array.from(Buffer.from(body_base64, "base64")),
}));

const anyFrame = fc.record(
  {
    session: fc.integer({ min: 1, max: 0xffffffff }),
    type: fc.integer({ min: 0, max: 0xffff }),
    channel: fc.integer({ min: 0, max: 0xffff }),
    body: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
);

function scan(scanner: FrameScanner, bytes: Uint8Array, chunkBytes: number): AgentFrame[] {
  const found: AgentFrame[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    found.push(...scanner.push(bytes.subarray(at, at + chunkBytes)));
  return found;
}

test("writes the very bytes of the protocol's vectors", () => {
  assert.ok(frames.length > 0);
  for (const [index, frame] of frames.entries()) {
    assert.equal(encodeFrame(frame).toString("base64"), vectors.channel_frames[index]?.frame_base64);
  }
});

test("finds the frames of the vectors' streams, however the stream is cut into chunks", () => {
  for (const { bytes_base64, frames: expected } of vectors.channel_streams) {
    for (const chunkBytes of [Infinity, 4096, 61]) {
      const found = scan(new FrameScanner(), Buffer.from(bytes_base64, "base64"), chunkBytes);
      assert.deepEqual(
        found,
        expected.map((index) => frames[index]),
      );
    }
  }
});

test("half a frame of an old session does not hold up the frames of this one", () => {
  for (const { bytes_base64, frames: expected } of vectors.channel_handshakes) {
    const bytes = Buffer.from(bytes_base64, "base64");
    const found = scan(new FrameScanner(0x01020304), bytes, 7);
    assert.deepEqual(
      found,
      expected.map((index) => frames[index]),
    );
  }
});

test("with a session given, whole frames of others are dropped and counted as skipped", () => {
  const scanner = new FrameScanner(5);
  const other = encodeFrame({ session: 6, type: 4, channel: 1, body: Buffer.from("{}") });
  const ours = { session: 5, type: 4, channel: 1, body: Uint8Array.from([123, 125]) };
  assert.deepEqual(scanner.push(Buffer.concat([other, encodeFrame(ours), other])), [ours]);
  assert.equal(scanner.skippedBytes, 2 * other.length);
});

test("any frames come out of any garbage and any cuts", () => {
  const garbage = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(garbage, anyFrame), { maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      (items, chunkBytes) => {
        const bytes = Buffer.concat(items.flatMap(([noise, frame]) => [noise, encodeFrame(frame)]));
        // Noise that happens to be a header with a long body would need more bytes than these before it is seen through.
        fc.pre(items.every(([noise]) => !Buffer.from(noise).includes("RAM1")));
        assert.deepEqual(
          scan(new FrameScanner(), bytes, chunkBytes),
          items.map(([, frame]) => frame),
        );
      },
    ),
  );
});

test("a body holds up to 65536 bytes", () => {
  const frame = { session: 1, type: 5, channel: 1, body: new Uint8Array(maxBodyBytes).fill(0x52) };
  assert.deepEqual(new FrameScanner().push(encodeFrame(frame)), [frame]);
  assert.throws(() => encodeFrame({ ...frame, body: new Uint8Array(maxBodyBytes + 1) }), { name: "InvariantError" });
});
