/** What the official client does with a running instance's guest, on the fake driver. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ConflictError, NotFoundError } from "@onkernel/hypeman";
import { cpFromInstance, cpToInstance } from "@onkernel/hypeman/lib/index.mjs";
import { makeRunning, makeStopped, type TestServer } from "../api/helpers.ts";
import { contract } from "./harness.ts";
import { describeTree, openHypemanExec, readUntil, treeBecomes } from "./streams.ts";

contract("instances.logs", "gives each line as a string, whatever is in it", async ({ client, server }) => {
  await makeRunning(server, "base", { FAKE_ARM: "job" });
  await server.call("POST", "/instances/base/standby");
  const payload = '{"text":"a\\r\\u0000 \\"b\\" \\\\ data: {}"}';
  const body = `{"name":"child","mailboxes":[{"name":"job","payload":${payload}}]}`;
  assert.equal((await server.call("POST", "/instances/base/fork", { text: body })).status, 201);
  const lines: string[] = [];
  for await (const line of await client.instances.logs("child")) lines.push(line);
  assert.ok(lines.includes(`mail job: ${payload}`), lines.join("\n"));
  const last: string[] = [];
  for await (const line of await client.instances.logs("child", { tail: 1 })) last.push(line);
  assert.deepEqual(last, lines.slice(-1));
});

contract("instances.logs", "tells what was done to an instance, and goes on telling", async ({ client, server }) => {
  await makeRunning(server, "base");
  const told = await client.instances.logs("base", { source: "hypeman", follow: true });
  const standby = server.call("POST", "/instances/base/standby");
  const lines = await readUntil(told, (line) => (JSON.parse(line) as { operation: string }).operation === "standby");
  const requestId = (await standby).headers.get("x-request-id");
  const operations = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const names = operations.map(({ operation, to }) => (operation === "state" ? `state ${String(to)}` : operation));
  assert.deepEqual(names, ["create", "state Running", "state Paused", "state Standby", "standby"]);
  const { outcome, request_id, phases_ms } = operations.at(-1) ?? {};
  assert.deepEqual([outcome, request_id], ["ok", requestId]);
  assert.equal(typeof (phases_ms as Record<string, unknown>)["total"], "number");
});

contract("instances.logs", "refuses a log of nobody as not found", async ({ client, server }) => {
  await makeStopped(server, "base");
  for await (const line of await client.instances.logs("base", { source: "vmm" })) assert.equal(typeof line, "string");
  await assert.rejects(client.instances.logs("nobody"), NotFoundError);
});

contract(
  ["instances.stat", "lib.cpToInstance", "lib.cpFromInstance"],
  "a tree goes into a guest and comes out again as it was",
  async ({ client, server, context, saw }) => {
    await makeRunning(server, "base");
    const directory = temporaryDirectory(context);
    const root = join(directory, "in");
    mkdirSync(join(root, "sub/empty"), { recursive: true, mode: 0o755 });
    writeFileSync(join(root, "sub/file"), "content", { mode: 0o600 });
    writeFileSync(join(root, "object.json"), '{"type":"end","final":true}', { mode: 0o644 });
    writeFileSync(join(root, "array.json"), "[[1]]", { mode: 0o644 });
    writeFileSync(join(root, "empty"), "", { mode: 0o755 });
    writeFileSync(join(root, "large"), Buffer.alloc(3 << 20, "0123456789abcdef\n"), { mode: 0o640 });
    await cpToInstance(copyingOf(server), { instanceId: "base", srcPath: root, dstPath: "/data/tree" });
    saw("lib.cpToInstance", 101);
    const { exists, is_file, mode, size } = await client.instances.stat("base", { path: "/data/tree/sub/file" });
    assert.deepEqual([exists, is_file, mode, size], [true, true, 0o600, 7]);
    assert.equal((await client.instances.stat("base", { path: "/data/tree/sub" })).is_dir, true);
    assert.equal((await client.instances.stat("base", { path: "/nothing" })).exists, false);
    await runProgram(server, ["link", "sub/file", "/data/tree/link"]);
    const out = { instanceId: "base", srcPath: "/data/tree", dstPath: join(directory, "out") };
    await cpFromInstance(copyingOf(server), out);
    saw("lib.cpFromInstance", 101);
    await treeBecomes(join(directory, "out/tree"), { ...describeTree(root), link: "link to sub/file" }, context.signal);
    assert.equal((await client.instances.stat("base", { path: "/data/tree/link" })).link_target, "sub/file");
    const followed = await client.instances.stat("base", { path: "/data/tree/link", follow_links: true });
    assert.deepEqual([followed.is_symlink, followed.is_file], [false, true]);
    await cpFromInstance(copyingOf(server), { ...out, srcPath: "/data/tree/link", followLinks: true });
    assert.equal(readFileSync(join(directory, "out/link"), "utf8"), "content");
  },
);

contract(
  ["lib.cpToInstance", "lib.cpFromInstance"],
  "a mode can be given, times come along, and what cannot be copied is said",
  async ({ server, context, saw }) => {
    await makeRunning(server, "base");
    const directory = temporaryDirectory(context);
    writeFileSync(join(directory, "file"), "content", { mode: 0o644 });
    const file = { instanceId: "base", srcPath: join(directory, "file") };
    await cpToInstance(copyingOf(server), { ...file, dstPath: "/file", mode: 0o755 });
    saw("lib.cpToInstance", 101);
    await runProgram(server, ["link", "/file", "/link"]);
    await cpFromInstance(copyingOf(server), { instanceId: "base", srcPath: "/file", dstPath: join(directory, "out") });
    saw("lib.cpFromInstance", 101);
    assert.equal(statSync(join(directory, "out/file")).mode & 0o777, 0o755);
    await assert.rejects(
      cpToInstance(copyingOf(server), { ...file, dstPath: "/full/file" }),
      /No space left on device/,
    );
    const nothing = { instanceId: "base", srcPath: "/nothing", dstPath: join(directory, "out") };
    await assert.rejects(cpFromInstance(copyingOf(server), nothing), /Copy error at \/nothing: .*No such file/);
    await makeStopped(server, "stopped");
    await assert.rejects(cpToInstance(copyingOf(server), { ...file, instanceId: "stopped", dstPath: "/file" }), /409/);
    await assert.rejects(cpToInstance({ ...copyingOf(server), apiKey: "wrong" }, { ...file, dstPath: "/x" }), /401/);
  },
);

contract("instances.stat", "refuses a guest that does not run as a conflict", async ({ client, server }) => {
  await makeStopped(server, "stopped");
  await assert.rejects(client.instances.stat("stopped", { path: "/" }), ConflictError);
  await makeRunning(server, "base");
  assert.equal((await client.instances.stat("base", { path: "/" })).is_dir, true);
});

contract("instances.stats", "answers in any state, with zeros when nothing runs", async ({ client, server }) => {
  const { id } = await makeStopped(server, "stopped");
  const stats = await client.instances.stats("stopped");
  const { instance_id, instance_name, cpu_seconds, memory_rss_bytes, network_rx_bytes, network_tx_bytes } = stats;
  assert.deepEqual([instance_id, instance_name], [id, "stopped"]);
  assert.deepEqual([cpu_seconds, memory_rss_bytes, network_rx_bytes, network_tx_bytes], [0, 0, 0, 0]);
  assert.deepEqual([stats.allocated_vcpus, stats.allocated_memory_bytes], [1, 96 << 20]);
  await makeRunning(server, "base");
  assert.equal((await client.instances.stats("base")).instance_name, "base");
  await assert.rejects(client.instances.stats("nobody"), NotFoundError);
});

contract("exec", "runs a program as Hypeman's command line asks for it", async ({ server, saw }) => {
  await makeRunning(server, "base");
  const plain = await openHypemanExec(server, "base", { command: ["echo", "wörld"], tty: false, env: { A: "b" } });
  assert.deepEqual(await plain.ended, { output: "wörld\n", texts: ['{"exitCode":0}'], closeCode: 1000 });
  const failing = await openHypemanExec(server, "base", { command: ["fail", "oh"], tty: false, timeout: 0, cwd: "" });
  assert.deepEqual(await failing.ended, { output: "oh\n", texts: ['{"exitCode":1}'], closeCode: 1000 });
  const missing = await openHypemanExec(server, "base", { command: ["no-such-program"], tty: false });
  const { output, texts, closeCode } = await missing.ended;
  assert.match(output, /^Error: .*no-such-program.*\r\n$/);
  assert.deepEqual([texts, closeCode], [['{"exitCode":127}'], 1000]);
  const late = await openHypemanExec(server, "base", { command: ["sleep", "600"], tty: false, timeout: 1 });
  assert.deepEqual((await late.ended).texts, ['{"exitCode":124}']);
  saw("exec", 101);
});

contract("exec", "without a command it is a shell, and text frames are input", async ({ server, saw }) => {
  await makeRunning(server, "base");
  const start = { command: null, tty: true, rows: 24, cols: 80, wait_for_agent: 5 };
  const shell = await openHypemanExec(server, "base", start);
  const output = new Promise<string>((resolve) => {
    let all = "";
    shell.socket.on("message", (data: Buffer) => {
      all += data.toString();
      if (all.length >= 14) resolve(all);
    });
  });
  shell.socket.send('{"resize":{"rows":30,"cols":100}}');
  shell.socket.send("typed ");
  shell.socket.send(Buffer.from("binary\n"));
  shell.socket.send("{");
  // The size of the terminal is no input; everything else is.
  assert.equal(await output, "typed binary\n{");
  shell.socket.close();
  await shell.ended;
  saw("exec", 101);
});

function copyingOf({ url, token }: TestServer): { baseURL: string; apiKey: string } {
  return { baseURL: url, apiKey: token };
}

async function runProgram(server: TestServer, command: readonly string[]): Promise<void> {
  const { ended } = await openHypemanExec(server, "base", { command, tty: false });
  assert.deepEqual((await ended).texts, ['{"exitCode":0}']);
}

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-copy-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}
