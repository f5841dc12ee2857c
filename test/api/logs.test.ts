import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, renameSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readServerSentEvents, type ServerSentEvent } from "../../src/client/sse.ts";
import { RametClient } from "../../src/client/index.ts";
import { expectError, makeRunning, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

interface ReadEvent extends ServerSentEvent {
  readonly id: string;
}

/** The events of a log, with the id that a reader has after each. */
async function* events(
  server: TestServer,
  path: string,
  lastId: string | null,
  signal: AbortSignal,
): AsyncGenerator<ReadEvent, void, void> {
  const headers = new Headers({ authorization: `Bearer ${server.token}` });
  if (lastId !== null) headers.set("last-event-id", lastId);
  const { body, status } = await fetch(server.url + path, { headers, signal });
  assert.equal(status, 200);
  assert.ok(body !== null);
  let id = "";
  for await (const event of readServerSentEvents(body, (given) => (id = given))) yield { ...event, id };
}

async function readAll(server: TestServer, path: string, lastId: string | null = null): Promise<ReadEvent[]> {
  const read: ReadEvent[] = [];
  for await (const event of events(server, path, lastId, AbortSignal.timeout(30_000))) read.push(event);
  return read;
}

const textsOf = (read: readonly ServerSentEvent[]): string[] => read.map(({ data }) => JSON.parse(data) as string);

async function next(stream: AsyncGenerator<ReadEvent, void, void>): Promise<ReadEvent> {
  const { value } = await stream.next();
  assert.ok(value !== undefined, "the stream goes on");
  return value;
}

function logOf(server: TestServer, id: string, name = "console.log"): string {
  return join(server.domain.settings.instancesDirectory, id, name);
}

for (const source of ["app", "hypeman"]) {
  test(`behind each line of the log ${source} a reader goes on with the next one`, async (context) => {
    const server = await startTestServer(context);
    const { id } = await makeRunning(server, "base");
    if (source === "app") appendFileSync(logOf(server, id), "one\r\n\ntwo\nunfinished");
    const path = `/instances/base/logs?source=${source}`;
    const all = await readAll(server, path);
    assert.ok(all.length >= 2);
    for (const [index, { id: place }] of all.entries()) {
      const rest = await readAll(server, `${path}&tail=0`, place);
      // A line without its end comes again, since it may be longer then.
      const again = place === all[index - 1]?.id ? all.slice(index) : all.slice(index + 1);
      assert.deepEqual(textsOf(rest), textsOf(again));
    }
  });
}

test("a reader that broke off before its first line goes on from where its stream began", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  const leaving = new AbortController();
  const { body } = await server.open("/instances/base/logs?tail=0&follow=true", leaving.signal);
  assert.ok(body !== null);
  let head = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    head += chunk;
    if (/^id: .*\n\n/m.test(head)) break;
  }
  leaving.abort();
  const [, place = ""] = /^id: (\S+)$/m.exec(head) ?? [];
  appendFileSync(logOf(server, id), "one\ntwo\n");
  assert.deepEqual(textsOf(await readAll(server, "/instances/base/logs?tail=0", place)), ["one", "two"]);
});

test("a log that was cut or replaced says so to whoever comes back, and to whoever follows it", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  const path = logOf(server, id);
  appendFileSync(path, "one\ntwo\n");
  const stream = events(server, "/instances/base/logs?follow=true", null, context.signal);
  assert.equal((await next(stream)).data, '"one"');
  const two = await next(stream);
  truncateSync(path, 0);
  appendFileSync(path, "three\n");
  const expected = [
    ["gap", "[lines may be missing here: the log was cut, and is read from its beginning]"],
    ["message", "three"],
  ];
  const shown = (read: readonly ServerSentEvent[]): unknown[] =>
    read.map(({ event, data }) => [event, JSON.parse(data) as unknown]);
  assert.deepEqual(shown([await next(stream), await next(stream)]), expected);
  assert.deepEqual(shown(await readAll(server, "/instances/base/logs", two.id)), expected);
  copyFileSync(path, `${path}.new`);
  renameSync(`${path}.new`, path);
  const [gap, three] = [await next(stream), await next(stream)];
  assert.match(gap.data, /another log took the place/);
  assert.deepEqual([gap.event, three.data], ["gap", '"three"']);
  assert.match((await readAll(server, "/instances/base/logs", two.id))[0]?.data ?? "", /another log took the place/);
  // Who heard of the gap goes on behind it, and what comes is read from the new file.
  assert.deepEqual(textsOf(await readAll(server, "/instances/base/logs", gap.id)), ["three"]);
  appendFileSync(path, "four\n");
  assert.equal((await next(stream)).data, '"four"');
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  assert.equal((await stream.next()).done, true);
});

