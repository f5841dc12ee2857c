import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { TestContext } from "node:test";
import { PausedFakeMachine, RunningFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
import type { TestServer } from "./helpers.ts";

/** What a server has: rows, files, machines. */
export async function belongings(server: TestServer): Promise<object> {
  const { domain, driver } = server;
  const { instancesDirectory, snapshotsDirectory } = domain.settings;
  return {
    instances: ((await server.call("GET", "/instances")).body as { id: string; state: string }[])
      .map(({ id, state }) => `${id} ${state}`)
      .sort(),
    snapshots: domain.snapshots.list({}).map(({ id }) => id),
    files: (await filesBelow(instancesDirectory)).sort(),
    snapshotFiles: (await filesBelow(snapshotsDirectory)).sort(),
    machines: driver.machineCount,
  };
}

async function filesBelow(directory: string): Promise<string[]> {
  return await readdir(directory, { recursive: true });
}

/** Counts what machines and locks were asked for from now on. */
export interface Trace {
  readonly resumes: () => number;
  /** That no lock was taken, no machine was paused, resumed or started, and no row was written. */
  assertUntouched(): void;
}

export function trace(context: TestContext, { domain, driver }: TestServer): Trace {
  const resume = context.mock.method(PausedFakeMachine.prototype, "resume");
  const calls = {
    acquire: context.mock.method(domain.lock, "acquire"),
    insert: context.mock.method(domain.store, "insert"),
    restore: context.mock.method(driver, "restore"),
    boot: context.mock.method(driver, "boot"),
    pause: context.mock.method(RunningFakeMachine.prototype, "pause"),
    resume,
  };
  return {
    resumes: () => resume.mock.callCount(),
    assertUntouched: () => {
      const counts = Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, call.mock.callCount()]));
      assert.deepEqual(counts, { acquire: 0, insert: 0, restore: 0, boot: 0, pause: 0, resume: 0 });
    },
  };
}
