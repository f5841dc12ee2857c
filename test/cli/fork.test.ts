import assert from "node:assert/strict";
import { test } from "node:test";
import { instance } from "./an-instance.ts";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

const delivered = { name: "job", delivered: true, acked: true, ack_ms: 12.3 };
const forked = { mailboxes: [delivered], timings_ms: { restore: 41.2 }, start: "cold", source_pause_ms: null };

function child(name: string, more: object = {}): object {
  return { name, instance: { ...instance, id: `id-${name}`, name }, ...forked, error: null, ...more };
}

function answer(children: readonly object[]): { status: number; body: object } {
  return { status: 201, body: { children, timings_ms: { build: 41.2 }, source_pause_ms: null } };
}

test("fork --count sends one call with a number in each name and payload, and prints the ids in order", async (t) => {
  const server = await startScriptedServer(t, { "POST /instances/base/forks": answer([child("w-0"), child("w-1")]) });
  const words = ["fork", "base", "--url", server.url, "--name", "w-{index}", "--count", "2", "--wait-ack"];
  const run = await ramet([...words, "--mailbox", 'job={"shard":{index}}', "--mailbox", "cfg=@-"], {
    stdin: '{"index":"{index}"}',
  });
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, "id-w-0\nid-w-1\n"]);
  const mailboxes = (shard: number): string =>
    `[{"name":"job","payload":{"shard":${shard}},"wait_for_ack":true},{"name":"cfg","payload":{"index":"{index}"},"wait_for_ack":true}]`;
  assert.equal(
    server.seen[0]?.body,
    `{"children":[{"name":"w-0","target_state":"Running","mailboxes":${mailboxes(0)}},{"name":"w-1","target_state":"Running","mailboxes":${mailboxes(1)}}]}`,
  );
  assert.match(run.stderr, /^forking base: 2 children …\n.*\n2 of 2 children made: build 41 ms\n$/);
});

test("fork --each prints the ids of those that were made, says why another was not, and ends with its code", async (t) => {
  const error = { code: "mailbox_not_found", message: "there is no such mailbox" };
  const failed = { name: "w-0", instance: null, mailboxes: [], timings_ms: {}, start: null, error };
  const silent = child("w-1", { mailboxes: [{ ...delivered, acked: false, ack_ms: null }] });
  const server = await startScriptedServer(t, { "POST /instances/base/forks": answer([failed, silent]) });
  const words = ["fork", "base", "--url", server.url, "--name", "w-{index}", "--count", "2", "--each"];
  const run = await ramet([...words, "--idempotency-key", "k", "--from-running", "--paused"]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [5, "id-w-1\n"]);
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), {
    children: [
      { name: "w-0", target_state: "Paused" },
      { name: "w-1", target_state: "Paused" },
    ],
    mode: "each",
    idempotency_key: "k",
    from_running: true,
  });
  assert.match(run.stderr, /1 of 2 children made/);
  assert.match(run.stderr, /ramet: w-0: there is no such mailbox \(mailbox_not_found\)\n/);
  assert.match(run.stderr, /w-1: mailbox job: delivered, NOT acknowledged\n/);
});

test("fork of one is the call for one, {index} and all, unless its name is numbered", async (t) => {
  const one = { ...instance, ...forked, source_pause_ms: { pause: 1, total: 70 } };
  const server = await startScriptedServer(t, {
    "POST /instances/base/fork": { status: 201, body: one },
    "POST /instances/base/forks": answer([child("w-0")]),
  });
  const words = ["fork", "base", "--url", server.url, "--from-running", "--mailbox", 'job={"x":"{index}"}'];
  const single = await ramet([...words, "--name", "w"]);
  assert.deepEqual([single.exitCode, single.stdout.toString()], [0, `${instance.id}\n`]);
  assert.match(single.stderr, /base stood still: pause 1\.0 ms · total 70 ms\n/);
  assert.equal(
    server.seen[0]?.body,
    '{"name":"w","target_state":"Running","mailboxes":[{"name":"job","payload":{"x":"{index}"}}],"from_running":true}',
  );
  assert.equal((await ramet([...words, "--name", "w-{index}"])).stdout.toString(), "id-w-0\n");
  assert.deepEqual(
    server.seen.map(({ line }) => line),
    ["POST /instances/base/fork", "POST /instances/base/forks"],
  );
});

test("a snapshot is forked by either command", async (t) => {
  const server = await startScriptedServer(t, {
    "POST /snapshots/warm/fork": { status: 201, body: { ...instance, ...forked } },
    "POST /snapshots/warm/forks": answer([child("w-0")]),
  });
  const url = ["--url", server.url];
  assert.equal((await ramet(["fork", "warm", "--snapshot", "--name", "w", ...url])).exitCode, 0);
  assert.equal((await ramet(["snapshot", "fork", "warm", "--name", "w-{index}", ...url])).exitCode, 0);
  assert.deepEqual(
    server.seen.map(({ body }) => body),
    ['{"name":"w","target_state":"Running"}', '{"children":[{"name":"w-0","target_state":"Running"}]}'],
  );
});

const misuses: readonly (readonly [words: readonly string[], sentence: RegExp])[] = [
  [["--name", "w", "--count", "2"], /2 children need names of their own: --name 'w-\{index\}'/],
  [["--name", "w-{index}", "--count", "257"], /from 1 to 256/],
  [["--name", "w", "--paused", "--target-state", "Running"], /cannot be used with option/],
  [["--name", "w", "--snapshot", "--from-running"], /cannot be used with option/],
  [["--name", "w", "--mailbox", 'job={"shard":{index},"password":"hunter2"}'], /mailbox job is not valid JSON/],
];

for (const [words, sentence] of misuses) {
  test(`ramet fork base ${words.join(" ")} ends with 2`, async () => {
    const run = await ramet(["fork", "base", ...words]);
    assert.equal(run.exitCode, 2);
    assert.match(run.stderr, sentence);
    assert.doesNotMatch(run.stderr, /hunter2/);
  });
}
