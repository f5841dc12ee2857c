import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { OperatingError } from "../../errors.ts";
import { openDatabase } from "../../store/database.ts";
import { noRestarts } from "./restart-policy.ts";
import { InstanceStore, type StoredInstance } from "./instance-store.ts";

function instance(change: Partial<StoredInstance> = {}): StoredInstance {
  return {
    id: "a1",
    name: "base",
    image: "ramet/base",
    workload: {
      entrypoint: ["/bin/sh"],
      cmd: ["-c", "true"],
      imageEnv: { PATH: "/bin" },
      workingDir: "/srv",
      user: "app",
      stopSignal: null,
      env: { LANG: "C", EMPTY: "" },
    },
    tags: { team: "grün" },
    spec: {
      hypervisor: "qemu",
      version: "7.2",
      machineType: "pc-q35-7.2",
      cpuModel: "max",
      accelerator: "tcg",
      vcpus: 1,
      memoryBytes: 128 << 20,
      macAddress: "02:00:00:00:00:01",
      kernelArguments: "quiet",
      kernelDigest: "00",
      initramfsDigest: "11",
    },
    network: { mode: "user", ipv4: null, ports: [{ protocol: "tcp", hostPort: 8080, guestPort: 80, isChosen: true }] },
    createdAt: "2026-01-01T00:00:00.000Z",
    parentId: null,
    process: null,
    restingState: "Stopped",
    exit: null,
    operation: null,
    held: null,
    stateError: null,
    startedAt: "2026-01-01T00:00:01.000Z",
    expiresAtMs: 1_767_225_700_000,
    restartPolicy: { policy: "always", backoffMs: 5000, maxAttempts: 3, stableAfterMs: 60_000 },
    restartStatus: noRestarts,
    history: { phase: "stopped", sinceMs: 5, durationsMs: { running: 4 }, stoppedAtMs: 5 },
    ...change,
  };
}

function openStore(): InstanceStore {
  return new InstanceStore(openDatabase(":memory:"));
}

test("gives back exactly what was stored", () => {
  const store = openStore();
  const stored = instance({
    process: { pid: 7, startTimeTicks: 8, bootId: "b" },
    exit: { exitCode: 1, signal: null, reason: "r" },
    parentId: "p",
  });
  store.insert(stored);
  assert.deepEqual(store.get("a1"), stored);
  assert.deepEqual(store.getByReference("base"), stored);
  assert.deepEqual(store.list(), [stored]);
});

test("a reference is an id first, and then a name", () => {
  const store = openStore();
  store.insert(instance({ id: "a1", name: "b2" }));
  store.insert(instance({ id: "b2", name: "c3" }));
  const found = (reference: string) => [store.getByReference(reference)?.id, store.identityOf(reference)?.id];
  assert.deepEqual(found("a1"), ["a1", "a1"]);
  assert.deepEqual(found("b2"), ["b2", "b2"]);
  assert.deepEqual(found("c3"), ["b2", "b2"]);
  assert.deepEqual(found("d4"), [undefined, undefined]);
  assert.deepEqual(store.identityOf("c3"), { id: "b2", name: "c3" });
  assert.deepEqual([store.hasName("b2"), store.hasName("a1")], [true, false]);
});

test("refuses a second instance of the same name and keeps the first", () => {
  const store = openStore();
  store.insert(instance());
  assert.throws(
    () => {
      store.insert(instance({ id: "b2" }));
    },
    (failure) => failure instanceof OperatingError && failure.code === "name_conflict",
  );
  assert.equal(store.list().length, 1);
});

test("changes what is named and leaves the rest", () => {
  const store = openStore();
  store.insert(instance({ operation: "standby", stateError: "old" }));
  store.update("a1", { operation: null, restingState: "Standby" });
  assert.deepEqual(store.get("a1"), instance({ restingState: "Standby", stateError: "old" }));
  store.update("a1", {});
  assert.equal(store.get("a1")?.restingState, "Standby");
});

test("finds by the beginning of an id, taken literally", () => {
  const store = openStore();
  store.insert(instance({ id: "ab", name: "one" }));
  store.insert(instance({ id: "ac", name: "two" }));
  assert.equal(store.findByIdPrefix("a").length, 2);
  assert.equal(store.findByIdPrefix("ab").length, 1);
  assert.deepEqual(store.findByIdPrefix("%"), []);
  assert.deepEqual(store.findByIdPrefix("_"), []);
});

test("a database keeps its rows, refuses a second server, and opens again when the first is gone", () => {
  const directory = mkdtempSync(join(tmpdir(), "ramet-store-"));
  try {
    const path = join(directory, "ramet.db");
    const first = openDatabase(path);
    new InstanceStore(first).insert(instance());
    assert.throws(
      () => openDatabase(path),
      (failure) => failure instanceof OperatingError && failure.code === "invalid_state",
    );
    first.close();
    const second = openDatabase(path);
    assert.equal(new InstanceStore(second).get("a1")?.name, "base");
    second.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("an address belongs to one instance, and is free when its row is gone", () => {
  const store = new InstanceStore(openDatabase(":memory:"));
  const network = { mode: "bridge", ipv4: "10.100.0.2", ports: [] } as const;
  store.insert(instance({ network }));
  // Our own mistake, and no answer for a caller.
  assert.throws(
    () => {
      store.insert(instance({ id: "b2", name: "other", network }));
    },
    (failure) => !(failure instanceof OperatingError),
  );
  store.remove("a1");
  store.insert(instance({ id: "b2", name: "other", network }));
});
