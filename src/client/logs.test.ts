import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, stream } from "../../test/fixtures/breaking-server.ts";
import { RametApiError, RametConnectionError } from "./errors.ts";
import type { Connection } from "./http.ts";
import { readLogs } from "./logs.ts";
import type { LogOptions } from "./shapes.ts";

const retry = { attempts: 2, firstDelayMs: 1, lastedMs: 60_000 };
const line = (id: string, text: string): string => `id: ${id}\ndata: ${JSON.stringify(text)}\n\n`;
const gap = 'id: g\nevent: gap\ndata: "lines may be missing"\n\n';
const breaks = { destroy: (response: { destroy(): unknown }) => void response.destroy() };
const gone = (response: { writeHead(status: number): { end(text: string): unknown } }): void => {
  response.writeHead(404).end('{"code":"not_found","message":"it is gone"}');
};

async function read(connection: Connection, options: LogOptions): Promise<{ lines: string[]; failure: unknown }> {
  const lines: string[] = [];
  try {
    for await (const each of readLogs(connection, "base", options, undefined, retry)) lines.push(each);
    return { lines, failure: null };
  } catch (failure) {
    return { lines, failure };
  }
}

test("a followed log goes on behind the last whole line after a break and after an end, until its instance is gone", async (t) => {
  const { connection, seen } = await serve(
    t,
    // The break cuts the second line's event in two: it comes again.
    stream(`id: a-0\n\n${line("a-1", "one")}id: a-2\ndata: "tw`, breaks.destroy),
    stream(line("a-2", "two") + line("a-3", "three")),
    stream('id: a-3\n\ndata: "unfinished"\n\n'),
    gone,
  );
  const { lines, failure } = await read(connection, { follow: true, tail: 5 });
  assert.deepEqual([lines, failure], [["one", "two", "three", "unfinished"], null]);
  assert.deepEqual(
    seen.map(({ lastId }) => lastId),
    [undefined, "a-1", "a-3", "a-3"],
  );
  assert.equal(seen[0]?.url, "/instances/base/logs?follow=true&tail=5");
});

test("a log that is not followed is over at its end, and goes on after a break", async (t) => {
  const { connection, seen } = await serve(t, stream(line("a-1", "one"), breaks.destroy), stream(line("a-2", "two")));
  assert.deepEqual(await read(connection, {}), { lines: ["one", "two"], failure: null });
  assert.equal(seen.length, 2);
});

test("where lines may be missing, who asked is told, and others see it among the lines", async (t) => {
  const answers = [stream(line("a-1", "one"), breaks.destroy), stream(gap + line("b-1", "new"))];
  const told: string[] = [];
  const first = await serve(t, ...answers);
  const { lines } = await read(first.connection, { onGap: (sentence) => told.push(sentence) });
  assert.deepEqual([lines, told], [["one", "new"], ["lines may be missing"]]);
  const second = await serve(t, ...answers);
  assert.deepEqual((await read(second.connection, {})).lines, ["one", "lines may be missing", "new"]);
});

test("a server that does not come back is told after some attempts, and a refusal at once", async (t) => {
  const left = await serve(t, stream(line("a-1", "one")));
  const { lines, failure } = await read(left.connection, { follow: true });
  assert.deepEqual(lines, ["one"]);
  assert.ok(failure instanceof RametConnectionError);
  assert.equal(left.seen.length, 1 + 1 + retry.attempts - 1);
  const never = await serve(t, gone);
  const refused = await read(never.connection, { follow: true });
  assert.ok(refused.failure instanceof RametApiError && refused.failure.code === "not_found");
  const endless = await serve(t, ...Array.from({ length: 9 }, () => stream("id: a-0\n\n")));
  assert.ok((await read(endless.connection, { follow: true })).failure instanceof RametConnectionError);
});

test("who has read enough leaves, also when the connection broke meanwhile", async () => {
  let breakOff: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(Buffer.from(line("a-1", "one")));
      breakOff = () => {
        controller.error(new TypeError("terminated"));
      };
    },
  });
  const answer = (): Promise<Response> =>
    Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  const lines: string[] = [];
  const connection = { baseUrl: "http://127.0.0.1:1", token: "t", fetch: answer };
  for await (const each of readLogs(connection, "base", { follow: true }, undefined, retry)) {
    lines.push(each);
    breakOff();
    break;
  }
  assert.deepEqual(lines, ["one"]);
});
