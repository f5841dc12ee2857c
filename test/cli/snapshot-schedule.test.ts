/** `ramet snapshot schedule` against a whole server over the fake driver. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeStopped, startTestServer } from "../api/helpers.ts";
import { type InProcessRun, rametHere } from "./in-process.ts";

test("a schedule is set, shown, replaced and cleared", async (t) => {
  const server = await startTestServer(t);
  const { id } = await makeStopped(server, "base");
  const env = { RAMET_URL: server.url, RAMET_TOKEN: server.token };
  const schedule = (...words: string[]): Promise<InProcessRun> => rametHere(["snapshot", "schedule", ...words], env);

  const set = await schedule("set", "base", "--interval", "24h", "--max-count", "7", "--tag", "team=a");
  assert.deepEqual([set.exitCode, set.stdout], [0, ""]);
  assert.match(set.stderr, /^base: the next snapshot is due at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
  const shown = await schedule("show", "base");
  assert.equal(
    shown.stdout.replace(/T[\d:.]+Z|\d{4}-\d\d-\d\d/g, "…"),
    `instance:      ${id}\ninterval:      24h\nkeeps:         the newest 7\nnames:         scheduled-…\ntags:          team=a\n` +
      "next run:      ……\nlast run:      none\nlast snapshot: none\nlast error:    none\n",
  );
  assert.equal((await schedule("show", "base", "-q")).stdout, `${id}\n`);

  const other = ["--interval", "15m", "--max-count", "2", "--max-age", "90m", "--name-prefix", "quarter"];
  const replaced = JSON.parse((await schedule("set", "base", ...other, "--json")).stdout) as Record<string, unknown>;
  assert.deepEqual(
    [replaced["interval"], replaced["retention"], replaced["name_prefix"], replaced["metadata"]],
    ["15m", { max_count: 2, max_age: "1h30m" }, "quarter", {}],
  );
  assert.match((await schedule("show", "base")).stdout, /^keeps: +the newest 2, of these those younger than 1h30m$/m);

  const cleared = await schedule("clear", "base");
  assert.deepEqual([cleared.exitCode, cleared.stdout], [0, ""]);
  assert.match(cleared.stderr, /^base has no snapshot schedule any more/);
  for (const verb of ["show", "clear"]) {
    const missing = await schedule(verb, "base");
    assert.equal(missing.exitCode, 4);
    assert.match(missing.stderr, /this instance has no snapshot schedule: .*ramet snapshot schedule set/);
  }
});

test("a schedule that makes no sense is refused before or by the server", async (t) => {
  const server = await startTestServer(t);
  await makeStopped(server, "base");
  const env = { RAMET_URL: server.url, RAMET_TOKEN: server.token };
  const set = (...words: string[]): Promise<InProcessRun> =>
    rametHere(["snapshot", "schedule", "set", "base", ...words], env);
  const endless = await set("--interval", "24h");
  assert.equal(endless.exitCode, 2);
  assert.match(endless.stderr, /give --max-count, --max-age or both \(usage\)/);
  assert.equal((await set("--max-count", "7")).exitCode, 2);
  assert.equal((await set("--interval", "24h", "--max-count", "0")).exitCode, 2);
  const hasty = await set("--interval", "1s", "--max-count", "1");
  assert.equal(hasty.exitCode, 1);
  assert.match(hasty.stderr, /"interval" must be from 1m/);
});

test("schedule has a help of its own, and is completed", async (t) => {
  const server = await startTestServer(t);
  await makeStopped(server, "base");
  const env = { RAMET_URL: server.url, RAMET_TOKEN: server.token };
  const complete = async (...words: string[]): Promise<string[]> =>
    (await rametHere(["__complete", "--", "snapshot", "schedule", ...words], env)).stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t")[0] ?? "");
  assert.deepEqual(await complete(""), ["show", "set", "clear"]);
  for (const verb of ["show", "set", "clear"]) {
    assert.deepEqual(await complete(verb, ""), ["base"]);
    const help = await rametHere(["help", "snapshot", "schedule", verb]);
    assert.match(help.stdout, new RegExp(`^Usage: ramet snapshot schedule ${verb} .*<instance>`));
    assert.match(help.stdout, /\nExamples:\n(?: +#.*\n)? +ramet snapshot schedule /);
  }
  assert.deepEqual(await complete("set", "base", "--max"), ["--max-count", "--max-age"]);
});
