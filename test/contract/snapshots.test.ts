import assert from "node:assert/strict";
import Hypeman from "@onkernel/hypeman";
import { makeRunning, makeStandby, makeStopped } from "../api/helpers.ts";
import { contract } from "./harness.ts";

contract(
  ["instances.snapshots.create", "snapshots.get", "snapshots.list", "snapshots.delete"],
  "takes a snapshot of each kind, finds it, and deletes it",
  async ({ client, server }) => {
    const running = await makeRunning(server, "running");
    await makeStopped(server, "stopped");
    const request = { kind: "Standby", name: "warm", tags: { team: "search" } } as const;
    const warm = await client.instances.snapshots.create("running", request);
    const cold = await client.instances.snapshots.create("stopped", { kind: "Stopped" });
    assert.deepEqual(
      [warm.kind, warm.name, warm.source_instance_id, warm.source_instance_name, warm.compression_state],
      ["Standby", "warm", running.id, "running", "none"],
    );
    assert.equal(warm.uncompressed_size_bytes, running.memory_bytes);
    assert.ok(warm.size_bytes > 0 && !Number.isNaN(Date.parse(warm.created_at)));
    assert.equal((await client.snapshots.get(warm.id)).name, "warm");
    const ids = async (query: Hypeman.SnapshotListParams): Promise<string[]> =>
      (await client.snapshots.list(query)).map(({ id }) => id);
    assert.deepEqual(await ids({}), [warm.id, cold.id]);
    assert.deepEqual(await ids({ kind: "Stopped" }), [cold.id]);
    assert.deepEqual(await ids({ name: "warm", tags: { team: "search" } }), [warm.id]);
    assert.deepEqual(await ids({ source_instance_id: running.id }), [warm.id]);
    await assert.rejects(client.instances.snapshots.create("running", request), Hypeman.ConflictError);
    await assert.rejects(client.instances.snapshots.create("stopped", { kind: "Standby" }), Hypeman.ConflictError);
    const compressed = { kind: "Standby", compression: { enabled: true } } as const;
    await assert.rejects(client.instances.snapshots.create("running", compressed), /501/);
    await client.snapshots.delete(warm.id);
    await assert.rejects(client.snapshots.get(warm.id), Hypeman.NotFoundError);
  },
);

contract(
  "snapshots.fork",
  "makes an instance in every state that the kind has the parts for",
  async ({ client, server }) => {
    await makeStandby(server, "asleep");
    await makeStopped(server, "stopped");
    const warm = await client.instances.snapshots.create("asleep", { kind: "Standby" });
    const cold = await client.instances.snapshots.create("stopped", { kind: "Stopped" });
    const states: string[] = [];
    const wanted = ["Running", "Standby", "Stopped"] as const;
    states.push((await client.snapshots.fork(warm.id, { name: "warm-default" })).state);
    for (const target_state of wanted) {
      const child = await client.snapshots.fork(warm.id, { name: `warm-${target_state.toLowerCase()}`, target_state });
      states.push(child.state);
    }
    assert.deepEqual(states, ["Running", "Running", "Standby", "Stopped"]);
    assert.equal((await client.snapshots.fork(cold.id, { name: "cold-default" })).state, "Stopped");
    const booted = await client.snapshots.fork(cold.id, { name: "cold-running", target_state: "Running" });
    assert.ok(["Initializing", "Running"].includes(booted.state), booted.state);
    await assert.rejects(
      client.snapshots.fork(cold.id, { name: "cold-standby", target_state: "Standby" }),
      Hypeman.BadRequestError,
    );
    await assert.rejects(
      client.snapshots.fork(warm.id, { name: "elsewhere", target_hypervisor: "firecracker" }),
      Hypeman.BadRequestError,
    );
    await assert.rejects(
      client.snapshots.fork(cold.id, { name: "elsewhere", target_hypervisor: "firecracker" }),
      /501/,
    );
    await assert.rejects(client.snapshots.fork(warm.id, { name: "asleep" }), Hypeman.ConflictError);
    await assert.rejects(client.snapshots.fork("nothing", { name: "child" }), Hypeman.NotFoundError);
  },
);

contract(
  "instances.snapshots.restore",
  "brings an instance back, to the state it is asked for",
  async ({ client, server }) => {
    await makeStandby(server, "base");
    await makeStopped(server, "other");
    const { id: warm } = await client.instances.snapshots.create("base", { kind: "Standby" });
    const { id: cold } = await client.instances.snapshots.create("other", { kind: "Stopped" });
    const restored = await client.instances.snapshots.restore(warm, { id: "base" });
    assert.deepEqual([restored.name, restored.state], ["base", "Running"]);
    for (const target_state of ["Standby", "Stopped", "Running"] as const) {
      const { state } = await client.instances.snapshots.restore(warm, { id: "base", target_state });
      assert.equal(state, target_state);
    }
    assert.equal((await client.instances.snapshots.restore(cold, { id: "other" })).state, "Stopped");
    await assert.rejects(client.instances.snapshots.restore(cold, { id: "base" }), Hypeman.BadRequestError);
    const standby = { id: "other", target_state: "Standby" } as const;
    await assert.rejects(client.instances.snapshots.restore(cold, standby), Hypeman.BadRequestError);
  },
);

contract(
  ["instances.snapshotSchedule.update", "instances.snapshotSchedule.get", "instances.snapshotSchedule.delete"],
  "has snapshots taken by the calendar, until it is told to stop",
  async ({ client, server }) => {
    const { id } = await makeStopped(server, "base");
    const request = { interval: "24h", retention: { max_count: 7, max_age: "168h" }, name_prefix: "nightly" };
    const made = await client.instances.snapshotSchedule.update("base", { ...request, metadata: { team: "search" } });
    assert.deepEqual(
      [made.instance_id, made.interval, made.retention, made.name_prefix, made.metadata],
      [id, "24h", { max_count: 7, max_age: "168h" }, "nightly", { team: "search" }],
    );
    assert.ok(Date.parse(made.next_run_at) - Date.parse(made.created_at) >= 86_400_000);
    assert.deepEqual([made.last_run_at, made.last_snapshot_id, made.last_error], [null, null, null]);
    assert.deepEqual(await client.instances.snapshotSchedule.get("base"), made);
    const wrong = { interval: "24h", retention: {} };
    await assert.rejects(client.instances.snapshotSchedule.update("base", wrong), Hypeman.BadRequestError);
    await client.instances.snapshotSchedule.delete("base");
    await assert.rejects(client.instances.snapshotSchedule.get("base"), Hypeman.NotFoundError);
  },
);