test("an operation that is no longer kept is told as a gap, and one of another log too", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const [first] = await readAll(server, "/instances/base/logs?source=hypeman");
  const gone = first?.id.replace(/-\d+-/, "-7-") ?? "";
  const [gap, ...rest] = await readAll(server, "/instances/base/logs?source=hypeman", gone);
  assert.deepEqual(
    [gap?.event, gap?.data],
    ["gap", '"[lines may be missing here: those that came next are no longer kept]"'],
  );
  assert.equal(rest[0]?.data, first?.data);
  assert.equal((await readAll(server, "/instances/base/logs?source=vmm", first?.id ?? ""))[0]?.event, "gap");
});

test("the logs of an instance that was brought back to a snapshot go on where they were", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  assert.equal((await server.call("POST", "/instances/base/snapshots", { body: { name: "warm" } })).status, 201);
  for (const source of ["app", "hypeman"]) {
    const path = `/instances/base/logs?source=${source}`;
    const before = await readAll(server, path);
    const restored = await server.call("POST", "/instances/base/snapshots/warm/restore", { body: {} });
    assert.equal(restored.status, 200, restored.text);
    const after = await readAll(server, path);
    assert.deepEqual(textsOf(after).slice(0, before.length), textsOf(before));
    const behind = await readAll(server, path, before.at(-1)?.id ?? "");
    assert.deepEqual(textsOf(behind), textsOf(after).slice(before.length));
    assert.ok(behind.length > 0);
  }
});

test("an id that is none is refused", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  for (const id of ["1", "3f81c2a90b7d-4711", "3F81C2A90B7D-4711-9ae01f22", "3f81c2a90b7d--1-9ae01f22"]) {
    const answer = await server.call("GET", "/instances/base/logs", { headers: { "last-event-id": id } });
    assert.match(expectError(answer, 400, "invalid_request"), /last-event-id/);
  }
});

test("the client follows a log through connections that break, and no line is lost or comes twice", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  appendFileSync(logOf(server, id), "0\n");
  let connections = 0;
  const breaking: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    connections += 1;
    appendFileSync(logOf(server, id), `${connections}\n`);
    assert.ok(response.body !== null);
    return new Response(breakAfterOneLine(response.body), response);
  };
  const ramet = new RametClient({ baseUrl: server.url, token: server.token, fetch: breaking });
  const lines: string[] = [];
  for await (const line of ramet.calls.logs("base", { follow: true }, context.signal)) {
    lines.push(line);
    if (lines.length === 4) break;
  }
  assert.deepEqual([lines, connections], [["0", "1", "2", "3"], 4]);
});

/** The stream up to its first line, and then a connection that is no more. */
function breakAfterOneLine(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  async function* upToOneLine(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let text = "";
    for await (const chunk of body) {
      text += Buffer.from(chunk).toString("latin1");
      const end = text.indexOf("\n\n", text.indexOf("data:"));
      if (!text.includes("data:") || end === -1) continue;
      // In the middle of the second one.
      yield Uint8Array.from(Buffer.from(text.slice(0, end + "\n\nid: ".length), "latin1"));
      throw new TypeError("terminated");
    }
  }
  return ReadableStream.from(upToOneLine());
}
