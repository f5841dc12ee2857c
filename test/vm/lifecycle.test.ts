import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { boot, fork, refusalOf, run, shell, waitForLine, waitForRunning } from "./guests.ts";
import { emptyInventory, startServer, takeInventory } from "./harness.ts";

/** Counts in a shell variable, one step for each line that is written into its pipe; ignores SIGTERM. */
const counter = `
  trap '' TERM
  cat /proc/self/environ > /run/environment
  mkfifo /run/step
  echo ready
  n=0
  while :; do while read -r _; do n=$((n + 1)); echo "count: $n"; done < /run/step; done`;

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

test("an instance lives as the calls say", async (t) => {
  const ramet = await startServer(t);
  await boot(ramet, "worker", counter, {
    vcpus: 2,
    memory: "192MB",
    env: { GREETING: "grüß dich", EMPTY: "" },
    tags: { team: "red" },
  });
  await waitForLine(ramet, "worker", /^ready$/);

  await t.test("the guest has the processors, the memory and the environment that were asked for", async () => {
    assert.equal(await shell(ramet, "worker", "nproc"), "2");
    const totalKiB = Number(await shell(ramet, "worker", "awk '/MemTotal/ { print $2 }' /proc/meminfo"));
    assert.ok(128 << 10 < totalKiB && totalKiB < 192 << 10, `${totalKiB} KiB of 192 MiB`);
    const environment = await shell(ramet, "worker", "tr '\\0' '\\n' < /run/environment");
    assert.match(environment, /^GREETING=grüß dich$/m);
    assert.match(environment, /^EMPTY=$/m);
    const { state, memory_bytes: memoryBytes, vcpus, tags } = await ramet.client.get("worker");
    assert.deepEqual([state, memoryBytes, vcpus, tags], ["Running", 192 << 20, 2, { team: "red" }]);
  });

  await t.test("exec: arguments, environment, directory, streams and exit code", async () => {
    const script = 'cat; pwd; printf "%s|" "$@" "$WORD"; echo to-stderr >&2; exit 7';
    const command = ["/bin/sh", "-c", script, "sh", "a b", "$HOME", "'", ""];
    const body = { command, env: { WORD: "wörd" }, cwd: "/usr/bin" };
    const { stdout, stderr, exitCode, signal, timedOut } = await run(ramet, "worker", body, "from stdin\n");
    assert.equal(stdout.toString(), "from stdin\n/usr/bin\na b|$HOME|'||wörd|");
    assert.equal(stderr, "to-stderr\n");
    assert.deepEqual([exitCode, signal, timedOut], [7, null, false]);
  });

  await t.test("exec: a signal and a timeout are told apart from an exit", async () => {
    const killed = await ramet.client.exec("worker", { command: ["/bin/sh", "-c", "echo begun; sleep 100000"] });
    killed.stderr.resume();
    killed.stdout.once("data", () => {
      killed.kill(15);
    });
    assert.deepEqual(await killed.exited, { exitCode: null, signal: 15, timedOut: false });
    const late = await run(ramet, "worker", { command: ["sleep", "100000"], timeout: 1 });
    assert.deepEqual([late.exitCode, late.timedOut], [null, true]);
  });

  await t.test("exec: a program that does not exist is the caller's fault", async () => {
    const session = await ramet.client.exec("worker", { command: ["/no/such/program"] });
    assert.equal((await refusalOf(session.exited)).code, "invalid_request");
  });

  await t.test("exec: a terminal has a size, and can be given another", async () => {
    const command = ["/bin/sh", "-c", "stty size; read -r _; stty size"];
    const session = await ramet.client.exec("worker", { command, tty: true, rows: 33, cols: 111 });
    session.stderr.resume();
    let said = "";
    for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
      const before = said;
      said += chunk.toString();
      if (!before.includes("33 111") && said.includes("33 111")) {
        session.resize({ rows: 44, cols: 122 });
        session.stdin.write("\n");
      }
    }
    assert.match(said, /33 111[^]*44 122/);
    assert.equal((await session.exited).exitCode, 0);
  });

  await t.test("exec: megabytes pass in both directions, byte for byte", async () => {
    const bytes = randomBytes(6 << 20);
    const echoed = await run(ramet, "worker", { command: ["cat"] }, bytes);
    assert.equal(sha256(echoed.stdout), sha256(bytes));
    const made = await run(ramet, "worker", { command: ["/bin/sh", "-c", "seq 1 400000 | tee /tmp/numbers"] });
    assert.equal(`${sha256(made.stdout)}  /tmp/numbers`, await shell(ramet, "worker", "sha256sum /tmp/numbers"));
  });

  await t.test("exec: several at once do not mix", async () => {
    const words = Array.from({ length: 8 }, (_, index) => `word-${index}`);
    const said = await Promise.all(
      words.map((word) => shell(ramet, "worker", `for i in 1 2 3 4; do echo ${word}; done`)),
    );
    assert.deepEqual(
      said,
      words.map((word) => [word, word, word, word].join("\n")),
    );
  });

  await t.test("standby and restore keep a process' memory, and the console goes on", async () => {
    await shell(ramet, "worker", "echo > /run/step");
    await waitForLine(ramet, "worker", /^count: 1$/);
    await ramet.client.standby("worker");
    const { state, has_memory_image: hasImage } = await ramet.client.get("worker");
    assert.deepEqual([state, hasImage], ["Standby", true]);
    await ramet.client.restore("worker");
    await shell(ramet, "worker", "echo > /run/step");
    await waitForLine(ramet, "worker", /^count: 2$/);
    assert.equal(await shell(ramet, "worker", "nproc"), "2");
  });

  await t.test("a guest whose exec was cut off by standby takes the next one, in every child too", async () => {
    const cut = await ramet.client.exec("worker", { command: ["/bin/sh", "-c", "yes"] });
    cut.stderr.resume();
    cut.stdout.resume();
    const ended = refusalOf(cut.exited);
    await ramet.client.standby("worker");
    assert.equal((await ended).code, "guest_unreachable");
    for (const name of ["child-1", "child-2", "child-3"]) {
      await fork(ramet, "worker", name);
      assert.equal(await shell(ramet, name, "hostname"), name);
      await ramet.client.delete(name);
    }
    await ramet.client.restore("worker");
    assert.equal(await shell(ramet, "worker", "hostname"), "worker");
  });

  await t.test("calls that find their work done answer and change nothing", async () => {
    const before = await takeInventory(ramet);
    assert.equal((await ramet.client.start("worker")).state, "Running");
    assert.equal((await ramet.client.restore("worker")).state, "Running");
    await ramet.client.standby("worker");
    const again = await ramet.client.standby("worker");
    assert.deepEqual([again.state, again.timings_ms], ["Standby", {}]);
    assert.equal((await refusalOf(ramet.client.stop("worker"))).code, "invalid_state");
    assert.equal((await refusalOf(ramet.client.start("worker"))).code, "invalid_state");
    await ramet.client.restore("worker");
    assert.deepEqual((await takeInventory(ramet)).names, before.names);
  });

  await t.test("two calls on one instance at once: one works, the other hears which", async () => {
    const both = await Promise.allSettled([ramet.client.standby("worker"), ramet.client.standby("worker")]);
    const refused = both.find((outcome) => outcome.status === "rejected");
    assert.equal(both.filter(({ status }) => status === "fulfilled").length, 1);
    const { code, details } = await refusalOf(Promise.reject(refused?.reason as Error));
    assert.deepEqual([code, details], ["instance_busy", { operation: "standby" }]);
    await ramet.client.restore("worker");
  });

  await t.test("children of target state Standby and Stopped have no machine, and come to life", async () => {
    await shell(ramet, "worker", "echo kept > /var/note; sync");
    await ramet.client.standby("worker");
    const asleep = await ramet.client.fork("worker", { name: "asleep", target_state: "Standby" });
    const stopped = await ramet.client.fork("worker", { name: "stopped", target_state: "Stopped" });
    assert.deepEqual([asleep.state, stopped.state], ["Standby", "Stopped"]);
    assert.deepEqual((await takeInventory(ramet)).processes, []);
    await ramet.client.restore("asleep");
    assert.equal(await shell(ramet, "asleep", "hostname; cat /var/note"), "asleep\nkept");
    await shell(ramet, "asleep", "echo > /run/step");
    await waitForLine(ramet, "asleep", /^count: 3$/);
    await ramet.client.start("stopped");
    await waitForRunning(ramet, "stopped");
    assert.equal(await shell(ramet, "stopped", "hostname; cat /var/note"), "stopped\nkept");
    for (const name of ["asleep", "stopped"]) await ramet.client.delete(name);
    await ramet.client.restore("worker");
  });

  await t.test("stop ends a workload that ignores SIGTERM, and the disk stays", async () => {
    await shell(ramet, "worker", "echo on-disk > /var/note");
    const { state, exit } = await ramet.client.stop("worker", { graceMs: 300 });
    assert.deepEqual([state, exit?.signal, exit?.exit_code], ["Stopped", 9, null]);
    assert.deepEqual((await takeInventory(ramet)).processes, []);
    assert.equal((await ramet.client.stop("worker")).state, "Stopped");
  });

  await t.test("started again with another command: the disk is there, and the exit code is told", async () => {
    await ramet.client.start("worker", { cmd: ["mkfifo /run/go; cat /var/note; read -r _ < /run/go; exit 23"] });
    await waitForLine(ramet, "worker", /^on-disk$/);
    await waitForRunning(ramet, "worker");
    // The guest powers off when its workload ends: a command that waits for that would be cut off.
    await shell(ramet, "worker", "(sleep 1; echo > /run/go) > /dev/null 2>&1 < /dev/null &");
    const { instance, reached } = await ramet.client.wait("worker", { state: "Stopped", timeoutMs: 60_000 });
    assert.ok(reached);
    assert.deepEqual([instance.exit?.exit_code, instance.exit?.signal, instance.state_error], [23, null, null]);
    await waitForLine(ramet, "worker", /^count: 2$/);
  });

  await t.test("deleted, nothing is left, and its name is free", async () => {
    await ramet.client.delete("worker");
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
    assert.equal((await refusalOf(ramet.client.get("worker"))).code, "not_found");
    await ramet.client.create({ name: "worker", image: "ramet/base", start: false });
    assert.equal((await ramet.client.get("worker")).state, "Stopped");
    await ramet.client.delete("worker");
  });
});
