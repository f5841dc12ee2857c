import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { readManifest } from "../../src/domain/checkpoints/manifest.ts";
import { snapshotImageDirectory } from "../data-directory.ts";
import { forkBase, restoreInstance, type Resume } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario, Target } from "../scenario.ts";

interface SnapshotAnswer {
  readonly id: string;
  readonly source_pause_ms: Readonly<Record<string, number>>;
}

/** One child's life: captured live, put in standby, restored. */
interface Round {
  readonly pauseMs: number;
  readonly liveMs: number;
  readonly dirtyMegabytes: number;
  readonly writeMs: number;
  readonly copyMs: number;
  readonly standbyMs: number;
  readonly restore: Resume;
}

/**
 * A child that has changed so much of its memory since its base is checkpointed, first live, then into standby, and restored. One peer writes as
 * many bytes from its own memory to a file: no pause can cost less, for its bytes have to get there. The other is cp of a file of as many bytes.
 */
export const checkpoint = (dirtyMegabytes: number): Scenario => ({
  name: `checkpoint-${String(dirtyMegabytes)}`,
  about:
    `Live checkpoint, standby and restore of a child that wrote ${String(dirtyMegabytes)} MB, in turn with writing as many bytes as it changed ` +
    "from memory to a file, and with cp of such a file. A standby is on the disk when it answers; what the peers write need not be.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, {
      name: "base",
      memoryMegabytes: dirtyMegabytes < 200 ? 512 : 1024,
      filledMegabytes: 32,
      mailboxes: 1,
      dirtiesMegabytes: dirtyMegabytes,
    });
    const rounds: Round[] = [];
    const wanted = roundsOf(rig.runs, dirtyMegabytes);
    for (let index = 0; index < wanted; index++) {
      rig.say(`child ${String(index + 1)} of ${String(wanted)}`);
      rounds.push(await checkpointOne(rig, `child-${String(index)}`));
    }
    return figuresOf(rounds, dirtyMegabytes);
  },
});

/** At the usual 20 runs: 10 of 10 MB, 20 of the 30 MB that are promised, 5 of 100 MB, 3 of 500 MB. */
function roundsOf(runs: number, dirtyMegabytes: number): number {
  const parts = dirtyMegabytes === promisedMegabytes ? 1 : dirtyMegabytes < 100 ? 2 : dirtyMegabytes < 200 ? 4 : 8;
  return Math.ceil(runs / parts);
}

const promisedMegabytes = 30;

async function checkpointOne({ server }: Rig, name: string): Promise<Round> {
  const copyPath = join(server.dataDirectory, "copy");
  await forkBase(server, name, [{ name: "job-0", payload: { name } }]);
  await server.waitForText(`/instances/${name}/logs?follow=true`, "bench: dirty");
  const live = await server.call<SnapshotAnswer>("POST", `/instances/${name}/snapshots`, { name: "live" });
  const { dirtyBytes } = await readManifest(snapshotImageDirectory(server.dataDirectory, live.body.id));
  const writeMs = writeFromMemory(copyPath, dirtyBytes);
  const { ms: standbyMs } = await server.call("POST", `/instances/${name}/standby`);
  const copyMs = await copyWithCp(copyPath);
  const restore = await restoreInstance(server, name);
  rmSync(copyPath);
  await server.call("DELETE", `/instances/${name}`);
  await server.call("DELETE", `/snapshots/live`);
  const pauseMs = live.body.source_pause_ms["total"] ?? Number.NaN;
  return { pauseMs, liveMs: live.ms, dirtyMegabytes: dirtyBytes / 2 ** 20, writeMs, copyMs, standbyMs, restore };
}

const chunk = randomFillSync(Buffer.allocUnsafe(1 << 20));

/** Chunks of 1 MiB, as the checkpoint writes them. The file stays. @returns milliseconds. */
function writeFromMemory(path: string, bytes: number): number {
  const startedAt = performance.now();
  const file = openSync(path, "wx", 0o600);
  for (let done = 0; done < bytes; done += chunk.length)
    writeSync(file, chunk, 0, Math.min(chunk.length, bytes - done));
  closeSync(file);
  return performance.now() - startedAt;
}

async function copyWithCp(path: string): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)("cp", ["--reflink=never", path, `${path}.cp`]);
  const ms = performance.now() - startedAt;
  rmSync(`${path}.cp`);
  return ms;
}

function figuresOf(rounds: readonly Round[], wroteMegabytes: number): Figure[] {
  const each = (read: (round: Round) => number): number[] => rounds.map(read);
  const write = { name: "write of the same bytes", samples: each(({ writeMs }) => writeMs) };
  const cp = { name: "cp of the same bytes", samples: each(({ copyMs }) => copyMs) };
  const pauseTarget: Target = {
    of: "ratio",
    atMost: 1.5,
    promise: `Live checkpoint of a child that wrote ${String(wroteMegabytes)} MB: pause, against writing the dirty bytes to a file`,
  };
  const standbyTarget: Target = {
    of: "p50",
    atMost: 150,
    promise: `Standby of a child that wrote ${String(promisedMegabytes)} MB`,
  };
  return [
    { name: "dirty", unit: "MB", samples: each(({ dirtyMegabytes }) => dirtyMegabytes) },
    {
      name: "live: source pause",
      unit: "ms",
      samples: each(({ pauseMs }) => pauseMs),
      peer: write,
      targets: [pauseTarget],
    },
    { name: "live: call to answer", unit: "ms", samples: each(({ liveMs }) => liveMs), peer: cp },
    {
      name: "standby, right after",
      unit: "ms",
      samples: each(({ standbyMs }) => standbyMs),
      peer: cp,
      targets: wroteMegabytes === promisedMegabytes ? [standbyTarget] : [],
    },
    { name: "restore, call to resumed", unit: "ms", samples: each(({ restore }) => restore.resumedMs), peer: cp },
    { name: "restore, call to answer", unit: "ms", samples: each(({ restore }) => restore.answeredMs) },
  ];
}
