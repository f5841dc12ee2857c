import assert from "node:assert/strict";
import type Hypeman from "@onkernel/hypeman";
import type { Instance } from "@onkernel/hypeman/resources/instances/instances.mjs";
import { HandClock } from "../fixtures/hand-clock.ts";
import { expectNotSupported } from "./expect.ts";
import { contract } from "./harness.ts";

const image = "ramet/base";

/** An instance whose guest runs. */
async function run(client: Hypeman, name: string, more: object = {}): Promise<Instance> {
  const made = await client.instances.create({ name, image, size: "96MB", cmd: ["work"], ...more });
  const { state, timed_out } = await client.instances.wait(made.id, { state: "Running", timeout: "30s" });
  assert.deepEqual([state, timed_out], ["Running", false]);
  return await client.instances.get(made.id);
}

contract(
  "instances.create",
  "makes and starts an instance, and answers all that Hypeman's type knows",
  async ({ client }) => {
    const made = await client.instances.create({
      name: "web",
      image,
      size: "128MB",
      vcpus: 2,
      overlay_size: "50GB",
      env: { LANG: "C" },
      cmd: ["work"],
      tags: { team: "search" },
      ttl: "1h30m",
      restart_policy: { policy: "on_failure", backoff: "5s", max_attempts: 3, stable_after: "10m" },
      platform: "linux/amd64",
    });
    assert.match(made.id, /^[a-z][a-z0-9]{23}$/);
    assert.deepEqual(
      [made.name, made.image, made.size, made.vcpus, made.overlay_size, made.platform, made.env, made.tags],
      ["web", image, "128MB", 2, "50GB", "linux/amd64", { LANG: "C" }, { team: "search" }],
    );
    assert.equal(made.state, "Initializing");
    assert.equal(Date.parse(made.expires_at ?? "") - Date.parse(made.created_at), 5_400_000);
    assert.deepEqual(made.restart_policy, {
      policy: "on_failure",
      backoff: "5s",
      max_attempts: 3,
      stable_after: "10m",
    });
    assert.deepEqual(made.restart_status?.attempts, 0);
    assert.deepEqual([made.has_snapshot, made.exit_code, made.volumes, made.state_error], [false, null, [], null]);
    const { network } = made;
    assert.deepEqual([network?.enabled, network?.name, network?.ip], [true, "default", "10.0.2.15"]);
    assert.match(network?.mac ?? "", /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
    assert.ok(Date.parse(made.started_at ?? "") >= Date.parse(made.created_at));
    assert.deepEqual([made.stopped_at, made.current_phase], [null, "initializing"]);
    assert.equal(typeof made.phase_durations_ms?.["initializing"], "number");
  },
  { server: { clock: new HandClock() } },
);

contract("instances.create", "takes fields that ask for nothing, as clients send them", async ({ client }) => {
  const made = await client.instances.create({
    name: "plain",
    image,
    hotplug_size: "0GB",
    disk_io_bps: "",
    devices: [],
    gpu: {},
    credentials: {},
    volumes: [],
    auto_standby: { enabled: false, idle_timeout: "10m" },
    health_check: { type: "none" },
    snapshot_policy: { compression: { enabled: false } },
    skip_guest_agent: false,
    skip_kernel_headers: true,
    ttl: "0s",
    network: { enabled: true, egress: { enabled: false }, bandwidth_download: "" },
  });
  assert.deepEqual([made.expires_at, made.network?.enabled, made.restart_policy], [null, true, undefined]);
});

/** Each field that cannot be served, asking for something. */
const unserved: Record<string, object> = {
  hypervisor: { hypervisor: "vz" },
  platform: { platform: "linux/riscv64" },
  hotplug_size: { hotplug_size: "3GB" },
  disk_io_bps: { disk_io_bps: "100MB/s" },
  devices: { devices: ["gpu-0"] },
  gpu: { gpu: { profile: "L40S-1Q" } },
  credentials: {
    credentials: { KEY: { source: { env: "REAL" }, inject: [{ as: { format: "${value}", header: "x" } }] } },
  },
  auto_standby: { auto_standby: { enabled: true, idle_timeout: "5m" } },
  health_check: { health_check: { type: "tcp", tcp: { port: 80 } } },
  compression: { snapshot_policy: { compression: { enabled: true, algorithm: "zstd", level: 1 } } },
  skip_guest_agent: { skip_guest_agent: true },
  "network.egress": { network: { egress: { enabled: true } } },
  "network.bandwidth_upload": { network: { bandwidth_upload: "1Gbps" } },
};

contract(
  "instances.create",
  "refuses what it cannot serve with a sentence that names the field, and makes nothing",
  async ({ client }) => {
    for (const [field, wish] of Object.entries(unserved)) {
      const message = await expectNotSupported(client.instances.create({ name: "x", image, ...wish }));
      assert.ok(message.includes(field), `${field}: ${message}`);
    }
    assert.deepEqual(await client.instances.list(), []);
    // The test itself is about one that succeeds.
    await client.instances.create({ name: "x", image });
  },
);

contract(
  "instances.create",
  "with network.enabled false gives a machine without a network",
  async ({ client, server }) => {
    const { id, network } = await run(client, "island", { network: { enabled: false } });
    assert.deepEqual([network?.enabled, network?.ip, network?.mac, network?.name], [false, null, null, undefined]);
    assert.equal(server.domain.store.get(id)?.spec.hasNetwork, false);
    await client.instances.standby(id);
    const child = await client.instances.fork(id, { name: "islet", target_state: "Running" });
    assert.deepEqual([child.state, child.network?.enabled], ["Running", false]);
    assert.equal((await client.instances.restore(id)).state, "Running");
  },
);

contract("instances.list", "filters by state and by all given tags", async ({ client }) => {
  await run(client, "a", { tags: { team: "search", env: "staging" } });
  const b = await client.instances.create({ name: "b", image, tags: { team: "search" } });
  await client.instances.stop(b.id);
  const names = async (query: object): Promise<string[]> =>
    (await client.instances.list(query)).map(({ name }) => name);
  assert.deepEqual(await names({}), ["a", "b"]);
  assert.deepEqual(await names({ state: "Stopped" }), ["b"]);
  assert.deepEqual(await names({ tags: { team: "search", env: "staging" } }), ["a"]);
  assert.deepEqual(await names({ state: "Created" }), []);
});

contract("instances.get", "gives an instance by id, name or unique prefix", async ({ client }) => {
  const { id } = await client.instances.create({ name: "web", image });
  for (const reference of [id, "web", id.slice(0, 8)]) assert.equal((await client.instances.get(reference)).id, id);
});

contract("instances.update", "changes environment, expiry and restart policy", async ({ client }) => {
  const { id } = await client.instances.create({ name: "web", image, env: { A: "1" } });
  const patched = await client.instances.update(id, {
    env: { B: "2" },
    ttl: "2h",
    restart_policy: { policy: "always" },
    auto_standby: { enabled: false },
  });
  assert.deepEqual(patched.env, { A: "1", B: "2" });
  assert.equal(patched.restart_policy?.policy, "always");
  assert.ok(Date.parse(patched.expires_at ?? "") > Date.now());
  assert.equal((await client.instances.update(id, { ttl: "0s" })).expires_at, null);
  const message = await expectNotSupported(client.instances.update(id, { health_check: { type: "exec" } }));
  assert.match(message, /health_check/);
});

contract("instances.delete", "ends an instance in any state, at once or gracefully", async ({ client, server }) => {
  const running = await run(client, "running");
  await client.instances.delete(running.id, { graceful_shutdown: true });
  const standby = await run(client, "standby");
  await client.instances.standby(standby.id);
  await client.instances.delete(standby.id);
  await client.instances.delete((await run(client, "forced")).id, { graceful_shutdown: false });
  assert.deepEqual(await client.instances.list(), []);
  assert.equal(server.driver.machineCount, 0);
});

contract(["instances.start", "instances.stop"], "are no-ops where they would change nothing", async ({ client }) => {
  const { id } = await run(client, "web");
  assert.equal((await client.instances.start(id, {})).state, "Running");
  const stopped = await client.instances.stop(id);
  assert.deepEqual([stopped.state, stopped.current_phase], ["Stopped", "stopped"]);
  assert.ok(Date.parse(stopped.stopped_at ?? "") >= Date.parse(stopped.started_at ?? ""));
  assert.equal((await client.instances.stop(id)).state, "Stopped");
  const started = await client.instances.start(id, { cmd: ["other"], entrypoint: ["/bin/sh"] });
  assert.equal(started.state, "Initializing");
  assert.equal((await client.instances.wait(id, { state: "Running" })).state, "Running");
});

contract(["instances.standby", "instances.restore"], "go there and back, and are no-ops there", async ({ client }) => {
  const { id } = await run(client, "web");
  const standby = await client.instances.standby(id, { compression: { enabled: false }, compression_delay: "30s" });
  assert.deepEqual([standby.state, standby.has_snapshot], ["Standby", true]);
  assert.equal((await client.instances.standby(id)).state, "Standby");
  const restored = await client.instances.restore(id);
  assert.deepEqual([restored.state, restored.has_snapshot], ["Running", false]);
  assert.equal((await client.instances.restore(id)).state, "Running");
  await expectNotSupported(client.instances.standby(id, { compression: { enabled: true, algorithm: "lz4" } }));
});

contract(
  "instances.fork",
  "gives a child in its source's state unless told, and in any that is asked for",
  async ({ client }) => {
    const { id } = await run(client, "base", { ttl: "1h", tags: { team: "search" } });
    const ofRunning = await client.instances.fork(id, { name: "of-running", from_running: true });
    assert.deepEqual([ofRunning.state, ofRunning.expires_at, ofRunning.tags], ["Running", null, { team: "search" }]);
    for (const target_state of ["Standby", "Stopped"] as const) {
      const name = `running-to-${target_state.toLowerCase()}`;
      assert.equal((await client.instances.fork(id, { name, from_running: true, target_state })).state, target_state);
    }
    await client.instances.standby(id);
    assert.equal((await client.instances.fork(id, { name: "of-standby" })).state, "Standby");
    const toRunning = await client.instances.fork(id, { name: "standby-to-running", target_state: "Running" });
    assert.equal(toRunning.state, "Running");
    const toStopped = await client.instances.fork(id, { name: "standby-to-stopped", target_state: "Stopped" });
    assert.equal(toStopped.state, "Stopped");
    assert.equal((await client.instances.fork(toStopped.id, { name: "of-stopped" })).state, "Stopped");
    const booted = await client.instances.fork(toStopped.id, { name: "stopped-to-running", target_state: "Running" });
    assert.equal((await client.instances.wait(booted.id, { state: "Running" })).state, "Running");
  },
);

contract(
  "instances.wait",
  "ends when the state is there, when another rests, and when the time is over",
  async ({ client }) => {
    const { id } = await run(client, "web");
    const there = await client.instances.wait(id, { state: "Running", timeout: "2m" });
    assert.deepEqual([there.state, there.timed_out, there.state_error], ["Running", false, null]);
    const late = await client.instances.wait(id, { state: "Standby", timeout: "10ms" });
    assert.deepEqual([late.state, late.timed_out], ["Running", true]);
    await client.instances.stop(id);
    const rests = await client.instances.wait(id, { state: "Running", timeout: "1h" });
    assert.deepEqual([rests.state, rests.timed_out], ["Stopped", false]);
  },
);
