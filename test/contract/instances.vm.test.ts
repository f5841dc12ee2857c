import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConflictError } from "@onkernel/hypeman";
import { expectRefused } from "./expect.ts";
import { shell } from "../vm/guests.ts";
import { startServer } from "../vm/harness.ts";
import { killProcess, processesIn } from "../vm/host.ts";
import { connectClient } from "./harness.ts";
import { contractOnVm } from "./vm-harness.ts";

contractOnVm(
  [
    "instances.create",
    "instances.get",
    "instances.wait",
    "instances.standby",
    "instances.fork",
    "instances.restore",
    "instances.stop",
    "instances.start",
    "instances.delete",
  ],
  "a real VM's whole life",
  async ({ client }) => {
    const made = await client.instances.create({
      name: "base",
      image: "ramet/base",
      size: "128MB",
      cmd: ["sleep", "1000000"],
    });
    assert.equal(made.state, "Initializing");
    const waited = await client.instances.wait(made.id, { state: "Running", timeout: "2m" });
    assert.deepEqual([waited.state, waited.timed_out], ["Running", false]);
    const ofRunning = await client.instances.fork(made.id, { name: "of-running", from_running: true });
    assert.equal(ofRunning.state, "Running");
    await client.instances.delete(ofRunning.id);

    const standby = await client.instances.standby(made.id);
    assert.deepEqual([standby.state, standby.has_snapshot], ["Standby", true]);
    const sleeper = await client.instances.fork(made.id, { name: "sleeper" });
    assert.deepEqual([sleeper.state, sleeper.has_snapshot], ["Standby", true]);
    const disk = await client.instances.fork(made.id, { name: "disk", target_state: "Stopped" });
    assert.equal(disk.state, "Stopped");

    assert.equal((await client.instances.restore(made.id)).state, "Running");
    await client.instances.delete(made.id);
    // What was forked owns all it needs: its parent is gone.
    assert.equal((await client.instances.restore(sleeper.id)).state, "Running");
    const stopped = await client.instances.stop(sleeper.id);
    assert.deepEqual([stopped.state, stopped.has_snapshot], ["Stopped", false]);
    await expectRefused(client.instances.restore(sleeper.id), ConflictError, "invalid_state");
    assert.equal((await client.instances.start(disk.id, {})).state, "Initializing");
    assert.equal((await client.instances.wait(disk.id, { state: "Running", timeout: "2m" })).state, "Running");
    const phases = (await client.instances.get(disk.id)).phase_durations_ms ?? {};
    assert.ok((phases["stopped"] ?? 0) > 0 && (phases["initializing"] ?? 0) > 0);
    for (const { id } of await client.instances.list()) await client.instances.delete(id, { graceful_shutdown: true });
    assert.deepEqual(await client.instances.list(), []);
  },
);

contractOnVm(
  ["instances.create", "instances.fork"],
  "without a network there is no card, and children are the same",
  async ({ client, server }) => {
    const { id } = await client.instances.create({
      name: "island",
      image: "ramet/base",
      size: "128MB",
      cmd: ["sleep", "1000000"],
      network: { enabled: false },
    });
    assert.equal((await client.instances.wait(id, { state: "Running", timeout: "2m" })).state, "Running");
    await client.instances.standby(id);
    const child = await client.instances.fork(id, { name: "islet", target_state: "Running" });
    assert.deepEqual([child.state, child.network?.enabled], ["Running", false]);
    const seen = await shell(server, child.id, "ls /sys/class/net; hostname");
    assert.deepEqual(seen.split("\n"), ["lo", "islet"]);
  },
);

contractOnVm(
  ["instances.create", "instances.get"],
  "a restart policy and an expiry outlive the server",
  async ({ client, server, context }) => {
    const common = { image: "ramet/base", size: "128MB", cmd: ["sleep", "1000000"] };
    const made = await client.instances.create({
      name: "phoenix",
      ...common,
      restart_policy: { policy: "on_failure", backoff: "100ms" },
    });
    assert.equal((await client.instances.wait(made.id, { state: "Running", timeout: "2m" })).state, "Running");
    assert.equal((await client.instances.get(made.id)).restart_policy?.policy, "on_failure");
    const mayfly = await client.instances.create({ name: "mayfly", ...common, ttl: "1h" });
    await client.instances.stop(mayfly.id);
    await server.kill();
    // Nobody sees either: the machine's end, or that the time is over.
    processesIn(join(server.dataDir, "instances")).forEach(killProcess);
    const database = new DatabaseSync(join(server.dataDir, "ramet.db"));
    database.prepare("update instances set expires_at_ms = 1 where id = ?").run(mayfly.id);
    database.close();

    const next = await startServer(context, server.dataDir);
    const later = connectClient(next, []);
    const deadline = AbortSignal.timeout(60_000);
    for (;;) {
      deadline.throwIfAborted();
      const { state, restart_status: status } = await later.instances.get(made.id);
      if (state === "Running" && status?.attempts === 1) break;
      await later.instances.wait(made.id, { state: "Running", timeout: "10s" });
    }
    while ((await later.instances.list()).some(({ id }) => id === mayfly.id)) deadline.throwIfAborted();
  },
);
