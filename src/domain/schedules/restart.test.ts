import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pino } from "pino";
import { fakeBuild } from "../../../test/api/helpers.ts";
import { fakeGuest } from "../../../test/fixtures/fake-guest.ts";
import { HandClock } from "../../../test/fixtures/hand-clock.ts";
import { loadConfig } from "../../config/load-config.ts";
import { FakeDriver } from "../../hypervisors/fake/fake-driver.ts";
import { composeRamet, type Composition } from "../../compose-ramet.ts";
import { createInstance } from "../instances/create-instance.ts";
import { takeSnapshot } from "../snapshots/take-snapshot.ts";
import { findSchedule, putSchedule } from "./put-schedule.ts";

const minute = 60_000;
const hour = 60 * minute;
/** A stopped instance, which costs no machine. */
async function makeStopped({ deps }: Composition): Promise<string> {
  const { id } = await createInstance(
    deps,
    {
      name: "base",
      image: "ramet/base",
      memoryBytes: 96 << 20,
      vcpus: 1,
      diskBytes: 100 << 20,
      env: {},
      cmd: null,
      entrypoint: null,
      workingDir: null,
      user: null,
      stopSignal: null,
      tags: {},
      network: { mode: "user", ports: [] },
      volumes: [],
      expiresAtMs: null,
      restartPolicy: null,
      start: false,
    },
    never,
  );
  return id;
}

const never = new AbortController().signal;

/** Servers on one data directory, one after the other. */
async function makeStarter(context: TestContext, clock: HandClock): Promise<() => Promise<Composition>> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-schedules-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig(await fakeBuild(directory), {});
  const driver = new FakeDriver({ guest: fakeGuest() });
  return () => composeRamet(config, { driver, log: pino({ level: "silent" }), clock });
}

test("schedules go on after a start: what was missed is over, what comes due is taken, retention holds", async (context) => {
  const clock = new HandClock();
  const start = await makeStarter(context, clock);
  const first = await start();
  const id = await makeStopped(first);
  const request = { intervalMs: hour, retention: { maxCount: 1, maxAgeMs: null }, namePrefix: null, metadata: {} };
  const { nextRunAtMs } = putSchedule(first.deps, id, request);
  await takeSnapshot(first.deps, id, { name: "mine", kind: null, tags: {}, scheduled: false }, never);
  await first.scheduler.whenAsleep();
  clock.turnTo(nextRunAtMs);
  await first.scheduler.whenAsleep();
  assert.equal(first.deps.snapshots.listScheduled(id).length, 1);
  await first.close();

  clock.turnTo(nextRunAtMs + 5 * hour + minute);
  const second = await start();
  await second.scheduler.whenAsleep();
  const afterStart = findSchedule(second.deps, id);
  assert.equal(afterStart.lastRunAtMs, nextRunAtMs, "none of the five that were missed is made up for");
  assert.equal(afterStart.nextRunAtMs, nextRunAtMs + 6 * hour, "the cadence is what it was");
  clock.turnTo(afterStart.nextRunAtMs);
  await second.scheduler.whenAsleep();
  assert.equal(findSchedule(second.deps, id).lastRunAtMs, afterStart.nextRunAtMs);
  assert.equal(second.deps.snapshots.list({}).length, 2, "the newest that was scheduled, and the caller's own");
  await second.close();
  assert.equal(clock.nextMs, null, "a server that ended waits for nothing");
});
