/** Verbs against a whole server over the fake driver. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instance } from "../../src/client/shapes.ts";
import { makeRunning, makeStandby, startTestServer } from "../api/helpers.ts";
import { type InProcessRun, rametHere } from "./in-process.ts";

test("update, volume, resources, audit and top do what the server offers", async (t) => {
  const server = await startTestServer(t);
  await makeStandby(server, "base");
  await makeRunning(server, "busy");
  const env = { RAMET_URL: server.url, RAMET_TOKEN: server.token };
  const run = async (...words: string[]): Promise<InProcessRun> => {
    const done = await rametHere(words, env);
    assert.equal(done.exitCode, 0, `${words.join(" ")}: ${done.stderr}`);
    return done;
  };
  const table = async (...words: string[]): Promise<string[]> => (await run(...words)).stdout.trimEnd().split("\n");

  const updated = JSON.parse((await run("update", "base", "--ttl", "2h", "-e", "A=1", "--json")).stdout) as {
    expires_at: string | null;
    env: Record<string, string>;
  };
  assert.ok(updated.expires_at !== null && updated.env["A"] === "1");
  assert.equal((await rametHere(["update", "base"], env)).exitCode, 2);

  const [id = ""] = await table("volume", "create", "corpus", "--size", "1", "--tag", "team=a");
  assert.deepEqual(await table("volume", "ls", "-q", "--tag", "team=a"), [id]);
  assert.match((await table("volume", "ls"))[1] ?? "", /^corpus +\S+ +1 GB +/);
  assert.match((await run("volume", "get", "corpus")).stdout, /^tags: +team=a$/m);
  const mount = ["--overlay-size", "500MB", "-v", "corpus:/mnt/corpus:overlay=200MB"];
  const made = JSON.parse(
    (await run("create", "--name", "disks", ...mount, "ramet/base", "--json")).stdout,
  ) as Instance;
  assert.deepEqual([made.overlay_size, made.volumes[0]?.overlay_size], ["500MB", "200MB"]);
  assert.match((await run("get", "disks")).stdout, /^disk: +500MB$/m);
  await run("rm", "disks");
  assert.match((await run("volume", "rm", "corpus")).stderr, /removed corpus\n$/);
  const missing = await rametHere(["volume", "create", "x", "--size", "1", "--from", "/nothing"], env);
  assert.equal(missing.exitCode, 2);

  const resources = await table("resources");
  assert.match(resources[0] ?? "", /^RESOURCE +CAPACITY +ALLOCATED +AVAILABLE$/);
  assert.match(resources[1] ?? "", /^processors +\d+ +\d+ +-?\d+$/);

  await run("fork", "base", "--name", "child", "--mailbox", 'job={"secret":"s3cret"}', "-q");
  const audit = await run("audit", "--instance", "child");
  assert.match(audit.stdout, /^\S+ +\S+ +fork +child +base +job +ok$/m);
  const ofVolume = await table("audit", "--subject", "corpus");
  assert.match(ofVolume[1] ?? "", / delete_volume +volume corpus +ok$/);
  assert.equal(ofVolume.length, 3);
  const records = (await table("audit", "--limit", "2", "--format", "jsonl")).map((line) => JSON.parse(line) as object);
  assert.equal(records.length, 2);
  assert.doesNotMatch((await run("audit", "--json")).stdout, /s3cret/);

  const top = await table("top", "--once", "--interval", "1");
  assert.match(top[0] ?? "", /^NAME +STATE +CPU +MEMORY/);
  assert.deepEqual(
    top
      .slice(1)
      .map((line) => line.split(" ")[0])
      .toSorted(),
    ["busy", "child"],
  );
  const usages = await table("top", "--once", "--all", "--interval", "1", "--format", "jsonl");
  assert.equal(usages.length, 3);
});
