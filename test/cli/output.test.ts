import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { instance as base } from "./an-instance.ts";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

const starting = { ...base, state: "Initializing" };

const bodyOf = (run: { readonly seen: readonly { readonly body: string }[] }): unknown =>
  JSON.parse(run.seen[0]?.body ?? "");

test("run prints the id alone on stdout once the instance runs", async (t) => {
  const server = await startScriptedServer(t, {
    "POST /instances": { status: 201, body: starting },
    "GET /instances/a1b2c3d4e5/wait?state=Running&timeout=60000ms": {
      status: 200,
      body: { instance: base, reached: true },
    },
  });
  const words = [
    "run",
    "--url",
    server.url,
    "--name",
    "base",
    "--memory",
    "256MB",
    "-e",
    "A=b=c",
    "-e",
    "SECRET",
    "--tag",
    "k=v",
    "ramet/base",
  ];
  const run = await ramet([...words, "--", "sh", "-c", "exit 0"], { env: { SECRET: "s3cret", RAMET_TOKEN: "t0ken" } });
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, "a1b2c3d4e5\n"]);
  assert.deepEqual(bodyOf(server), {
    name: "base",
    image: "ramet/base",
    memory: "256MB",
    env: { A: "b=c", SECRET: "s3cret" },
    cmd: ["sh", "-c", "exit 0"],
    tags: { k: "v" },
  });
  assert.equal(server.seen[0]?.authorization, "Bearer t0ken");
  assert.match(run.stderr, /starting base …\nstarting base: .*\nbase is Running\n$/);
});

test("run fails with the reason when the workload ends at once with an error", async (t) => {
  const exit = { exit_code: 127, signal: null, reason: "no such program" };
  const stopped = { ...base, state: "Stopped", exit };
  const server = await startScriptedServer(t, {
    "POST /instances": { status: 201, body: starting },
    "GET /instances/a1b2c3d4e5/wait?state=Running&timeout=60000ms": {
      status: 200,
      body: { instance: stopped, reached: false },
    },
  });
  const run = await ramet(["run", "--url", server.url, "--name", "base", "ramet/base"]);
  assert.deepEqual([run.exitCode, run.stdout.length], [1, 0]);
  assert.match(
    run.stderr,
    /base is Stopped, not Running, its workload ended with code 127: no such program \(not_running\)\nsee its console: ramet logs base\n$/,
  );
});

test("ps prints a table, ids with -q, the server's own JSON with --json, and passes filters on", async (t) => {
  const child = { ...base, id: "f6", name: "worker-1", parent_id: "a1b2c3d4e5" };
  const server = await startScriptedServer(t, {
    "GET /instances": { status: 200, body: [base, child] },
    "GET /instances?state=Standby&tags%5Bteam%5D=a": { status: 200, body: [] },
  });
  const table = await ramet(["ps", "--url", server.url]);
  assert.match(
    table.stdout.toString(),
    /^NAME +ID +STATE .*PARENT\nbase +a1b2c3d4e5 +Running .*\nworker-1 +f6 .* base\n$/,
  );
  assert.equal((await ramet(["ps", "-q", "--url", server.url])).stdout.toString(), "a1b2c3d4e5\nf6\n");
  assert.deepEqual(JSON.parse((await ramet(["--json", "--url", server.url, "ps"])).stdout.toString()), [base, child]);
  assert.equal((await ramet(["ps", "-q", "--state", "Standby", "--tag", "team=a", "--url", server.url])).exitCode, 0);
});

