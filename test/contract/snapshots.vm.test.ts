/** Snapshots of a real VM, by the official client alone. */
import assert from "node:assert/strict";
import Hypeman from "@onkernel/hypeman";
import { contractOnVm } from "./vm-harness.ts";

/** Counts for ever, so that what was captured shows in the log. */
const cmd = ["/bin/sh", "-c", "i=0; while :; do echo count $i; i=$((i+1)); sleep 0.1; done"];

contractOnVm(
  [
    "instances.snapshots.create",
    "instances.snapshots.restore",
    "snapshots.list",
    "snapshots.get",
    "snapshots.fork",
    "snapshots.delete",
  ],
  "a running VM is captured, forked, brought back and cleared away",
  async ({ client }) => {
    await client.instances.create({ name: "base", image: "ramet/base", size: "192MB", cmd });
    await reached(client, "base", "Running");
    const snapshot = await client.instances.snapshots.create("base", { kind: "Standby", name: "warm" });
    assert.deepEqual([snapshot.kind, snapshot.source_hypervisor], ["Standby", "qemu"]);
    assert.equal((await client.snapshots.get(snapshot.id)).name, "warm");
    assert.equal((await client.instances.get("base")).state, "Running");
    assert.deepEqual(
      (await client.snapshots.list({ name: "warm" })).map(({ id }) => id),
      [snapshot.id],
    );

    const running = await client.snapshots.fork(snapshot.id, { name: "running" });
    assert.equal(running.state, "Running");
    const asleep = await client.snapshots.fork(snapshot.id, { name: "asleep", target_state: "Standby" });
    assert.equal(asleep.state, "Standby");
    assert.equal((await client.instances.restore("asleep")).state, "Running");

    const back = await client.instances.snapshots.restore("warm", { id: "base", target_state: "Stopped" });
    assert.equal(back.state, "Stopped");
    const disk = await client.instances.snapshots.create("base", { kind: "Stopped" });
    assert.equal((await client.instances.snapshots.restore("warm", { id: "base" })).state, "Running");
    const booted = await client.instances.snapshots.restore(disk.id, { id: "base", target_state: "Running" });
    assert.ok(["Initializing", "Running"].includes(booted.state), booted.state);
    await reached(client, "base", "Running");

    await client.snapshots.delete(snapshot.id);
    await assert.rejects(client.snapshots.get(snapshot.id), Hypeman.NotFoundError);
    for (const name of ["base", "running", "asleep"]) await client.instances.delete(name);
    assert.deepEqual(await client.instances.list(), []);
  },
);

async function reached(client: Hypeman, id: string, state: "Running"): Promise<void> {
  await client.instances.wait(id, { state, timeout: "120s" });
  assert.equal((await client.instances.get(id)).state, state);
}
