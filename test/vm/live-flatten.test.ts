/** The layers of a disk become one while its guest writes to it, is captured, put in standby, and dies. */
import assert from "node:assert/strict";
import { existsSync, watch } from "node:fs";
import { test, type TestContext } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { boot, shell, waitForLine, waitForRunning } from "./guests.ts";
import { emptyInventory, startRametInside, takeInventory, type RametInside } from "./harness.ts";
import { killProcess, openFilesOf, processesIn } from "./host.ts";
import { observeDriver, type Observation } from "./observed-driver.ts";

const limitMs = 60_000;
const maxDiskLayers = 2;

/** Writes files over and over, reads each from the disk again, and says when one is not what it wrote. */
const writer = `
  cd /root
  echo ready
  n=0
  while :; do
    n=$((n + 1)); file=own-$((n % 5))
    dd if=/dev/urandom of=$file bs=16k count=3 2>/dev/null
    sum=$(sha256sum $file)
    sync; echo 1 > /proc/sys/vm/drop_caches
    [ "$sum" = "$(sha256sum $file)" ] || echo "damaged: $file"
    echo $n > /run/written
  done`;

/** A server whose merges wait while they are held. */
class Merges {
  #gate: PromiseWithResolvers<undefined> | null = null;
  #started = Promise.withResolvers<undefined>();
  observation: Observation = { observer: () => Promise.resolve() };

  async start(context: TestContext): Promise<RametInside> {
    const decorate: Parameters<typeof startRametInside>[1] = (driver) => {
      const merge = driver.flattenDisk.bind(driver);
      driver.flattenDisk = async (layers, path, signal) => {
        this.#started.resolve(undefined);
        await this.#gate?.promise;
        await merge(layers, path, signal);
      };
      return observeDriver(driver, this.observation);
    };
    return startRametInside(context, decorate, { maxDiskLayers });
  }

  /** From now on; resolves when one has begun. */
  hold(): Promise<undefined> {
    this.#gate = Promise.withResolvers<undefined>();
    this.#started = Promise.withResolvers<undefined>();
    return this.#started.promise;
  }

  letGo(): void {
    this.#gate?.resolve(undefined);
    this.#gate = null;
  }
}

test("the layers of a running instance's disk are merged while its guest goes on writing", async (t) => {
  const merges = new Merges();
  const ramet = await merges.start(t);
  const { client, domain } = ramet;
  await boot(ramet, "base", writer);
  await waitForLine(ramet, "base", /^ready$/);
  const { id } = await client.get("base");
  const { directory } = filesOf(domain, id);
  let captures = 0;

  /** A file that stays, one that is changed, and a snapshot of the running instance, which seals a layer. */
  const capture = async (): Promise<void> => {
    captures += 1;
    const random = `dd if=/dev/urandom of=/root/file-${captures} bs=64k count=12 2>/dev/null`;
    const change = `dd if=/dev/urandom of=/root/changed bs=4k count=9 seek=${captures * 5} conv=notrunc 2>/dev/null`;
    await shell(ramet, "base", `${random}; ${change}; rm -f /root/file-${captures - 3}; sync`);
    await client.takeSnapshot("base", { name: `s-${captures}` });
  };

  /** Captures until there is one layer too many, and the merge is held. */
  const captureUntilHeld = async (): Promise<void> => {
    const state = { isHeld: false };
    void merges.hold().then(() => {
      state.isHeld = true;
    });
    for (let number = 1; !state.isHeld; number += 1) {
      assert.ok(number < 20, "the layers are not merged");
      await capture();
    }
  };

  const assertWriterWell = async (): Promise<void> => {
    await shell(ramet, "base", 'n=$(cat /run/written); while [ "$(cat /run/written)" = $n ]; do sleep 0.1; done');
    assert.equal(await shell(ramet, "base", "dmesg | grep -ciE 'ext4.*error|I/O error' || true"), "0");
    for await (const line of client.logs("base", {})) assert.doesNotMatch(line, /damaged/);
  };

  await t.test(
    "the machine goes over to the merged layer, in the same process; forks and snapshots of before read what they read",
    async () => {
      const [machine] = processesIn(directory);
      for (let number = 1; number <= maxDiskLayers; number += 1) await capture();
      await client.forkSnapshot("s-2", { name: "early" });
      const sumsOfEarly = await sumsOf(ramet, "early");
      await client.standby("early");
      const flattened = timesFlattened(ramet, id);
      await capture();
      const sums = await sumsOf(ramet, "base");
      await wasFlattened(ramet, id, flattened + 1);
      await wentOver(ramet, id);
      assert.equal(await sumsOf(ramet, "base"), sums);
      assert.deepEqual(processesIn(directory), [machine]);
      await assertWriterWell();
      await client.forkSnapshot("s-3", { name: "late" });
      assert.equal(await sumsOf(ramet, "late"), sums);
      await client.restore("early");
      assert.equal(await sumsOf(ramet, "early"), sumsOfEarly);
      for (const name of ["early", "late"]) await client.delete(name);
    },
  );

  await t.test("after it the instance is forked while it runs, put in standby and restored", async () => {
    const sums = await sumsOf(ramet, "base");
    await client.fork("base", { name: "child", from_running: true });
    await client.standby("base");
    await client.fork("base", { name: "other" });
    await client.restore("base");
    for (const name of ["base", "child", "other"]) assert.equal(await sumsOf(ramet, name), sums);
    for (const name of ["child", "other"]) await client.delete(name);
    await assertWriterWell();
  });

  await t.test(
    "standby in the middle of a merge waits for nothing; the merge is put in place under the restored machine",
    async () => {
      await captureUntilHeld();
      const flattened = timesFlattened(ramet, id);
      const sums = await sumsOf(ramet, "base");
      await client.standby("base");
      await client.restore("base");
      assert.equal(timesFlattened(ramet, id), flattened);
      merges.letGo();
      await wasFlattened(ramet, id, flattened + 1);
      await wentOver(ramet, id);
      assert.equal(await sumsOf(ramet, "base"), sums);
      await assertWriterWell();
    },
  );

  for (const moment of ["in the middle of a merge", "when it is about to go over", "when it has gone over"] as const) {
    await t.test(`a machine that is killed ${moment} boots again from a disk that is whole`, async () => {
      await captureUntilHeld();
      const flattened = timesFlattened(ramet, id);
      const sums = await sumsOf(ramet, "base");
      const kill = (): void => {
        processesIn(directory).forEach(killProcess);
      };
      if (moment === "in the middle of a merge") kill();
      else {
        merges.observation.observer = async ({ step, machine }) => {
          if (step !== (moment === "when it is about to go over" ? "replacing" : "replaced")) return;
          kill();
          await machine.exited;
        };
      }
      merges.letGo();
      await client.wait("base", { state: "Stopped", timeoutMs: limitMs });
      await wasFlattened(ramet, id, flattened + 1);
      merges.observation.observer = () => Promise.resolve();
      await client.start("base");
      await waitForRunning(ramet, "base");
      assert.equal(await sumsOf(ramet, "base"), sums);
      await assertWriterWell();
    });
  }

  await t.test("a machine that is deleted in the middle of a merge, and all else, leaves nothing", async () => {
    await captureUntilHeld();
    await client.delete("base");
    merges.letGo();
    for (const snapshot of await client.snapshots()) await client.deleteSnapshot(snapshot.id);
    await workIsGone(ramet, id);
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
    const told = ramet.lines.filter((line) => line.includes('"disk.flattened"'));
    for (const line of told) t.diagnostic(JSON.stringify((JSON.parse(line) as { timingsMs: object }).timingsMs));
  });
});

