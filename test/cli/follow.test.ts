import assert from "node:assert/strict";
import { test } from "node:test";
import type { RametEvent } from "../../src/client/shapes.ts";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer, type ScriptedAnswer } from "./scripted-server.ts";

const at = "2026-01-02T03:04:05.678Z";
const events: readonly RametEvent[] = [
  { id: "1-1", type: "instance.state", at, instance_id: "f6", name: "worker-1", from: null, to: "Initializing" },
  {
    id: "1-2",
    type: "fork.phase",
    at,
    instance_id: "f6",
    name: "worker-1",
    parent_id: "a1",
    phase: "restore",
    ms: 41.2,
  },
  { id: "1-3", type: "fork.failed", at, instance_id: "f6", name: "worker-1", parent_id: "a1", code: "ack_timeout" },
];

/** The stream ends with a refusal, so that the command ends without waiting for the server to come back. */
const refusal = 'event: error\ndata: {"code":"not_found","message":"base was deleted"}\n\n';
const stream: ScriptedAnswer = {
  status: 200,
  contentType: "text/event-stream",
  body: `: events follow\n\n${events.map((event) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")}${refusal}`,
};

test("events prints one line for each, and with --json the server's own objects", async (t) => {
  const server = await startScriptedServer(t, {
    "GET /events": stream,
    "GET /events?type=fork.phase&type=fork.done&instance=base": stream,
  });
  const run = await ramet(["events", "--url", server.url]);
  assert.equal(
    run.stdout.toString(),
    "03:04:05.678  instance.state    worker-1 Initializing\n" +
      "03:04:05.678  fork.phase        worker-1 restore 41 ms\n" +
      "03:04:05.678  fork.failed       worker-1 ack_timeout\n",
  );
  assert.equal(run.exitCode, 4);
  const words = ["--type", "fork.phase", "--type", "fork.done", "--instance", "base"];
  const asJson = await ramet(["events", "--json", ...words, "--url", server.url]);
  const lines = asJson.stdout.toString().trimEnd().split("\n");
  assert.deepEqual(
    lines.slice(0, -1).map((line) => JSON.parse(line) as unknown),
    events,
  );
});

test("events ends with 130 when it is interrupted", async (t) => {
  const { body } = stream;
  const endless: ScriptedAnswer = { ...stream, body: String(body).replace(refusal, "") };
  const server = await startScriptedServer(t, { "GET /events": endless });
  const run = await ramet(["events", "--url", server.url], { onOutput: (process) => process.kill("SIGINT") });
  assert.equal(run.exitCode, 130);
});

const instance = (id: string, name: string, parentId: string | null) => ({
  id,
  name,
  state: "Running",
  parent_id: parentId,
});

test("tree draws who came from whom, with what is gone in parentheses, and as JSON", async (t) => {
  const list = [instance("a1", "base", null), instance("b2", "one", "a1"), instance("d4", "leaf", "c3")];
  const ancestors = [
    { id: "c3", name: "middle", exists: false },
    { id: "a1", name: "base", exists: true },
  ];
  const server = await startScriptedServer(t, {
    "GET /instances": { status: 200, body: list },
    "GET /instances/one": { status: 200, body: list[1] },
    "GET /instances/d4/lineage": { status: 200, body: { ancestors } },
  });
  const tree = await ramet(["tree", "--url", server.url]);
  assert.equal(
    tree.stdout.toString(),
    "NAME         ID  STATE\n" +
      "base         a1  Running\n" +
      "├─ one       b2  Running\n" +
      "└─ (middle)  c3\n" +
      "   └─ leaf   d4  Running\n",
  );
  const one = await ramet(["tree", "one", "--json", "--url", server.url]);
  const node = { exists: true, state: "Running" };
  assert.deepEqual(JSON.parse(one.stdout.toString()), [
    { id: "a1", name: "base", ...node, children: [{ id: "b2", name: "one", ...node, children: [] }] },
  ]);
  const missing = await ramet(["tree", "nobody", "--url", server.url]);
  assert.equal(missing.exitCode, 4);
});
