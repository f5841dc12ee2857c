import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ServerSentEvent } from "./sse.ts";
import { readServerSentEvents } from "./sse.ts";

// eslint-disable-next-line @typescript-eslint/require-await -- a stream has to be async
async function* chunks(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function eventsOf(...pieces: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  const bytes = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  for await (const event of readServerSentEvents(chunks(...bytes))) events.push(event);
  return events;
}

const message = (data: string): ServerSentEvent => ({ event: "message", data });

test("takes one space after the colon away, and no more", async () => {
  assert.deepEqual(await eventsOf("data: a\n\ndata:  b\n\ndata:c\n\n"), [message("a"), message(" b"), message("c")]);
});

test("keeps empty lines of a log", async () => {
  assert.deepEqual(await eventsOf("data: \n\ndata\n\n"), [message(""), message("")]);
});

test("joins several data lines and names the event", async () => {
  assert.deepEqual(await eventsOf("event: error\ndata: a\ndata: b\n\n"), [{ event: "error", data: "a\nb" }]);
});

test("skips comments and fields it does not know, and drops an event without its end", async () => {
  assert.deepEqual(await eventsOf(": hello\n\nretry: 5\ndata: a\n\ndata: cut"), [message("a")]);
});

test("tells the id of an event when that is over, also of one without data", async () => {
  const ids: string[] = [];
  const text = Buffer.from("id: 1-0\n\nid: 1-1\nevent: x\ndata: a\n\ndata: b\n\nid: 1-2\ndata: cut");
  for await (const { data } of readServerSentEvents(chunks(text), (id) => ids.push(id))) ids.push(data);
  assert.deepEqual(ids, ["1-0", "1-1", "a", "b"]);
});

test("reads CR, LF and CRLF, also when a CRLF is cut in two", async () => {
  assert.deepEqual(await eventsOf("data: a\r", "\n\r", "\ndata: b\r\rdata: c\n\n"), [
    message("a"),
    message("b"),
    message("c"),
  ]);
});

test("ends an event with a CR that is the stream's last byte", async () => {
  assert.deepEqual(await eventsOf("data: a\r\r"), [message("a")]);
});

test("gives the same events wherever the bytes are cut", async () => {
  const bytes = Buffer.from("\ufeffdata: grüße 🌱\r\n\r\nevent: x\ndata: 1\rdata: 2\n\n: c\n\ndata: z\n\n");
  const whole = await eventsOf(bytes);
  assert.equal(whole.length, 3);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      assert.deepEqual(await eventsOf(...pieces), whole);
    }),
    { numRuns: 50 },
  );
});
