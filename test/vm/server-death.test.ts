import assert from "node:assert/strict";
import { existsSync, watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { boot, bootParent, fork, shell, waitForLine, waitForRunning } from "./guests.ts";
import { processesIn } from "./host.ts";
import { directoryOf, emptyInventory, makeDataDir, startServer, takeInventory } from "./harness.ts";

/** A counter in a process' memory; it says what it counted when it is asked by its mailbox. */
const workload = `
  mailbox arm job
  mailbox arm silent
  echo ready
  n=0
  while mailbox wait job > /dev/null; do n=$((n + 1)); echo "count: $n"; done`;

const job = { name: "job", payload: {} };

test("a server that was killed leaves nothing undone to the next one", async (t) => {
  const dataDir = await makeDataDir(t);
  const instances = join(dataDir, "instances");
  let ramet = await startServer(t, dataDir);
  await bootParent(ramet, "base", workload);
  await fork(ramet, "base", "runner", [job]);
  await waitForLine(ramet, "runner", /^count: 1$/);
  await fork(ramet, "base", "sleeper");
  await ramet.client.standby("sleeper");

  await t.test("machines run on without a server, and the next server takes them up", async () => {
    const machines = processesIn(await directoryOf(ramet, "runner"));
    assert.equal(machines.length, 1);
    const token = await readFile(join(dataDir, "token"), "utf8");
    await ramet.kill();
    assert.deepEqual(processesIn(instances), machines);
    ramet = await startServer(t, dataDir);
    await waitForRunning(ramet, "runner");
    assert.deepEqual(processesIn(instances), machines);
    assert.equal(await shell(ramet, "runner", "hostname"), "runner");
    assert.equal(await readFile(join(dataDir, "token"), "utf8"), token, "clients go on with the same token");
  });

  await t.test("a guest that gave way to others when its server died has its share again", async (context) => {
    const [pid] = processesIn(await directoryOf(ramet, "runner"));
    const session = `/proc/${String(pid)}/autogroup`;
    if (!existsSync(session)) {
      context.skip("this kernel groups no processes by session");
      return;
    }
    await ramet.kill();
    await writeFile(session, "10");
    assert.match(await readFile(session, "latin1"), / nice 10$/m);
    ramet = await startServer(t, dataDir);
    await waitForRunning(ramet, "runner");
    assert.match(await readFile(session, "latin1"), / nice 0$/m);
  });

  await t.test("an adopted machine goes to standby and is forked, with its memory", async () => {
    await ramet.client.standby("runner");
    await fork(ramet, "runner", "heir", [job]);
    await waitForLine(ramet, "heir", /^count: 2$/);
    await ramet.client.delete("heir");
    await ramet.client.restore("runner");
    assert.equal(await shell(ramet, "runner", "hostname"), "runner");
  });

  await t.test("what was in standby before is restored after", async () => {
    await ramet.client.restore("sleeper");
    assert.equal(await shell(ramet, "sleeper", "hostname"), "sleeper");
    await ramet.client.standby("sleeper");
  });

  await t.test("killed while an image is made whole: it can be made so again", async (context) => {
    const directory = await directoryOf(ramet, "sleeper");
    if (!existsSync(join(directory, "image/own-memory"))) {
      context.skip("this filesystem shares extents: images are always whole");
      return;
    }
    const before = await takeInventory(ramet);
    const begun = nextName(directory, "image.whole");
    const forked = failureOf(fork(ramet, "sleeper", "heir"));
    await begun;
    await ramet.kill();
    await forked;
    ramet = await startServer(t, dataDir);
    assert.deepEqual(await takeInventory(ramet), before);
    assert.equal(existsSync(join(directory, "image.whole")), false);
    await fork(ramet, "sleeper", "heir");
    assert.equal(existsSync(join(directory, "image/own-memory")), false);
    assert.equal(await shell(ramet, "heir", "hostname"), "heir");
    await ramet.client.delete("heir");
  });

  await t.test("killed while a fork waits for its ack: no child is left", async () => {
    const before = await takeInventory(ramet);
    const silent = { name: "silent", payload: {}, wait_for_ack: true, ack_timeout_ms: 30_000 };
    const created = nextName(instances);
    const forked = failureOf(fork(ramet, "base", "child", [job, silent]));
    await created;
    await waitForLine(ramet, "child", /^count: 1$/);
    await ramet.kill();
    await forked;
    assert.equal(processesIn(instances).length, before.processes.length + 1, "the half-made child outlives the server");
    ramet = await startServer(t, dataDir);
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test("killed when a child's directory has just been made: no child is left", async () => {
    const before = await takeInventory(ramet);
    const created = nextName(instances);
    const forked = failureOf(fork(ramet, "base", "child", [job]));
    await created;
    await ramet.kill();
    await forked;
    ramet = await startServer(t, dataDir);
    assert.deepEqual(await takeInventory(ramet), before);
    await fork(ramet, "base", "child", [job]);
    await waitForLine(ramet, "child", /^count: 1$/);
    await ramet.client.delete("child");
  });

  await t.test("killed in the middle of a standby: either running as before, or whole in standby", async () => {
    const directory = await directoryOf(ramet, "runner");
    const begun = nextName(directory, "image.making");
    const refused = failureOf(ramet.client.standby("runner"));
    await begun;
    await ramet.kill();
    await refused;
    ramet = await startServer(t, dataDir);
    const { instance } = await ramet.client.wait("runner", { state: "Running", timeoutMs: 60_000 });
    if (instance.state === "Standby") await ramet.client.restore("runner");
    assert.equal((await ramet.client.get("runner")).state, "Running");
    await ramet.client.standby("runner");
    await fork(ramet, "runner", "heir", [job]);
    await waitForLine(ramet, "heir", /^count: 2$/);
    await ramet.client.delete("heir");
    await ramet.client.restore("runner");
  });

  await t.test("killed when the image is whole: in standby", async () => {
    const directory = await directoryOf(ramet, "runner");
    const whole = nextName(directory, "image");
    const refused = failureOf(ramet.client.standby("runner"));
    await whole;
    await ramet.kill();
    await refused;
    ramet = await startServer(t, dataDir);
    assert.equal((await ramet.client.get("runner")).state, "Standby");
    assert.deepEqual(processesIn(directory), []);
    await fork(ramet, "runner", "heir", [job]);
    await waitForLine(ramet, "heir", /^count: 2$/);
    await ramet.client.delete("heir");
  });

  await t.test("killed while a guest boots: the next server sees it through", async () => {
    await ramet.client.create({ name: "booting", image: "ramet/base", memory: "128MB" });
    await ramet.kill();
    ramet = await startServer(t, dataDir);
    await waitForRunning(ramet, "booting");
    assert.equal(await shell(ramet, "booting", "hostname"), "booting");
  });

  await t.test("a machine that died meanwhile is stopped, and says so", async () => {
    const [pid] = processesIn(await directoryOf(ramet, "booting"));
    assert.ok(pid !== undefined);
    await ramet.kill();
    process.kill(pid, "SIGKILL");
    ramet = await startServer(t, dataDir);
    const { state, state_error: stateError } = await ramet.client.get("booting");
    assert.equal(state, "Stopped");
    assert.match(stateError ?? "", /ended while no server was running/);
  });

  await t.test("SIGTERM ends the server in order, with its machines", async () => {
    await boot(ramet, "last", "sleep 100000");
    assert.equal(await ramet.stop(), 0);
    assert.deepEqual(processesIn(instances), []);
    ramet = await startServer(t, dataDir);
    assert.equal((await ramet.client.get("last")).state, "Stopped");
  });

  await t.test("in the end everything can be deleted, and nothing is left", async () => {
    for (const { name } of await ramet.client.list()) await ramet.client.delete(name);
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
  });
});

/** The next entry that appears in a directory, or the next one of that name. */
async function nextName(directory: string, name?: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(30_000);
  signal.addEventListener("abort", () => {
    reject(new Error(`nothing new appeared in ${directory}`));
  });
  const watcher = watch(directory, (_event, entry) => {
    if (entry !== null && (name === undefined || entry === name)) resolve(entry);
  });
  return promise.finally(() => {
    watcher.close();
  });
}

/** A call whose server was killed fails; how far it had come is not told. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("the call succeeded although its server was killed"),
    (failure: unknown) => failure,
  );
}
