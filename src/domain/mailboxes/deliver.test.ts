import assert from "node:assert/strict";
import { test } from "node:test";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { planDelivery, wipeInherited, writeDelivery, type Delivery } from "./deliver.ts";
import { indexMailboxes, listMailboxes, maxFramesPerImage, type MailboxIndex } from "./frame-index.ts";
import { encodeArmedFrame, encodeDelivery, frameBytes, isFrame, readFrame, readPayloadPart } from "./frame.ts";

const first = "11111111-1111-4111-8111-111111111111";
const second = "22222222-2222-4222-8222-222222222222";

interface Arming {
  readonly name: string;
  readonly token?: string;
  readonly armedAt?: bigint;
  readonly partIndex?: number;
  readonly partCount?: number;
  /** Left in the frame by an earlier delivery. */
  readonly mail?: string;
  readonly sequence?: number;
}

/** Guest RAM in a buffer, which remembers where it was written. */
class RamBuffer implements GuestMemory {
  readonly bytes: Buffer;
  readonly writes: { offset: number; bytes: Buffer }[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    into.set(this.bytes.subarray(offset, offset + into.length));
    return Promise.resolve();
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    this.writes.push({ offset, bytes: Buffer.from(bytes) });
    this.bytes.set(bytes, offset);
    return Promise.resolve();
  }

