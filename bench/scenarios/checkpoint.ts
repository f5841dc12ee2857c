import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { forkBase } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Scenario, Target } from "../scenario.ts";

interface Paused {
  readonly source_pause_ms: Readonly<Record<string, number>>;
}

/**
 * A child that has changed so much of its memory since its base is checkpointed, first live, then into standby. The peer writes as many bytes from
 * its own memory to a file: no checkpoint can cost less, for its bytes have to get there.
 */
export const checkpoint = (dirtyMegabytes: number): Scenario => ({
  name: `checkpoint-${String(dirtyMegabytes)}`,
  about: `Live checkpoint and standby of a child with ${String(dirtyMegabytes)} MB dirty, in turn with writing as many bytes from memory to a file.`,
  run: async (rig) => {
    const { server } = rig;
    await bootIntoStandby(server, {
      name: "base",
      memoryMegabytes: dirtyMegabytes < 200 ? 512 : 1024,
      filledMegabytes: 32,
      mailboxes: 1,
      dirtiesMegabytes: dirtyMegabytes,
    });
    const pauses: number[] = [];
    const standbys: number[] = [];
    const copies: number[] = [];
    for (let index = 0; index < rig.runs; index++) {
      rig.say(`child ${String(index + 1)} of ${String(rig.runs)}`);
      const name = `child-${String(index)}`;
      await forkBase(server, name, [{ name: "job-0", payload: { index } }]);
      await server.waitForText(`/instances/${name}/logs?follow=true`, "bench: dirty");
      const live = await server.call<Paused>("POST", `/instances/${name}/snapshots`, { name: "live" });
      pauses.push(live.body.source_pause_ms["total"] ?? Number.NaN);
      copies.push(writeFromMemory(join(server.dataDirectory, "copy"), dirtyMegabytes));
      standbys.push((await server.call("POST", `/instances/${name}/standby`)).ms);
      await server.call("DELETE", `/instances/${name}`);
      await server.call("DELETE", `/snapshots/live`);
    }
    const peer = { name: "write of the same bytes", samples: copies };
    const targets: readonly Target[] = dirtyMegabytes === 10 ? [{ of: "p50", atMost: 150 }] : [];
    return [
      { name: "live: source pause", unit: "ms", samples: pauses, peer, targets: [{ of: "ratio", atMost: 1.5 }] },
      { name: "standby, right after", unit: "ms", samples: standbys, peer, targets },
    ];
  },
});

/** Chunks of 1 MiB, as the checkpoint writes them. @returns milliseconds. */
function writeFromMemory(path: string, megabytes: number): number {
  const chunk = randomFillSync(Buffer.allocUnsafe(1 << 20));
  const startedAt = performance.now();
  const file = openSync(path, "wx", 0o600);
  for (let index = 0; index < megabytes; index++) writeSync(file, chunk);
  closeSync(file);
  const ms = performance.now() - startedAt;
  rmSync(path);
  return ms;
}
