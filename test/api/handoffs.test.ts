import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../src/errors.ts";
import type { HandoffFactory } from "../../src/domain/forks/handoff.ts";
import { expectError, makeStandby, startTestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

/** Notes each step with what is true at that moment. */
function noting(steps: string[], fails: "preflight" | "prepare" | "afterResume" | null): HandoffFactory {
  const step = (name: string, fact: string): void => {
    steps.push(`${name} ${fact}`);
    if (name === fails) throw new OperatingError("ack_failed", "the third handoff failed");
  };
  return ({ stored }) => ({
    phase: "third",
    preflight: (mailboxes) => {
      step("preflight", `${stored.name}: ${String(mailboxes.byMarker.size)} mailboxes`);
    },
    prepare: async (memory) => {
      step("prepare", `${String(memory.sizeBytes >> 20)} MB`);
      return Promise.resolve();
    },
    afterResume: async (live) => {
      step("afterResume", live.machine.state);
      return Promise.resolve();
    },
  });
}

test("a third handoff is one more element in the list: all its steps come, in order, and its phase is told", async (context) => {
  const steps: string[] = [];
  const server = await startTestServer(context, { furtherHandoffs: [noting(steps, null)] });
  await makeStandby(server, "base");
  const answer = await server.call("POST", "/instances/base/fork", {
    body: { name: "child", target_state: "Running" },
  });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(steps, ["preflight child: 2 mailboxes", "prepare 96 MB", "afterResume running"]);
  const phases = Object.keys((answer.body as { timings_ms: object }).timings_ms);
  assert.ok(phases.indexOf("identity_ack") < phases.indexOf("mailbox_ack"));
  assert.ok(phases.indexOf("mailbox_ack") < phases.indexOf("third"));
});

test("a held child is prepared anew when it is let go, with a generation of that moment", async (context) => {
  const steps: string[] = [];
  const generations: string[] = [];
  const note = noting(steps, null);
  const further: HandoffFactory = (handoff) => {
    generations.push(handoff.generation);
    return note(handoff);
  };
  const server = await startTestServer(context, { furtherHandoffs: [further] });
  await makeStandby(server, "base");
  await server.call("POST", "/instances/base/fork", { body: { name: "child", target_state: "Paused" } });
  assert.deepEqual(steps.splice(0), ["preflight child: 2 mailboxes", "prepare 96 MB"]);
  const answer = await server.call("POST", "/instances/child/resume");
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(steps, ["preflight child: 2 mailboxes", "prepare 96 MB", "afterResume running"]);
  assert.equal(new Set(generations).size, 2);
});

for (const fails of ["preflight", "prepare", "afterResume"] as const) {
  test(`whichever handoff fails at ${fails}, one teardown leaves nothing`, async (context) => {
    const server = await startTestServer(context, { furtherHandoffs: [noting([], fails)] });
    await makeStandby(server, "base");
    const before = await belongings(server);
    const answer = await server.call("POST", "/instances/base/fork", {
      body: { name: "child", target_state: "Running" },
    });
    expectError(answer, 502, "ack_failed");
    assert.deepEqual(await belongings(server), before);
  });
}