/** Read from the disk: without its cache the guest must. Only what the writer leaves alone. */
function sumsOf(ramet: RametInside, name: string): Promise<string> {
  return shell(ramet, name, "sync; echo 3 > /proc/sys/vm/drop_caches; cd /root; sha256sum changed file-*");
}

function timesFlattened({ lines }: RametInside, id: string): number {
  return lines.filter((line) => line.includes('"disk.flattened"') && line.includes(id)).length;
}

/** Each time is followed by a change of the instance. */
async function wasFlattened(ramet: RametInside, id: string, times: number): Promise<void> {
  await whenTrue(ramet, id, `merge ${times} of the disk`, () => timesFlattened(ramet, id) >= times);
}

async function whenTrue({ domain }: RametInside, id: string, what: string, isTrue: () => boolean): Promise<void> {
  await withDeadline(new AbortController().signal, limitMs, what, async (signal) => {
    const reached = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (isTrue()) reached.resolve(undefined);
    };
    using _ = domain.changes.listen(id, look);
    signal.addEventListener("abort", () => {
      reached.reject(new Error(what));
    });
    look();
    await reached.promise;
  });
}

/** Resolves when the disk has as few layers as it may, and the machine has those open and no others. */
async function wentOver(ramet: RametInside, id: string): Promise<void> {
  const files = filesOf(ramet.domain, id);
  await whenTrue(ramet, id, "a machine with a short disk", () => {
    const { sealed, overlay } = files.diskLayersNow();
    const layers = [...sealed, ...(overlay === null ? [] : [overlay])].toSorted();
    const [machine = 0] = processesIn(files.directory);
    return sealed.length - 1 <= maxDiskLayers && isDeepStrictEqual(openLayers(machine, files.directory), layers);
  });
}

/** The layers that a process has open, each once. */
function openLayers(pid: number, directory: string): string[] {
  const paths = openFilesOf(pid).map(({ path }) => path);
  return [...new Set(paths.filter((path) => path.startsWith(`${directory}/disk/layer-`)))].toSorted();
}

/** Resolves when the merge has cleaned up behind itself. */
async function workIsGone({ domain }: RametInside, id: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const { flatteningDirectory } = filesOf(domain, id);
  const look = (): void => {
    if (!existsSync(flatteningDirectory)) resolve(undefined);
  };
  const watcher = watch(domain.settings.instancesDirectory, look);
  AbortSignal.timeout(limitMs).addEventListener("abort", () => {
    reject(new Error(`${flatteningDirectory} is still there`));
  });
  look();
  await promise.finally(() => {
    watcher.close();
  });
}
