import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  isRametError,
  RametApiError,
  RametClient,
  RametConnectionError,
  RametStateError,
} from "../../src/client/index.ts";
import { makeRunning, makeStandby, makeStopped, readLog, startTestServer, type TestServer } from "./helpers.ts";

async function start(context: TestContext): Promise<{ server: TestServer; ramet: RametClient }> {
  const server = await startTestServer(context);
  return { server, ramet: new RametClient({ baseUrl: server.url, token: server.token }) };
}

async function names(ramet: RametClient): Promise<string[]> {
  return (await ramet.instances()).map(({ name }) => name).toSorted();
}

/** What `node --expose-gc` gives. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
}

const image = { image: "ramet/base", memory: "96MB", cmd: ["work"] };

test("ramet/client is what package.json exports", async () => {
  assert.equal((await import("ramet/client")).RametClient, RametClient);
});

test("a payload's own text reaches the guest byte for byte, and an object as JSON.stringify writes it", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base", { FAKE_ARM: "job,cfg" });
  const text = '{"b":12345678901234567890,  "a":1.0, "2":"\\u00fc", "1":null}';
  await using child = await ramet.fork("base", { name: "child", mailbox: { job: text, cfg: { b: 1, a: [2] } } });
  assert.deepEqual(
    child.info.mailboxes.map(({ name, delivered }) => [name, delivered]),
    [
      ["job", true],
      ["cfg", true],
    ],
  );
  const log = await readLog(server, child.id);
  assert.ok(log.includes(`mail job: ${text}`), log.join("\n"));
  assert.ok(log.includes('mail cfg: {"b":1,"a":[2]}'), log.join("\n"));
});

test("children without names get the source's and something random; a name is numbered, a function is asked", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base");
  await using one = await ramet.fork("base");
  assert.match(one.name, /^base-[0-9a-f]{8}$/);
  await using two = await ramet.fork("base", { count: 2, name: "w" });
  assert.deepEqual(
    two.instances.map(({ name }) => name),
    ["w-0", "w-1"],
  );
  await using third = await ramet.fork("base", { count: 1, name: (index) => `third-${index}` });
  assert.equal([...third][0]?.name, "third-0");
});

test("an idempotency key needs names, and gives the first answer again", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base");
  await assert.rejects(ramet.fork("base", { count: 1, idempotency_key: "k" }), TypeError);
  const wish = { count: 2, name: "w", idempotency_key: "k" };
  const [first, again] = [await ramet.fork("base", wish), await ramet.fork("base", wish)];
  assert.deepEqual(
    again.instances.map(({ id }) => id),
    first.instances.map(({ id }) => id),
  );
});

test("children that are held go on with one call, and all are deleted at the end of the scope", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base");
  {
    await using held = await ramet.fork("base", {
      count: 3,
      target_state: "Paused",
      mailbox: (index) => ({ job: { shard: index } }),
      wait_for_ack: true,
    });
    assert.deepEqual(await Promise.all([...held].map(async (child) => (await child.get()).state)), [
      "Paused",
      "Paused",
      "Paused",
    ]);
    const { instances } = await held.resume();
    assert.ok(instances.every(({ error, mailboxes }) => error === null && mailboxes[0]?.acked === true));
    // Somebody else may be faster.
    await [...held][1]?.delete();
  }
  assert.deepEqual(await names(ramet), ["base"]);
});

test("mode each tells which children failed and keeps the others", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base");
  await using children = await ramet.fork("base", {
    count: 3,
    mode: "each",
    name: "w",
    mailbox: (index) => (index === 1 ? { nothing: {} } : { job: {} }),
  });
  assert.equal(children.length, 2);
  assert.deepEqual(
    children.failures.map(({ name, error }) => [name, error.code]),
    [["w-1", "mailbox_not_found"]],
  );
});

test("a running source is forked when asked, and says how long it stood still", async (context) => {
  const { server, ramet } = await start(context);
  await makeRunning(server, "base");
  await assert.rejects(ramet.fork("base"), (error) => error instanceof RametApiError && error.code === "invalid_state");
  await using child = await ramet.fork("base", { from_running: true });
  assert.ok(child.info.source_pause_ms !== null);
});

test("run gives a running instance, and deletes one whose start is not waited for", async (context) => {
  const { server, ramet } = await start(context);
  {
    await using vm = await ramet.run(image);
    assert.equal(vm.info.state, "Running");
    assert.match(vm.name, /^vm-[0-9a-f]{8}$/);
  }
  const leaving = new AbortController();
  const reason = new Error("enough");
  const leaves = new RametClient({
    baseUrl: server.url,
    token: server.token,
    fetch: (request, init) => {
      if (request instanceof Request && request.url.includes("/wait?")) leaving.abort(reason);
      return fetch(request, init);
    },
  });
  await assert.rejects(leaves.run(image, leaving.signal), reason);
  assert.deepEqual(await names(ramet), []);
});

test("wait ends when the time is over and when the instance rests elsewhere, with the instance as it is", async (context) => {
  const { server, ramet } = await start(context);
  await makeRunning(server, "base");
  const vm = await ramet.instance("base");
  const failure: unknown = await vm.wait("Standby", { timeoutMs: 1 }).catch((error: unknown) => error);
  assert.ok(failure instanceof RametStateError && failure.code === "timeout");
  await vm.standby();
  const rests: unknown = await vm.wait("Running").catch((error: unknown) => error);
  assert.ok(rests instanceof RametStateError && rests.code === "not_reached" && rests.instance.state === "Standby");
  assert.ok(isRametError(rests));
});

test("a snapshot is taken, forked, kept warm, restored and deleted through its object", async (context) => {
  const { server, ramet } = await start(context);
  await makeRunning(server, "base");
  const vm = await ramet.instance("base");
  const snapshot = await vm.snapshot("warm");
  assert.equal((await snapshot.setWarmSlots(1)).count, 1);
  assert.equal((await snapshot.warmSlots()).count, 1);
  await snapshot.setWarmSlots(0);
  await using child = await ramet.forkSnapshot("warm", { name: "child" });
  assert.equal((await child.lineage()).snapshot_id, snapshot.id);
  await using many = await snapshot.fork({ count: 2 });
  assert.equal(many.length, 2);
  assert.equal((await vm.restoreSnapshot("warm")).state, "Running");
  await snapshot.delete();
  assert.deepEqual(await ramet.snapshots(), []);
  await snapshot[Symbol.asyncDispose]();
});

test("a command's end, output and failures come through the object of an instance", async (context) => {
  const { ramet } = await start(context);
  await using vm = await ramet.run(image);
  const failed = await vm.output(["fail", "grüße"]);
  assert.deepEqual([failed.exitCode, failed.stdout, failed.stderr], [1, "", "grüße\n"]);
  await assert.rejects(vm.output(["nothing"]), RametApiError);
  await vm.stop({ graceMs: 0 });
  await assert.rejects(vm.output(["echo"]), (error) => error instanceof RametApiError && error.status === 409);
});

test("an abort throws the signal's reason, from a call, a wait, a stream and a command", async (context) => {
  const { ramet } = await start(context);
  await using vm = await ramet.run(image);
  const reason = new Error("enough");
  const gone = AbortSignal.abort(reason);
  await assert.rejects(ramet.instances({}, gone), reason);
  await assert.rejects(vm.wait("Standby", {}, gone), reason);
  await assert.rejects(vm.exec(["echo"], {}, gone), reason);
  await assert.rejects(vm.logs({}, gone).next(), reason);
  await assert.rejects(vm.events({ signal: gone }).next(), reason);
});

test("an abort ends a stream that is open, also when garbage was collected since", async (context) => {
  const { ramet } = await start(context);
  await using vm = await ramet.run(image);
  const enough = new AbortController();
  const isOpen = Promise.withResolvers<null>();
  const onOpen = (): void => {
    isOpen.resolve(null);
  };
  const events = ramet.events({ signal: enough.signal, onOpen }).next();
  const logs = vm.logs({ follow: true }, enough.signal);
  await Promise.all([logs.next(), logs.next(), isOpen.promise]);
  const nextLine = logs.next();
  collectGarbage();
  await new Promise(setImmediate);
  collectGarbage();
  const reason = new Error("enough");
  enough.abort(reason);
  await Promise.all([assert.rejects(events, reason), assert.rejects(nextLine, reason)]);
});

test("a line of a log is waited for, and is told apart from a log that ends and a time that is over", async (context) => {
  const { server, ramet } = await start(context);
  await makeStandby(server, "base", { FAKE_ARM: "job" });
  await using child = await ramet.fork("base", { name: "child", mailbox: { job: { shard: 7 } } });
  const [, shard] = await child.waitForLine(/^mail job: \{"shard":(\d+)/);
  assert.equal(shard, "7");
  const isState = (code: string, name: string) => (error: unknown) =>
    error instanceof RametStateError && error.code === code && error.instance.name === name;
  await assert.rejects(child.waitForLine(/never/, { timeoutMs: 50 }), isState("timeout", "child"));
  const reason = new Error("enough");
  await assert.rejects(child.waitForLine(/never/, {}, AbortSignal.abort(reason)), reason);
  const ended = child.waitForLine(/never/);
  await Promise.all([assert.rejects(ended, isState("not_reached", "child")), child.stop({ graceMs: 0 })]);
});

test("tags are found by what they hold, whatever characters that has", async (context) => {
  const { server, ramet } = await start(context);
  const tags = { "a&b=c": "1 + 1 = 2 & so on", grüße: "[x]" };
  await makeStopped(server, "tagged", { tags });
  await makeStopped(server, "other", { tags: { "a&b=c": "1" } });
  assert.deepEqual(
    (await ramet.instances({ tags })).map(({ name }) => name),
    ["tagged"],
  );
});

test("the server is looked for at each call until it is found", async (context) => {
  const { server } = await start(context);
  const dataDir = await mkdtemp(join(tmpdir(), "ramet-client-"));
  context.after(() => rm(dataDir, { recursive: true }));
  await writeFile(join(dataDir, "server.json"), "{}");
  const ramet = new RametClient({ dataDir, env: {} });
  const settings: unknown = await ramet.health().catch((error: unknown) => error);
  assert.ok(isRametError(settings) && settings.code === "settings");
  await writeFile(join(dataDir, "server.json"), JSON.stringify({ url: server.url }));
  await writeFile(join(dataDir, "token"), server.token);
  assert.equal((await ramet.capabilities()).hypervisors.length, 1);
});

test("an address without a server is a connection error, and no error quotes the token", async (context) => {
  const { server, ramet } = await start(context);
  const stranger = new RametClient({ baseUrl: server.url, token: "wrong-token-123" });
  const refused: unknown = await stranger.instances().catch((error: unknown) => error);
  assert.ok(refused instanceof RametApiError && refused.status === 401);
  assert.doesNotMatch(JSON.stringify(refused) + String(refused), /wrong-token/);
  await server.close();
  await assert.rejects(ramet.instances(), RametConnectionError);
});
