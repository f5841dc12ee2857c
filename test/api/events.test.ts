import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { RametCalls } from "../../src/client/calls.ts";
import type { EventOptions, RametEvent } from "../../src/client/shapes.ts";
import { Check } from "typebox/value";
import { EventSchema } from "../../src/api/schemas/events.ts";
import { expectError, makeRunning, makeStandby, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

/** The client's own stream: what it reads is what users read. */
function follow(server: TestServer, options: EventOptions): AsyncGenerator<RametEvent, void, void> {
  return new RametCalls({ baseUrl: server.url, token: server.token }).events(options);
}

/** Reads up to and with the first event that `isLast`. */
async function readUntil(
  events: AsyncGenerator<RametEvent, void, void>,
  isLast: (event: RametEvent) => boolean,
): Promise<RametEvent[]> {
  const seen: RametEvent[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) assert.fail("the stream ended early");
    assert.ok(Check(EventSchema, value), `not an event: ${JSON.stringify(value)}`);
    seen.push(value);
    if (isLast(value)) return seen;
  }
}

/** The id at which a stream begins that asks for nothing: what happens from now on lies behind it. */
async function position(context: TestContext, server: TestServer): Promise<string> {
  const leaving = new AbortController();
  const stream = await server.open("/events", AbortSignal.any([leaving.signal, context.signal]));
  assert.equal(stream.status, 200);
  assert.match(stream.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.ok(stream.body !== null);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("id: ")) text += (await reader.read()).value ?? assert.fail("it ended");
  leaving.abort();
  return /^id: (\d+-\d+)\n\n/m.exec(text)?.[1] ?? assert.fail(text);
}

const story = (events: readonly RametEvent[]): string[] =>
  events.map((event) =>
    event.type === "instance.state" ? `${event.name}: ${String(event.from)} → ${event.to}` : event.type,
  );

test("an instance's life is told once for each real change of its state", async (context) => {
  const server = await startTestServer(context);
  const after = await position(context, server);
  await makeStandby(server, "base");
  await server.call("POST", "/instances/base/standby");
  await server.call("POST", "/instances/base/restore");
  await server.call("POST", "/instances/base/stop", { body: { grace_ms: 0 } });
  await server.call("POST", "/instances/base/stop");
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  const events = await readUntil(
    follow(server, { after, types: ["instance.state", "instance.deleted"], signal: context.signal }),
    ({ type }) => type === "instance.deleted",
  );
  const states = story(events);
  assert.deepEqual(states.slice(0, 2), ["base: null → Initializing", "base: Initializing → Running"]);
  assert.deepEqual(
    states.filter((state) => state.includes("Standby")),
    ["base: Paused → Standby", "base: Standby → Running"],
  );
  assert.deepEqual(states.slice(-2), ["base: Running → Stopped", "instance.deleted"]);
  const numbers = events.map(({ id }) => Number(id.split("-")[1]));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test("what is created without a start is told too", async (context) => {
  const server = await startTestServer(context);
  const after = await position(context, server);
  await makeStopped(server, "base");
  await server.call("DELETE", "/instances/base");
  const events = await readUntil(
    follow(server, { after, signal: context.signal }),
    ({ type }) => type === "instance.deleted",
  );
  assert.deepEqual(story(events), ["base: null → Initializing", "base: Initializing → Stopped", "instance.deleted"]);
});

test("a fork tells its phases, its acks and its end, to those who follow the parent too, and no secret", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ARM_TOKEN: "s3cret-token" });
  await makeStopped(server, "other");
  const after = await position(context, server);
  const mailbox = { name: "job", token: "s3cret-token", payload: { key: "s3cret-payload" }, wait_for_ack: true };
  const fork = await server.call("POST", "/instances/base/fork", { body: { name: "child", mailboxes: [mailbox] } });
  assert.equal(fork.status, 201, fork.text);
  const { id } = fork.body as { id: string };
  await server.call("DELETE", "/instances/other");
  const events = await readUntil(
    follow(server, { after, instance: "base", signal: context.signal }),
    ({ type }) => type === "fork.done",
  );
  for (const event of events) {
    assert.ok("instance_id" in event && event.instance_id === id);
    assert.ok("parent_id" in event && event.parent_id === parent.id);
  }
  const phases = events.flatMap((event) => (event.type === "fork.phase" ? [event.phase] : []));
  assert.ok(phases.includes("restore") && phases.includes("mailbox_ack"), phases.join());
  const child = await readUntil(
    follow(server, { after, instance: id, signal: context.signal }),
    ({ type }) => type === "fork.done",
  );
  const acked = child.filter(({ type }) => type === "mailbox.acked");
  assert.deepEqual(
    acked.map((event) => ("mailbox" in event ? event.mailbox : null)),
    ["job"],
  );
  assert.deepEqual(
    story(child).filter((line) => line.startsWith("child")),
    ["child: null → Initializing", "child: Initializing → Running"],
  );
  assert.ok(!JSON.stringify([events, child]).includes("s3cret"));
  assert.ok(!JSON.stringify([events, child]).includes("nonce"));
});

