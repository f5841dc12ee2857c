import { randomFillSync } from "node:crypto";
import { rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { readManifest } from "../../src/domain/checkpoints/manifest.ts";
import { snapshotImageDirectory } from "../data-directory.ts";
import { forkBase } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario } from "../scenario.ts";

/** One child's life, and what was measured beside it. */
interface Round {
  readonly healthMs: number;
  readonly refusalMs: number;
  readonly contMs: number;
  readonly ownMegabytes: number;
  readonly pausesMs: Readonly<Record<string, number>>;
  readonly flushMs: number;
}

/** What the promised standby's child has written. */
const wroteMegabytes = 30;

/** What the others cannot be faster than: each is a part of theirs that does nothing of its own. */
export const floors: Scenario = {
  name: "floors",
  about:
    "What a fork, a pause and a standby cannot be faster than here: a call that does nothing, one that is refused, QEMU's own resume, the pause of a " +
    `child that has only acknowledged, and writing ${String(wroteMegabytes)} MB to the disk, which a standby of a child that wrote as many does.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, { name: "base", memoryMegabytes: 256, filledMegabytes: 32, mailboxes: 1 });
    const rounds: Round[] = [];
    for (let index = 0; index < rig.runs; index++) {
      rig.say(`child ${String(index + 1)} of ${String(rig.runs)}`);
      rounds.push(await measureOne(rig, `child-${String(index)}`));
    }
    return figuresOf(rounds);
  },
};

/** An idle server's processor sleeps: a call that comes right after another one is not what a caller sees. */
const restMs = 50;

async function measureOne({ server }: Rig, name: string): Promise<Round> {
  await setTimeout(restMs);
  const { ms: healthMs } = await server.call("GET", "/health");
  await setTimeout(restMs);
  const refusalMs = await server.refusal("POST", "/instances/base/fork", { name: "No name" });
  await setTimeout(restMs);
  const { phasesMs } = await forkBase(server, name, [{ name: "job-0", payload: { name }, wait_for_ack: true }]);
  const { body } = await server.call<{ id: string; source_pause_ms: Readonly<Record<string, number>> }>(
    "POST",
    `/instances/${name}/snapshots`,
    { name: "live" },
  );
  const { dirtyBytes } = await readManifest(snapshotImageDirectory(server.dataDirectory, body.id));
  await server.call("DELETE", `/instances/${name}`);
  await server.call("DELETE", "/snapshots/live");
  return {
    healthMs,
    refusalMs,
    contMs: phasesMs["resume"] ?? Number.NaN,
    ownMegabytes: dirtyBytes / 2 ** 20,
    pausesMs: body.source_pause_ms,
    flushMs: await writeToDisk(join(server.dataDirectory, "flushed"), wroteMegabytes << 20),
  };
}

const chunk = randomFillSync(Buffer.allocUnsafe(1 << 20));

/** From memory, and until it is on the disk. The file is removed. @returns milliseconds. */
async function writeToDisk(path: string, bytes: number): Promise<number> {
  const startedAt = performance.now();
  {
    await using file = await open(path, "wx", 0o600);
    for (let done = 0; done < bytes; done += chunk.length)
      await file.write(chunk, 0, Math.min(chunk.length, bytes - done));
    await file.datasync();
  }
  const ms = performance.now() - startedAt;
  rmSync(path);
  return ms;
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const figure = (name: string, read: (round: Round) => number, unit: "ms" | "MB" = "ms"): Figure => ({
    name,
    unit,
    samples: rounds.map(read),
  });
  const phases = Object.keys(rounds[0]?.pausesMs ?? {}).filter((phase) => phase !== "total");
  return [
    figure("GET /health, call to answer", ({ healthMs }) => healthMs),
    figure("POST that is refused, call to answer", ({ refusalMs }) => refusalMs),
    figure("QEMU's cont", ({ contMs }) => contMs),
    figure("pause of a child that has only acknowledged", ({ pausesMs }) => pausesMs["total"] ?? Number.NaN),
    ...phases.map((phase) => figure(`of it ${phase}`, ({ pausesMs }) => pausesMs[phase] ?? Number.NaN)),
    figure("its own memory", ({ ownMegabytes }) => ownMegabytes, "MB"),
    figure("write of what a standby's child wrote to the disk", ({ flushMs }) => flushMs),
  ];
}
