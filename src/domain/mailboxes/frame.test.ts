import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  encodeArmedFrame,
  encodeDelivery,
  encodeWipe,
  frameBytes,
  isFrame,
  partCapacityBytes,
  readFrame,
  readPayloadPart,
  type FrameWrite,
} from "./frame.ts";

interface FrameVectors {
  readonly mailbox_frames: readonly {
    readonly name: string;
    readonly token: string;
    readonly armed_at: string;
    readonly part_index: number;
    readonly part_count: number;
    readonly generation: string | null;
    readonly sequence: number;
    readonly payload_text: string | null;
    readonly frame_base64: string;
  }[];
  readonly malformed_frames: readonly { readonly reason: string; readonly frame_base64: string }[];
  readonly deliveries: readonly {
    readonly name: string;
    readonly token: string;
    readonly generation: string;
    readonly payload_text: string;
    readonly frames_base64: readonly string[];
  }[];
}

const vectorsPath = new URL("../../../guest/protocol/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(vectorsPath, "utf8")) as FrameVectors;
const noGeneration = "0".repeat(32);
const marker = { name: "job", token: Buffer.from("t"), armedAt: 1n, partIndex: 0, partCount: 1 };
const generation = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

function apply(page: Uint8Array, { offset, bytes }: FrameWrite): void {
  page.set(bytes, offset);
}

test("reads every frame of the protocol's vectors", () => {
  assert.ok(vectors.mailbox_frames.length > 0);
  for (const vector of vectors.mailbox_frames) {
    const page = Buffer.from(vector.frame_base64, "base64");
    const frame = readFrame(page);
    assert.ok(frame !== null && isFrame(page));
    assert.equal(frame.name, vector.name);
    assert.equal(frame.token.toString("utf8"), vector.token);
    assert.equal(frame.armedAt, BigInt(vector.armed_at));
    assert.deepEqual([frame.partIndex, frame.partCount], [vector.part_index, vector.part_count]);
    assert.equal(frame.generation.replaceAll("-", ""), vector.generation ?? noGeneration);
    assert.equal(frame.sequence, vector.sequence);
    assert.equal(frame.isBlank, vector.generation === null);
    if (vector.payload_text !== null) assert.equal(readPayloadPart(page)?.toString("utf8"), vector.payload_text);
  }
});

test("takes no malformed page for a frame, and no payload whose crc differs", () => {
  for (const { reason, frame_base64 } of vectors.malformed_frames) {
    const page = Buffer.from(frame_base64, "base64");
    assert.equal(isFrame(page), reason === "crc", reason);
    if (reason === "crc") assert.equal(readFrame(page)?.isIntact, false);
    if (reason === "crc") assert.equal(readPayloadPart(page), null);
  }
});

test("delivers the very bytes of the protocol's vectors", () => {
  for (const vector of vectors.deliveries) {
    const expected = vector.frames_base64.map((frame) => Buffer.from(frame, "base64"));
    const parts = encodeDelivery(Buffer.from(vector.payload_text, "utf8"), expected.length, vector.generation);
    for (const [index, frame] of expected.entries()) {
      const armedAt = readFrame(frame)?.armedAt ?? 0n;
      const token = Buffer.from(vector.token);
      const page = encodeArmedFrame({
        name: vector.name,
        token,
        armedAt,
        partIndex: index,
        partCount: expected.length,
      });
      page.fill(0x55, 264);
      const part = parts[index];
      assert.ok(part !== undefined);
      apply(page, part.body);
      assert.equal(readFrame(page)?.sequence, 0, "the body leaves the frame armed");
      apply(page, part.arrive);
      assert.deepEqual(page, frame);
    }
  }
});

test("wipes a delivery back to armed and keeps a consumed frame consumed", () => {
  const armed = encodeArmedFrame(marker);
  const [part] = encodeDelivery(Buffer.from("{}"), 1, generation);
  assert.ok(part !== undefined);
  const page = Buffer.from(armed);
  apply(page, part.body);
  apply(page, part.arrive);
  apply(page, encodeWipe(1));
  assert.deepEqual(page, armed);

  apply(page, part.body);
  apply(page, encodeWipe(2));
  assert.equal(readFrame(page)?.sequence, 2);
  assert.equal(readFrame(page)?.isBlank, true);
});

test("cannot be asked for more than fits", () => {
  const tooLong = Buffer.alloc(partCapacityBytes + 1);
  assert.throws(() => encodeDelivery(tooLong, 1, generation), { name: "InvariantError" });
  assert.throws(() => encodeDelivery(Buffer.from("{}"), 1, "no uuid"), { name: "InvariantError" });
});

test("what is armed and delivered is what is read, for any marker and payload", () => {
  const markers = fc.record({
    name: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
    token: fc.uint8Array({ minLength: 1, maxLength: 128 }),
    armedAt: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    partCount: fc.integer({ min: 1, max: 32 }),
  });
  fc.assert(
    fc.property(markers, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255), (any, fill, byte) => {
      const payload = Buffer.alloc(Math.floor(fill * any.partCount * partCapacityBytes), byte);
      const read = encodeDelivery(payload, any.partCount, generation).map((part, partIndex) => {
        const page = encodeArmedFrame({ ...any, partIndex });
        apply(page, part.body);
        apply(page, part.arrive);
        const frame = readFrame(page);
        assert.deepEqual(
          [frame?.name, frame?.token, frame?.armedAt, frame?.partIndex, frame?.partCount, frame?.generation],
          [any.name, Buffer.from(any.token), any.armedAt, partIndex, any.partCount, generation],
        );
        return readPayloadPart(page) ?? Buffer.from("unreadable");
      });
      assert.deepEqual(Buffer.concat(read), payload);
    }),
    { numRuns: 50 },
  );
});

test("any page at all is read or refused without an error", () => {
  const armed = encodeArmedFrame(marker);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(255))), (changes) => {
      const page = Buffer.from(armed);
      for (const [offset, byte] of changes) page[offset] = byte;
      assert.equal(isFrame(page), readFrame(page) !== null);
    }),
  );
  assert.equal(isFrame(new Uint8Array(frameBytes)), false);
  assert.equal(isFrame(armed.subarray(0, 300)), false);
});