test("a fork that fails says with which code, and that its child is gone", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "failed" });
  const after = await position(context, server);
  const mailbox = { name: "job", payload: {}, wait_for_ack: true };
  const body = { name: "child", mailboxes: [mailbox] };
  expectError(await server.call("POST", "/instances/base/fork", { body }), 502, "ack_failed");
  const absent = { name: "child", mailboxes: [{ ...mailbox, name: "absent" }] };
  expectError(await server.call("POST", "/instances/base/fork", { body: absent }), 409, "mailbox_not_found");
  const events = await readUntil(
    follow(server, { after, types: ["fork.failed", "instance.deleted"], signal: context.signal }),
    (event) => event.type === "fork.failed" && event.code === "mailbox_not_found",
  );
  assert.deepEqual(events.map(({ type }) => type).toSorted(), ["fork.failed", "fork.failed", "instance.deleted"]);
  const [first] = events.filter((event) => event.type === "fork.failed");
  assert.deepEqual([first?.code, first?.name, first?.parent_id], ["ack_failed", "child", parent.id]);
});

test("the end of a workload is told once, with its code", async (context) => {
  const server = await startTestServer(context);
  const after = await position(context, server);
  const body = { name: "base", image: "ramet/base", memory: "96MB", cmd: ["work"], env: { FAKE_EXIT: "3" } };
  assert.equal((await server.call("POST", "/instances", { body })).status, 201);
  const events = await readUntil(
    follow(server, { after, signal: context.signal }),
    (event) => event.type === "instance.state" && event.to === "Stopped",
  );
  const exits = events.filter((event) => event.type === "workload.exited");
  assert.deepEqual(
    exits.map(({ exit_code, signal }) => [exit_code, signal]),
    [[3, null]],
  );
});

test("an id of an earlier start begins with a gap; every waiting stream ends with the server", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const events = follow(server, { after: "1-1", types: ["fork.done"], signal: context.signal });
  const [gap] = await readUntil(events, () => true);
  assert.ok(gap?.type === "gap" && gap.reason === "restarted");
  await events.return();
  const stream = await server.open("/events", context.signal);
  await server.close();
  assert.match(await stream.text(), /^: events follow/);
});

test("wrong types, ids and instances are refused with a status", async (context) => {
  const server = await startTestServer(context);
  const refused = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
    expectError(await server.call("GET", path, { headers }), 400, "invalid_request");
  assert.match(await refused("/events?type=instance.state&type=nonsense"), /type\[1\].*one of instance\.state/);
  await refused("/events?type=nonsense");
  await refused("/events?types=fork.done");
  await refused("/events?instance=a&instance=b");
  assert.match(await refused("/events", { "last-event-id": "soon" }), /last-event-id.*must be the id of an event/);
  expectError(await server.call("GET", "/events?instance=nobody"), 404, "not_found");
});