test("get prints a command line that a shell reads back", async (t) => {
  const server = await startScriptedServer(t, { "GET /instances/base": { status: 200, body: base } });
  const run = await ramet(["get", "base", "--url", server.url]);
  assert.match(run.stdout.toString(), /^command: +sh -c 'echo it'\\''s'$/m);
});

test("fork sends a payload byte for byte, and finds address and token in the data directory", async (t) => {
  const mailboxes = [{ name: "job", delivered: true, acked: true, ack_ms: 12.3 }];
  const child = {
    ...base,
    id: "f6",
    name: "worker-1",
    mailboxes,
    timings_ms: { restore: 41.2 },
    start: "cold",
    source_pause_ms: null,
  };
  const server = await startScriptedServer(t, { "POST /instances/base/fork": { status: 201, body: child } });
  const directory = mkdtempSync(join(tmpdir(), "ramet-cli-"));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  writeFileSync(join(directory, "server.json"), JSON.stringify({ url: server.url, pid: 1 }));
  writeFileSync(join(directory, "token"), "secret-token\n");
  const run = await ramet(
    ["fork", "base", "--data-dir", directory, "--name", "worker-1", "--mailbox", "job=@-", "--wait-ack"],
    {
      stdin: '{"b":12345678901234567890, "a":"grüße"}\n',
    },
  );
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, "f6\n"]);
  assert.equal(
    server.seen[0]?.body,
    '{"name":"worker-1","target_state":"Running","mailboxes":[{"name":"job","payload":{"b":12345678901234567890, "a":"grüße"},"wait_for_ack":true}]}',
  );
  assert.equal(server.seen[0].authorization, "Bearer secret-token");
  assert.match(run.stderr, /worker-1 is Running: restore 41 ms\nmailbox job: delivered, acknowledged after 12 ms\n$/);
  assert.doesNotMatch(run.stderr, /secret-token|12345678901234567890/);
});

test("fork with --keep-on-ack-timeout prints the id of the child that stayed silent, and ends with 6", async (t) => {
  const mailboxes = [{ name: "job", delivered: true, acked: false, ack_ms: null }];
  const child = { ...base, id: "f6", name: "c", mailboxes, timings_ms: {}, start: "cold", source_pause_ms: null };
  const server = await startScriptedServer(t, { "POST /instances/base/fork": { status: 201, body: child } });
  const run = await ramet([
    "fork",
    "base",
    "--url",
    server.url,
    "--name",
    "c",
    "--mailbox",
    "job={}",
    "--wait-ack",
    "--keep-on-ack-timeout",
  ]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [6, "f6\n"]);
  assert.match(run.stderr, /NOT acknowledged/);
});

test("rm removes what it can and ends with the first refusal's code", async (t) => {
  const server = await startScriptedServer(t, {
    "DELETE /instances/a": { status: 204 },
    "DELETE /instances/b": { status: 409, body: { code: "instance_busy", message: "busy" } },
    "DELETE /instances/c": { status: 204 },
  });
  const run = await ramet(["rm", "--json", "--url", server.url, "a", "b", "c"]);
  assert.equal(run.exitCode, 5);
  assert.deepEqual(JSON.parse(run.stdout.toString()), {
    removed: ["a", "c"],
    failed: [{ reference: "b", code: "instance_busy", message: "busy" }],
  });
});

test("logs prints the lines of the stream, and reports an error that comes in its middle", async (t) => {
  const lines = ': lines follow\n\ndata: "one"\n\ndata: ""\n\ndata: "grüße"\n\n';
  const failed = `${lines}event: error\ndata: {"code":"not_found","message":"base was deleted"}\n\n`;
  const server = await startScriptedServer(t, {
    "GET /instances/base/logs?tail=3": { status: 200, body: lines, contentType: "text/event-stream" },
    "GET /instances/base/logs?follow=true": { status: 200, body: failed, contentType: "text/event-stream" },
  });
  const whole = await ramet(["logs", "base", "--tail", "3", "--url", server.url]);
  assert.deepEqual([whole.exitCode, whole.stdout.toString()], [0, "one\n\ngrüße\n"]);
  const asJson = await ramet(["logs", "base", "--tail", "3", "--url", server.url, "--json"]);
  assert.deepEqual(JSON.parse(asJson.stdout.toString()), ["one", "", "grüße"]);
  const cut = await ramet(["logs", "base", "-f", "--url", server.url]);
  assert.deepEqual([cut.exitCode, cut.stdout.toString()], [4, "one\n\ngrüße\n"]);
  assert.match(cut.stderr, /base was deleted \(not_found\)/);
});
