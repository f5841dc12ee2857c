import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { boot, bootParent, fork, refusalOf, shell, waitForLine, waitForRunning } from "./guests.ts";
import { killProcess, processesIn } from "./host.ts";
import { directoryOf, emptyInventory, startRametInside, takeInventory, type Ramet } from "./harness.ts";
import { observeDriver, type Observation, type Step } from "./observed-driver.ts";

/** Says when it is asked to end, and does not; arms a mailbox that nobody reads. */
const workload = `
  trap 'echo "asked to end"' TERM
  mailbox arm silent
  echo ready
  while :; do sleep 100000 & wait $!; done`;

test("when the hypervisor's process is killed, each call fails clearly and nothing is left", async (t) => {
  const executioner = new Executioner();
  const ramet = await startRametInside(t, (driver) => observeDriver(driver, executioner));
  await bootParent(ramet, "base", workload);
  const imageOfBase = join(await directoryOf(ramet, "base"), "image");

  for (const step of ["restored", "opening", "resuming", "resumed"] as const) {
    await t.test(`fork, killed when ${step}: no child`, async () => {
      const before = await takeInventory(ramet);
      executioner.killAt(step);
      await assertLost(fork(ramet, "base", "child"));
      assert.deepEqual(executioner.takeVictims(), [step]);
      assert.deepEqual(await takeInventory(ramet), before);
      assert.equal((await ramet.client.get("base")).state, "Standby");
    });

    await t.test(`restore, killed when ${step}: in standby as before`, async () => {
      const before = await takeInventory(ramet);
      executioner.killAt(step);
      await assertLost(ramet.client.restore("base"));
      assert.deepEqual(executioner.takeVictims(), [step]);
      const { state, has_memory_image: hasImage } = await ramet.client.get("base");
      assert.deepEqual([state, hasImage], ["Standby", true]);
      assert.deepEqual(await takeInventory(ramet), before);
      assert.ok(existsSync(join(imageOfBase, "manifest.json")));
    });
  }

  await t.test("fork, killed while an ack is awaited: no child", async () => {
    const before = await takeInventory(ramet);
    const mailbox = { name: "silent", payload: {}, wait_for_ack: true, ack_timeout_ms: 30_000 };
    const whenResumed = executioner.nextAt("resumed");
    const refused = assertLost(fork(ramet, "base", "child", [mailbox]));
    killProcess(await whenResumed);
    await refused;
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test("after all of those the same fork succeeds", async () => {
    await fork(ramet, "base", "survivor");
    assert.equal(await shell(ramet, "survivor", "hostname"), "survivor");
  });

  for (const step of ["pausing", "paused", "saving", "saved", "opening"] as const) {
    await t.test(`standby, killed when ${step}: stopped, and no half of an image`, async () => {
      await fork(ramet, "base", "child");
      const directory = await directoryOf(ramet, "child");
      executioner.killAt(step);
      await assertLost(ramet.client.standby("child"));
      assert.deepEqual(executioner.takeVictims(), [step]);
      await assertDied(ramet, "child");
      assert.deepEqual(
        [existsSync(join(directory, "image")), existsSync(join(directory, "image.making"))],
        [false, false],
      );
      await ramet.client.delete("child");
    });
  }

  await t.test("exec: the session ends with the reason", async () => {
    const session = await ramet.client.exec("survivor", { command: ["/bin/sh", "-c", "echo begun; sleep 100000"] });
    session.stderr.resume();
    for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
      assert.equal(chunk.toString(), "begun\n");
      await killMachineOf(ramet, "survivor");
    }
    await assertLost(session.exited);
    await assertDied(ramet, "survivor");
  });

  await t.test("a stopped instance refuses exec and standby, and starts again", async () => {
    const command = ["true"];
    assert.equal((await refusalOf(ramet.client.exec("survivor", { command }))).code, "invalid_state");
    assert.equal((await refusalOf(ramet.client.standby("survivor"))).code, "invalid_state");
    await ramet.client.start("survivor");
    await waitForRunning(ramet, "survivor");
    const { state, state_error: stateError } = await ramet.client.get("survivor");
    assert.deepEqual([state, stateError], ["Running", null]);
    assert.equal(await shell(ramet, "survivor", "hostname"), "survivor");
  });

  await t.test("stop: stopped all the same", async () => {
    await fork(ramet, "base", "stubborn");
    const stopped = ramet.client.stop("stubborn", { graceMs: 60_000 });
    await waitForLine(ramet, "stubborn", /^asked to end$/);
    await killMachineOf(ramet, "stubborn");
    const { state } = await stopped;
    assert.equal(state, "Stopped");
    assert.deepEqual(processesIn(await directoryOf(ramet, "stubborn")), []);
  });

  await t.test("wait and boot: the wait ends, and the instance is stopped and says why", async () => {
    executioner.killAt("booted");
    await ramet.client.create({ name: "stillborn", image: "ramet/base", memory: "128MB" });
    const { instance, reached } = await ramet.client.wait("stillborn", { state: "Running", timeoutMs: 60_000 });
    assert.deepEqual([reached, instance.state, executioner.takeVictims()], [false, "Stopped", ["booted"]]);
    await assertDied(ramet, "stillborn");
    await ramet.client.delete("stillborn");
    await boot(ramet, "stillborn", "sleep 100000");
    assert.equal(await shell(ramet, "stillborn", "hostname"), "stillborn");
  });

  await t.test("delete: gone, also when the process was killed just before", async () => {
    for (const { name } of await ramet.client.list()) {
      await killMachineOf(ramet, name);
      await ramet.client.delete(name);
    }
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
  });
});

/** The documented answer to the loss of a machine, in which nothing of the host is told. */
async function assertLost(call: Promise<unknown>): Promise<void> {
  const { code, message } = await refusalOf(call);
  assert.equal(code, "guest_unreachable", message);
  assert.doesNotMatch(message, /\/instances\/|token/);
}

async function assertDied(ramet: Ramet, name: string): Promise<void> {
  const { instance } = await ramet.client.wait(name, { state: "Stopped", timeoutMs: 30_000 });
  const { state, state_error: stateError } = instance;
  assert.equal(state, "Stopped");
  assert.match(stateError ?? "", /signal SIGKILL/);
  assert.deepEqual(processesIn(await directoryOf(ramet, name)), []);
}

async function killMachineOf(ramet: Ramet, name: string): Promise<void> {
  processesIn(await directoryOf(ramet, name)).forEach(killProcess);
}

/** Kills the next machine that comes to a step, and lets the domain go on when it is dead and reaped. */
class Executioner implements Observation {
  #doomedAt: Step | null = null;
  #victims: Step[] = [];
  #awaited: { readonly step: Step; readonly tell: (pid: number) => void } | null = null;

  readonly observer: Observation["observer"] = async ({ step, machine }) => {
    const pid = machine.process?.pid;
    assert.ok(pid !== undefined);
    if (this.#awaited?.step === step) this.#awaited.tell(pid);
    if (this.#doomedAt !== step) return;
    this.#doomedAt = null;
    this.#victims.push(step);
    process.kill(pid, "SIGKILL");
    await machine.exited;
  };

  killAt(step: Step): void {
    this.#doomedAt = step;
  }

  /** Which kills came about since the last call: a test whose machine was never killed shows nothing. */
  takeVictims(): Step[] {
    const victims = this.#victims;
    this.#victims = [];
    return victims;
  }

  /** The pid of the next machine that comes to a step. It goes on unharmed. */
  async nextAt(step: Step): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#awaited = { step, tell: resolve };
    return promise.finally(() => {
      this.#awaited = null;
    });
  }
}
