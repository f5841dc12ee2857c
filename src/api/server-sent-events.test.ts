import assert from "node:assert/strict";
import { test } from "node:test";
import { withHeartbeats } from "./server-sent-events.ts";

test("a silent stream is given comments until its next event, and ends with it", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
  async function* events(): AsyncGenerator<string> {
    yield "first";
    await opened;
    yield "second";
  }
  const seen: string[] = [];
  for await (const text of withHeartbeats(events(), 1)) {
    seen.push(text);
    if (seen.filter((piece) => piece.startsWith(":")).length === 2) open(undefined);
  }
  assert.equal(seen[0], "first");
  assert.equal(seen.at(-1), "second");
  assert.ok(seen.slice(1, -1).length >= 2);
  assert.ok(seen.slice(1, -1).every((piece) => piece === ": nothing new\n\n"));
});

test("ends the source when its reader goes away", async () => {
  let ended = false;
  async function* events(): AsyncGenerator<string> {
    try {
      for (;;) yield await Promise.resolve("more");
    } finally {
      ended = true;
    }
  }
  for await (const text of withHeartbeats(events(), 10_000)) {
    assert.equal(text, "more");
    break;
  }
  assert.ok(ended);
});
