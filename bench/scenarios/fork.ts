import { join } from "node:path";
import { forkBare, openBareParent, type BareParent } from "../peers/bare-qemu.ts";
import { forkAndDelete, keepWarm, slotsReady, type Fork } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario, Target } from "../scenario.ts";

export const coldFork = (memoryMegabytes: number): Scenario => ({
  name: `cold-fork-${String(memoryMegabytes)}`,
  about: `A fork with one mailbox of a ${String(memoryMegabytes)} MB guest in standby, no warm slot, in turn with bare QEMU doing the same by a script.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    const { ours, peers } = await takeTurns(rig, rig.runs, await bareParent(rig), () => Promise.resolve());
    return figuresOf(ours, peers, [
      {
        of: "ratio",
        atMost: 1.25,
        promise: `Cold fork of ${String(memoryMegabytes)} MB, call to resumed, against bare QEMU's`,
      },
    ]);
  },
});

export const warmFork = (memoryMegabytes: number): Scenario => ({
  name: `warm-fork-${String(memoryMegabytes)}`,
  about: `The same of a ${String(memoryMegabytes)} MB guest with a warm slot ready, in turn with bare QEMU's cold fork.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    const bare = await bareParent(rig);
    await keepWarm(rig, 1);
    const { ours, peers } = await takeTurns(rig, warmRuns(rig), bare, () => slotsReady(rig, 1));
    return figuresOf(ours, peers, [
      {
        of: "ratio",
        atMost: 0.1,
        promise: `Warm fork of ${String(memoryMegabytes)} MB, call to resumed, against bare QEMU's cold fork`,
      },
      { of: "p50", atMost: 5, promise: `Warm fork of ${String(memoryMegabytes)} MB, call to resumed` },
    ]);
  },
});

/** Whether a fork's time depends on how much memory its parent has. */
export const warmForkSizes: Scenario = {
  name: "warm-fork-sizes",
  about: "A warm fork of a 2048 MB guest, in turn with one of a 256 MB guest on the same server.",
  run: async (rig) => {
    const sizes = [
      { name: "small", memoryMegabytes: 256 },
      { name: "large", memoryMegabytes: 2048 },
    ];
    for (const { name, memoryMegabytes } of sizes) {
      await bootIntoStandby(rig.server, { ...guest(memoryMegabytes), name });
      await keepWarm(rig, 1, name);
    }
    const seen = { small: [] as number[], large: [] as number[] };
    const runs = warmRuns(rig);
    for (let index = 0; index < runs; index++) {
      rig.say(`pair ${String(index + 1)} of ${String(runs)}`);
      for (const name of ["large", "small"] as const) {
        for (const one of sizes) await slotsReady(rig, 1, one.name);
        const mail = [{ name: "job-0", payload: { index } }];
        seen[name].push((await forkAndDelete(rig, `child-${String(index)}`, mail, name)).resumedMs);
      }
    }
    const peer = { name: "256 MB", samples: seen.small };
    const promise = "Warm fork of a 2 GiB guest, against one of 256 MiB";
    const targets: readonly Target[] = [{ of: "ratio", atMost: 1.1, promise }];
    return [{ name: "2048 MB: call to resumed", unit: "ms", samples: seen.large, peer, targets }];
  },
};

const guest = (memoryMegabytes: number) => ({
  name: "base",
  memoryMegabytes,
  filledMegabytes: memoryMegabytes / 4,
  mailboxes: 1,
});

/** While the parent is the only instance: a slot has files of its own. */
function bareParent({ server: { dataDirectory } }: Rig): Promise<BareParent> {
  return openBareParent(dataDirectory, join(dataDirectory, "bare"));
}

/** A warm fork is over soon, and a single late wake of the machine is a tenth of it: many are measured. */
function warmRuns({ runs }: Rig): number {
  return 3 * runs;
}

async function takeTurns(
  rig: Rig,
  runs: number,
  bare: BareParent,
  ready: () => Promise<void>,
): Promise<{ ours: Fork[]; peers: number[] }> {
  const ours: Fork[] = [];
  const peers: number[] = [];
  for (let index = 0; index < runs; index++) {
    rig.say(`fork ${String(index + 1)} of ${String(runs)}`);
    await ready();
    const mail = { name: "job-0", payload: { index, text: "what this child is to do" }, wait_for_ack: true };
    ours.push(await forkAndDelete(rig, `child-${String(index)}`, [mail]));
    await ready();
    peers.push(await forkBare(bare, index));
  }
  return { ours, peers };
}

function figuresOf(forks: readonly Fork[], peers: readonly number[], targets: readonly Target[]): Figure[] {
  const phases = Object.keys(forks[0]?.phasesMs ?? {});
  return [
    {
      name: "call to resumed",
      unit: "ms",
      samples: forks.map(({ resumedMs }) => resumedMs),
      peer: { name: "bare QEMU", samples: peers },
      targets,
    },
    { name: "call to answer", unit: "ms", samples: forks.map(({ answeredMs }) => answeredMs) },
    ...phases.map((phase) => ({
      name: `phase ${phase}`,
      unit: "ms" as const,
      samples: forks.map(({ phasesMs }) => phasesMs[phase] ?? 0),
    })),
  ];
}