  dirtyRanges(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function page({ name, token = "t", armedAt = 1n, partIndex = 0, partCount = 1, mail, sequence }: Arming): Buffer {
  const frame = encodeArmedFrame({ name, token: Buffer.from(token), armedAt, partIndex, partCount });
  const part = encodeDelivery(Buffer.from(mail ?? ""), 1, first)[0];
  if (mail !== undefined && part !== undefined) frame.set(part.body.bytes, part.body.offset);
  frame.writeUInt32LE(sequence ?? (mail === undefined ? 0 : 1), 256);
  return frame;
}

/** RAM with one ordinary page before each frame. */
function ramOf(...armings: readonly Arming[]): RamBuffer {
  return new RamBuffer(Buffer.concat(armings.flatMap((arming) => [Buffer.alloc(frameBytes, 0xaa), page(arming)])));
}

function indexOf(ram: RamBuffer): Promise<MailboxIndex> {
  const offsets = Array.from({ length: ram.sizeBytes / frameBytes }, (_, number) => number * frameBytes);
  return indexMailboxes(
    ram,
    offsets.filter((offset) => isFrame(ram.bytes.subarray(offset, offset + frameBytes))),
  );
}

function frameAt(ram: RamBuffer, number: number): Buffer {
  const offset = (2 * number + 1) * frameBytes;
  return ram.bytes.subarray(offset, offset + frameBytes);
}

function mail(name: string, text: string, token = "t"): Delivery {
  return { name, token, payload: Buffer.from(text, "utf8") };
}

test("system mail and callers' mail reach their frames, byte for byte", async () => {
  const ram = ramOf({ name: "ramet.system", token: "s" }, { name: "job" }, { name: "cfg", token: "other" });
  const index = await indexOf(ram);
  const text = '{"z":12345678901234567890,"a":"Grüße 🌱"}';
  await writeDelivery(ram, planDelivery(index, [mail("ramet.system", "{}", "s"), mail("job", text)], second));
  assert.equal(readPayloadPart(frameAt(ram, 0))?.toString(), "{}");
  assert.equal(readPayloadPart(frameAt(ram, 1))?.toString(), text);
  assert.deepEqual(
    [0, 1, 2].map((number) => readFrame(frameAt(ram, number))?.sequence),
    [1, 1, 0],
  );
  assert.equal(readFrame(frameAt(ram, 1))?.generation, second);
});

test("a long payload is cut over its parts, wherever they lie, and every sequence comes after all bodies", async () => {
  const parts = [2, 0, 1].map((partIndex) => ({ name: "bulk", partIndex, partCount: 3 }));
  const ram = ramOf(...parts, { name: "job" });
  const text = `{"fill":"${"é".repeat(2500)}"}`;
  const index = await indexOf(ram);
  await writeDelivery(ram, planDelivery(index, [mail("bulk", text), mail("job", "{}")], first));
  const read = [1, 2, 0].map((number) => readPayloadPart(frameAt(ram, number)) ?? Buffer.from("unreadable"));
  assert.equal(Buffer.concat(read).toString("utf8"), text);
  const isSequence = ram.writes.map(({ bytes }) => bytes.length === 4);
  assert.deepEqual(isSequence, [false, false, false, false, true, true, true, true]);
});

test("one mailbox that cannot be served fails the plan of all", async () => {
  const ram = ramOf(
    { name: "job" },
    { name: "twice" },
    { name: "twice" },
    { name: "unread", mail: "{}" },
    { name: "consumed", sequence: 2 },
    { name: "half", partIndex: 0, partCount: 2 },
    { name: "littered", mail: "{}", sequence: 0 },
  );
  const index = await indexOf(ram);
  const failures: [Delivery, string][] = [
    [mail("absent", "{}"), "mailbox_not_found"],
    [mail("job", "{}", "wrong"), "mailbox_not_found"],
    [mail("job", "{}", "t\0"), "mailbox_not_found"],
    [mail("jo", "{}"), "mailbox_not_found"],
    [mail("half", "{}"), "mailbox_not_found"],
    [mail("twice", "{}"), "mailbox_ambiguous"],
    [mail("unread", "{}"), "mailbox_not_armed"],
    [mail("consumed", "{}"), "mailbox_not_armed"],
    [mail("littered", "{}"), "mailbox_not_armed"],
    [mail("job", "x".repeat(3833)), "invalid_request"],
  ];
  for (const [wanted, code] of failures) {
    assert.throws(() => planDelivery(index, [mail("job", "{}"), wanted], first), { name: "OperatingError", code });
  }
  assert.deepEqual(ram.writes, []);
});

test("an absent mailbox and a wrong token give the same answer, and it holds no token", async () => {
  const answers = await Promise.all(
    [{ name: "job" }, { name: "else" }].map(async (arming) => {
      const index = await indexOf(ramOf(arming));
      try {
        planDelivery(index, [mail("job", "{}", "hunter2")], first);
        return null;
      } catch (failure) {
        assert.ok(failure instanceof Error);
        return failure.message;
      }
    }),
  );
  assert.ok(answers[0] !== null && !answers[0]?.includes("hunter2"));
  assert.equal(answers[0], answers[1]);
});

test("a payload that is too large names the room that there is", async () => {
  const index = await indexOf(ramOf({ name: "job" }));
  assert.throws(() => planDelivery(index, [mail("job", "x".repeat(4000))], first), {
    code: "invalid_request",
    details: { mailbox: "job", payloadBytes: 4000, capacityBytes: 3832 },
  });
});

test("an older copy of a frame is passed over for the live one", async () => {
  const ram = ramOf({ name: "job", armedAt: 9n }, { name: "job", armedAt: 10n }, { name: "job", armedAt: 8n });
  await writeDelivery(ram, planDelivery(await indexOf(ram), [mail("job", "{}")], first));
  assert.deepEqual(
    [0, 1, 2].map((number) => readFrame(frameAt(ram, number))?.sequence),
    [0, 1, 0],
  );
});

test("older parts never complete a newer mailbox", async () => {
  const ram = ramOf(
    { name: "job", armedAt: 1n, partIndex: 0, partCount: 2 },
    { name: "job", armedAt: 1n, partIndex: 1, partCount: 2 },
    { name: "job", armedAt: 2n, partIndex: 0, partCount: 2 },
  );
  const index = await indexOf(ram);
  assert.throws(() => planDelivery(index, [mail("job", "{}")], first), { code: "mailbox_not_found" });
  assert.deepEqual(listMailboxes(index), []);
});

test("a child that is given no mail finds none of anyone else's", async () => {
  const secret = '{"secret":"of the parent"}';
  const armings = [
    { name: "unread", mail: secret },
    { name: "unread", armedAt: 0n, mail: secret },
    { name: "kept", mail: secret, sequence: 2 },
    { name: "ramet.system", mail: secret },
    { name: "empty part", partIndex: 1, partCount: 2, mail: "" },
    { name: "armed" },
  ].map((arming) => ({ ...arming, name: arming.name.replace(" ", "-") }));
  const ram = ramOf(...armings);
  await wipeInherited(ram, await indexOf(ram), null);
  assert.ok(!ram.bytes.includes(secret));
  assert.deepEqual(
    armings.map((_, number) => readFrame(frameAt(ram, number))?.sequence),
    [0, 0, 2, 0, 0, 0],
  );
  assert.ok(armings.every((_, number) => readFrame(frameAt(ram, number))?.isBlank));
});

test("the wipe leaves the mail of this fork alone, before or after it is written", async () => {
  const ram = ramOf({ name: "job" }, { name: "other", mail: '{"a":1}' });
  const index = await indexOf(ram);
  const plan = planDelivery(index, [mail("job", "{}")], second);
  await writeDelivery(ram, plan);
  await wipeInherited(ram, index, plan);
  assert.equal(readPayloadPart(frameAt(ram, 0))?.toString(), "{}");
  assert.equal(readFrame(frameAt(ram, 1))?.isBlank, true);
});

test("a freed page that the guest uses for something else is not written to", async () => {
  const ram = ramOf({ name: "job", mail: '{"a":1}' }, { name: "cfg" });
  frameAt(ram, 0).fill(0x77, 2048);
  frameAt(ram, 1).fill(0x77, 2048);
  const before = Buffer.from(ram.bytes);
  const index = await indexOf(ram);
  await wipeInherited(ram, index, null);
  assert.throws(() => planDelivery(index, [mail("cfg", "{}")], first), { code: "mailbox_not_armed" });
  assert.deepEqual(ram.bytes, before);
});

test("nothing is written when a marker does not stand where the image had it", async () => {
  const ram = ramOf({ name: "job" }, { name: "cfg" });
  const plan = planDelivery(await indexOf(ram), [mail("job", "{}"), mail("cfg", "{}")], first);
  frameAt(ram, 1).fill(0);
  await assert.rejects(writeDelivery(ram, plan), { name: "InvariantError" });
  assert.deepEqual(ram.writes, []);
});

test("lists the callers' mailboxes by name, with their room and whether they take mail", async () => {
  const ram = ramOf(
    { name: "ramet.system" },
    { name: "twice" },
    { name: "twice" },
    { name: "job", mail: "{}" },
    { name: "bulk", partIndex: 0, partCount: 2 },
    { name: "bulk", partIndex: 1, partCount: 2 },
  );
  assert.deepEqual(listMailboxes(await indexOf(ram)), [
    { name: "bulk", parts: 2, armed: true, capacityBytes: 7664 },
    { name: "job", parts: 1, armed: false, capacityBytes: 3832 },
    { name: "twice", parts: 1, armed: false, capacityBytes: 3832 },
  ]);
});

test("an index is made of what the pages hold, and a candidate that stands twice counts once", async () => {
  const ram = ramOf({ name: "job" });
  const index = await indexMailboxes(ram, [0, frameBytes, frameBytes]);
  assert.deepEqual(
    index.frames.map(({ offset }) => offset),
    [frameBytes],
  );
});

test("a guest that fills its memory with frames is refused", async () => {
  const offsets = Array.from({ length: maxFramesPerImage + 1 }, (_, number) => number * frameBytes);
  await assert.rejects(indexMailboxes(ramOf({ name: "job" }), offsets), { code: "invalid_state" });
});
