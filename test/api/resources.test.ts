import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Check } from "typebox/value";
import { ResourcesAnswer } from "../../src/api/schemas/resources.ts";
import { HandClock } from "../fixtures/hand-clock.ts";
import { makeRunning, makeStandby, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

async function resources(server: TestServer): Promise<ResourcesAnswer> {
  const answer = await server.call("GET", "/resources");
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(ResourcesAnswer, answer.body), answer.text);
  return answer.body;
}

test("what runs takes processors and memory, what rests takes disk", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const empty = await resources(server);
  assert.deepEqual([empty.cpu.allocated, empty.memory.allocated, empty.allocations], [0, 0, []]);
  assert.equal(empty.cpu.capacity, availableParallelism());
  const running = await makeRunning(server, "running");
  await makeStandby(server, "asleep");
  await makeStopped(server, "stopped");
  clock.turnTo(clock.nowMs() + 60_000);
  const taken = await resources(server);
  assert.deepEqual([taken.cpu.allocated, taken.memory.allocated], [1, running.memory_bytes]);
  assert.deepEqual(
    Object.fromEntries(
      taken.allocations.map(({ instance_name, cpu, memory_bytes }) => [instance_name, [cpu, memory_bytes]]),
    ),
    { running: [1, running.memory_bytes], asleep: [0, 0], stopped: [0, 0] },
  );
  assert.ok(taken.disk_breakdown.memory_images_bytes > 0, "what rests has a memory image");
  const asleep = taken.allocations.find(({ instance_name }) => instance_name === "asleep");
  assert.ok((asleep?.disk_bytes ?? 0) > 0);
  for (const { capacity, effective_limit, allocated, available } of [taken.cpu, taken.memory, taken.disk]) {
    assert.ok(capacity > 0);
    assert.equal(effective_limit, capacity);
    assert.equal(available, Math.max(capacity - allocated, 0));
  }
  const parts = Object.values(taken.disk_breakdown).reduce((sum, bytes) => sum + bytes, 0);
  assert.equal(taken.disk.allocated, parts);
});
