import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, stream } from "../../test/fixtures/breaking-server.ts";
import { RametApiError, RametConnectionError } from "./errors.ts";
import { followEvents } from "./events.ts";
import type { RametEvent } from "./shapes.ts";

const retry = { attempts: 2, firstDelayMs: 1, lastedMs: 60_000 };

const event = (id: string, type = "instance.deleted"): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ id, type })}\n\n`;

async function idsOf(events: AsyncIterable<RametEvent>): Promise<{ ids: string[]; failure: unknown }> {
  const ids: string[] = [];
  try {
    for await (const { id } of events) ids.push(id);
    return { ids, failure: null };
  } catch (failure) {
    return { ids, failure };
  }
}

test("goes on behind the last event after a break, an end and an overflow, and gives up after failures in a row", async (t) => {
  const { connection, seen } = await serve(
    t,
    // The break cuts the second event in two: it comes again.
    stream(`id: 1-0\n\n${event("1-1")}id: 1-2\nevent: x\ndata: {`, (response) => response.destroy()),
    stream(event("1-2")),
    stream(event("1-3") + event("1-3", "overflow") + event("9-9"), () => undefined),
    stream(event("1-7", "gap") + event("1-8")),
  );
  const options = { types: ["instance.deleted", "fork.done"], instance: "base" };
  const { ids, failure } = await idsOf(followEvents(connection, options, retry));
  assert.deepEqual(ids, ["1-1", "1-2", "1-3", "1-7", "1-8"]);
  assert.ok(failure instanceof RametConnectionError);
  assert.deepEqual(
    seen.map(({ lastId }) => lastId),
    [undefined, "1-1", "1-2", "1-3", "1-8", "1-8"],
  );
  assert.equal(seen[0]?.url, "/events?type=instance.deleted&type=fork.done&instance=base");
});

test("a stream that broke before its first event goes on from where it began", async (t) => {
  const { connection, seen } = await serve(t, stream("id: 1-4\n\n"), stream(event("1-5")));
  assert.deepEqual((await idsOf(followEvents(connection, {}, retry))).ids, ["1-5"]);
  assert.equal(seen[1]?.lastId, "1-4");
});

test("a server that is not reached at first, and a refusal at any time, are thrown at once", async (t) => {
  const broken = await serve(t);
  assert.ok((await idsOf(followEvents(broken.connection, {}, retry))).failure instanceof RametConnectionError);
  assert.equal(broken.seen.length, 1);
  const refusing = await serve(t, stream(event("1-1")), (response) => {
    response.writeHead(404).end('{"code":"not_found","message":"it is gone"}');
  });
  const { ids, failure } = await idsOf(followEvents(refusing.connection, { after: "1-0" }, retry));
  assert.deepEqual(ids, ["1-1"]);
  assert.ok(failure instanceof RametApiError && failure.code === "not_found");
  assert.equal(refusing.seen[0]?.lastId, "1-0");
});

test("an abort ends it with the signal's reason, while it reads and while it waits for the next attempt", async (t) => {
  const leaving = new AbortController();
  const reading = await serve(
    t,
    stream(event("1-1"), () => undefined),
  );
  const reason = new Error("enough");
  const events = followEvents(reading.connection, { signal: leaving.signal }, retry);
  assert.equal((await events.next()).value?.id, "1-1");
  const next = events.next();
  leaving.abort(reason);
  await assert.rejects(next, reason);
  const pausing = new AbortController();
  const waiting = await serve(t, (response) => {
    stream(event("1-1"))(response);
    response.once("close", () => {
      pausing.abort(reason);
    });
  });
  const slow = { ...retry, firstDelayMs: 3_600_000 };
  assert.equal((await idsOf(followEvents(waiting.connection, { signal: pausing.signal }, slow))).failure, reason);
});
