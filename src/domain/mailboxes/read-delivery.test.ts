import assert from "node:assert/strict";
import { test } from "node:test";
import { indexMailboxes, type PageReader } from "./frame-index.ts";
import { encodeArmedFrame, encodeDelivery, encodeWipe, frameBytes, partCapacityBytes } from "./frame.ts";
import { readDelivery } from "./read-delivery.ts";

const generation = "11111111-1111-4111-8111-111111111111";
const other = "22222222-2222-4222-8222-222222222222";

/** The frames of one mailbox; given a payload, delivered. */
function framesOf(name: string, partCount: number, payload: string | null, armedAt = 1n): Buffer[] {
  const deliveries = payload === null ? [] : encodeDelivery(Buffer.from(payload), partCount, generation);
  return Array.from({ length: partCount }, (_, partIndex) => {
    const frame = encodeArmedFrame({ name, token: Buffer.from("word"), armedAt, partIndex, partCount });
    const delivery = deliveries[partIndex];
    for (const write of delivery === undefined ? [] : [delivery.body, delivery.arrive])
      frame.set(write.bytes, write.offset);
    return frame;
  });
}

async function read(frames: readonly Buffer[], name: string, partCount: number) {
  const memory = Buffer.concat(frames);
  const pages: PageReader = {
    read: (offset, into) => {
      into.set(memory.subarray(offset, offset + into.length));
      return Promise.resolve();
    },
  };
  const index = await indexMailboxes(
    pages,
    frames.map((_, place) => place * frameBytes),
  );
  return await readDelivery(pages, index, name, partCount);
}

test("a delivery is read back byte for byte, whatever lies around it and in whatever order its parts lie", async () => {
  const payload = `{"text":"${"ä".repeat(partCapacityBytes)}"}`;
  const frames = [...framesOf("job", 4, payload).reverse(), ...framesOf("jobs", 1, "{}"), ...framesOf("cfg", 1, null)];
  const delivery = await read(frames, "job", 4);
  assert.equal(delivery?.payload.toString("utf8"), payload);
  assert.equal(delivery.token.toString("utf8"), "word");
});

test("an older copy of the frame that was left alone does not hide the delivery", async () => {
  const delivery = await read([...framesOf("job", 1, null, 1n), ...framesOf("job", 1, '{"a":1}', 2n)], "job", 1);
  assert.equal(delivery?.payload.toString("utf8"), '{"a":1}');
});

const payload = "x".repeat(partCapacityBytes + 1);

for (const [what, spoil] of Object.entries<(frames: Buffer[]) => Buffer[]>({
  "a part is missing": (frames) => frames.slice(1),
  "a part was taken": ([first, ...rest]) => {
    const wipe = encodeWipe(2);
    first?.set(wipe.bytes, wipe.offset);
    return first === undefined ? rest : [first, ...rest];
  },
  "a byte of it was changed": (frames) => {
    frames[0]?.writeUInt8(0x79, 264);
    return frames;
  },
  "a part is of another delivery": ([first, second]) => {
    const [, foreign] = encodeDelivery(Buffer.from(payload), 2, other);
    if (foreign !== undefined) second?.set(foreign.body.bytes, foreign.body.offset);
    second?.writeUInt32LE(1, 256);
    return [first, second].filter((frame) => frame !== undefined);
  },
  "a part stands there twice": (frames) => [...frames, ...frames.slice(0, 1)],
  "nothing was delivered": () => framesOf("job", 2, null),
  "it has other parts than it had": () => framesOf("job", 3, payload),
})) {
  test(`nothing is read when ${what}`, async () => {
    assert.notEqual(await read(framesOf("job", 2, payload), "job", 2), null, "it is read when nothing is wrong");
    assert.equal(await read(spoil(framesOf("job", 2, payload)), "job", 2), null);
  });
}
