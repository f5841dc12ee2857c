/** What the QEMU driver does when QEMU misbehaves, tried with programs that misbehave as they are told. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, open, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MachineLostError, RefusedError, type MachineFiles, type MachineSpec } from "../../src/hypervisors/driver.ts";
import { QemuDriver } from "../../src/hypervisors/qemu/qemu-driver.ts";
import { QmpCommandError } from "../../src/hypervisors/qemu/qmp/qmp-connection.ts";
import { ProcessStartError } from "../../src/lib/supervised-process.ts";
import { programOf } from "../fixtures/program-of.ts";

const signal = AbortSignal.timeout(60_000);
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-qemu-failures-"));
});

after(async () => {
  await rm(directory, { recursive: true });
});

test("describes the host by what the program answers", async () => {
  const { driver } = await newMachine("fake-qemu.ts");
  const expected = {
    hypervisor: "qemu",
    version: "7.2.0",
    machineType: "pc-q35-7.2",
    cpuModel: "max",
    accelerator: "tcg",
  };
  assert.deepEqual(await driver.describeHost(signal), expected);
});

test("rejects every pending command with the last words of a QEMU that dies", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "dies-on:stop");
  const running = await driver.boot(spec, files, signal);
  const outcomes = await Promise.allSettled([running.pause(signal), running.pause(signal)]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.reason instanceof MachineLostError);
    assert.match(outcome.reason.lastWords, /dies on stop, as it was told/);
    // Made when the command was sent: the stack shows who sent it.
    assert.match(outcome.reason.stack ?? "", /qemu-machine/);
  }
  const exit = await running.exited;
  assert.equal(exit.signal, "SIGKILL");
  assert.match(exit.lastWords, /dies on stop/);
});

test("rejects a command after QEMU's death as it rejects a pending one", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "dies-on:stop");
  const running = await driver.boot(spec, files, signal);
  await assert.rejects(running.pause(signal), MachineLostError);
  await assert.rejects(running.pause(signal), MachineLostError);
});

test("passes QEMU's refusal on in its words, and the machine lives on", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "refuses:xen-save-devices-state");
  const paused = await (await driver.boot(spec, files, signal)).pause(signal);
  await assert.rejects(
    paused.saveDeviceState(join(files.directory, "state"), { willResume: true }, signal),
    (failure) => {
      assert.ok(failure instanceof QmpCommandError);
      assert.equal(failure.errorClass, "GenericError");
      assert.match(failure.message, /xen-save-devices-state is refused, as it was told/);
      return true;
    },
  );
  const running = await paused.resume(signal);
  await running.kill();
});

test("a seal that QEMU refuses leaves no node behind, and the machine lives on", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "refuses:blockdev-snapshot");
  const paused = await (await driver.boot(spec, files, signal)).pause(signal);
  await assert.rejects(paused.sealDisk(join(files.directory, "overlay"), signal), QmpCommandError);
  const statePath = join(files.directory, "state");
  await paused.saveDeviceState(statePath, { willResume: true }, signal);
  assert.equal(await readFile(statePath, "utf8"), "fake device state with 0 added nodes");
  const running = await paused.resume(signal);
  await running.kill();
});

test("a merged layer that QEMU does not put a machine on leaves no node behind, and the machine lives on", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "refuses:blockdev-reopen");
  const running = await driver.boot(spec, files, signal);
  const [above, merged] = [join(files.directory, "disk/disk"), join(files.directory, "merged")];
  await mkdir(join(files.directory, "disk"));
  await assert.rejects(running.replaceLowerLayers(above, merged, signal), QmpCommandError);
  await assert.rejects(running.replaceLowerLayers(merged, merged, signal), RefusedError);
  const paused = await running.pause(signal);
  const statePath = join(files.directory, "state");
  await paused.saveDeviceState(statePath, { willResume: true }, signal);
  assert.equal(await readFile(statePath, "utf8"), "fake device state with 0 added nodes");
  await paused.kill();
});

test("a QEMU that dies while its machine goes over to a merged layer rejects with its last words", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "dies-on:blockdev-reopen");
  const running = await driver.boot(spec, files, signal);
  await mkdir(join(files.directory, "disk"));
  const above = join(files.directory, "disk/disk");
  await assert.rejects(running.replaceLowerLayers(above, above, signal), (failure) => {
    assert.ok(failure instanceof MachineLostError);
    assert.match(failure.lastWords, /dies on blockdev-reopen, as it was told/);
    return true;
  });
  assert.equal((await running.exited).signal, "SIGKILL");
});

test("a QEMU that dies while it seals rejects with its last words", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "dies-on:blockdev-snapshot");
  const paused = await (await driver.boot(spec, files, signal)).pause(signal);
  await assert.rejects(paused.sealDisk(join(files.directory, "overlay"), signal), (failure) => {
    assert.ok(failure instanceof MachineLostError);
    assert.match(failure.lastWords, /dies on blockdev-snapshot, as it was told/);
    return true;
  });
  assert.equal((await paused.exited).signal, "SIGKILL");
});

test("an abort ends the wait for an answer that never comes", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "ignores:stop");
  const running = await driver.boot(spec, files, signal);
  const caller = new AbortController();
  const pausing = running.pause(caller.signal);
  const reason = new Error("the caller went away");
  caller.abort(reason);
  await assert.rejects(pausing, (failure) => failure === reason);
  await running.kill();
});

test("a guest goes on when QEMU says so: its answer comes later, or not at all when it ends", async () => {
  const { driver, spec, files } = await newMachine("fake-qemu.ts", "tells:cont");
  const paused = await (await driver.boot(spec, files, signal)).pause(signal);
  const running = await paused.resume(signal);
  assert.equal(running.state, "running");
  await running.kill();
  assert.equal((await running.exited).signal, "SIGKILL");
});

test("a QEMU that ends before it is ready is an error with its words, and leaves no process and no socket", async () => {
  const { driver, spec, files } = await newMachine("crashing-qemu.ts");
  await assert.rejects(driver.boot(spec, files, signal), (failure) => {
    assert.ok(failure instanceof ProcessStartError);
    assert.match(failure.lastWords, /could not open the machine's memory/);
    return true;
  });
  await assertNothingLeft(files);
});

test("a QEMU that never gets ready is killed when the caller gives up", async () => {
  const { driver, spec, files } = await newMachine("silent-qemu.ts");
  const caller = new AbortController();
  const booting = driver.boot(spec, files, caller.signal);
  await processIn(files.directory);
  caller.abort(new Error("the caller went away"));
  await assert.rejects(booting, /the caller went away/);
  await assertNothingLeft(files);
});

test("a QEMU that is not installed is an error that names it", async () => {
  const { spec, files } = await newMachine("fake-qemu.ts");
  const driver = driverOf(join(directory, "no-such-qemu"));
  await assert.rejects(driver.boot(spec, files, signal), /no-such-qemu cannot be started/);
  const [finding] = await driver.examine(signal);
  assert.equal(finding?.ok, false);
  assert.match(finding.remedy ?? "", /install QEMU/);
});

async function newMachine(
  fixture: string,
  misbehaviour = "",
): Promise<{ readonly driver: QemuDriver; readonly spec: MachineSpec; readonly files: MachineFiles }> {
  const home = await mkdtemp(join(directory, "machine-"));
  const driver = driverOf(await programOf(home, fixture, { FAKE_QEMU: misbehaviour }));
  const machineDirectory = join(home, "directory");
  await mkdir(machineDirectory);
  const memoryPath = join(home, "memory");
  await using memory = await open(memoryPath, "wx");
  await memory.truncate(1 << 20);
  const path = join(home, "unused");
  const spec: MachineSpec = {
    hypervisor: "qemu",
    version: "7.2.0",
    machineType: "pc-q35-7.2",
    cpuModel: "max",
    accelerator: "tcg",
    vcpus: 1,
    memoryBytes: 1 << 20,
    macAddress: "52:54:00:12:34:56",
    kernelArguments: "",
    kernelDigest: "",
    initramfsDigest: "",
  };
  const files: MachineFiles = {
    directory: machineDirectory,
    memoryPath,
    kernelPath: path,
    initramfsPath: path,
    rootDiskPath: path,
    writableDiskLayers: [path, path],
  };
  return { driver, spec, files };
}

function driverOf(qemuPath: string): QemuDriver {
  const acceleratorMemoryPath = join(directory, "accelerator");
  return new QemuDriver({ qemuPath, accelerator: "tcg", kernelPath: join(directory, "unused"), acceleratorMemoryPath });
}

async function assertNothingLeft(files: MachineFiles): Promise<void> {
  const left = (await readdir(files.directory)).filter((name) => name.includes(".sock"));
  assert.deepEqual(left, []);
  assert.equal(await findProcessIn(files.directory), null);
}

/** Resolves when a process works in that directory: a VMM's working directory is its machine's. */
async function processIn(workingDirectory: string): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const pid = await findProcessIn(workingDirectory);
    if (pid !== null) return pid;
  }
}

async function findProcessIn(workingDirectory: string): Promise<number | null> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if ((await readlink(`/proc/${name}/cwd`)) === workingDirectory) {
        // A zombie has no command line any more.
        if ((await readFile(`/proc/${name}/cmdline`, "utf8")) !== "") return Number(name);
      }
    } catch (failure) {
      // Processes come and go while the list is read.
      if (!["ENOENT", "ESRCH", "EACCES"].includes((failure as NodeJS.ErrnoException).code ?? "")) throw failure;
    }
  }
  return null;
}
