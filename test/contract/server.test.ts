import assert from "node:assert/strict";
import Hypeman from "@onkernel/hypeman";
import { makeStandby, makeStopped } from "../api/helpers.ts";
import { contract } from "./harness.ts";

contract("capabilities.get", "says what runs here, in the client's own shape", async ({ client }) => {
  const capabilities = await client.capabilities.get();
  assert.deepEqual(capabilities.default_runtime, { name: "fake", available: true });
  assert.ok(capabilities.runtimes.some(({ name, features }) => name === "fake" && features.includes("standby")));
  assert.equal(capabilities.host.os, "linux");
  assert.ok(capabilities.images.platforms.includes(capabilities.images.default_platform));
  assert.equal(capabilities.network.model, "nat");
  assert.ok(!capabilities.features.includes("builds"), "it names nothing that is not there");
});

contract("resources.get", "adds up what there is and who has it", async ({ client, server }) => {
  await makeStopped(server, "base");
  const { cpu, memory, disk, network, disk_breakdown, allocations, gpu } = await client.resources.get();
  for (const status of [cpu, memory, disk, network]) {
    assert.equal(status.effective_limit, status.capacity * status.oversub_ratio);
    assert.ok(status.available >= 0);
  }
  assert.ok(cpu.capacity >= 1 && memory.capacity > 0 && disk.capacity > 0);
  assert.equal(typeof disk_breakdown?.volumes_bytes, "number");
  assert.deepEqual(
    allocations.map(({ instance_name, cpu: processors }) => [instance_name, processors]),
    [["base", 0]],
  );
  assert.equal(gpu, null);
});

contract(
  ["instances.autoStandby.status", "instances.autoStandby.hold"],
  "says that no instance goes to standby by itself",
  async ({ client, server }) => {
    await makeStopped(server, "base");
    const status = await client.instances.autoStandby.status("base");
    assert.deepEqual([status.supported, status.status, status.reason], [false, "unsupported", "unsupported_platform"]);
    assert.deepEqual(await client.instances.autoStandby.hold("base"), status);
    await makeStandby(server, "asleep");
    await assert.rejects(client.instances.autoStandby.hold("asleep"), Hypeman.ConflictError);
  },
);
