import { forkAndDelete, keepWarm, slotsReady } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario } from "../scenario.ts";

const sizes = [1, 100, 1000] as const;

export const growth: Scenario = {
  name: "growth",
  about: "A warm fork, and the list of all instances, with 1, 100 and 1000 instances in the database.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, { name: "base", memoryMegabytes: 256, filledMegabytes: 32, mailboxes: 1 });
    await keepWarm(rig, 1);
    const figures: Figure[] = [];
    let instances = 1;
    for (const size of sizes) {
      rig.say(`filling up to ${String(size)} instances`);
      for (; instances < size; instances++) await addStopped(rig, instances);
      figures.push(...(await measure(rig, size)));
    }
    return figures;
  },
};

async function addStopped({ server }: Rig, index: number): Promise<void> {
  await server.call("POST", "/instances", { name: `stopped-${String(index)}`, image: "ramet/base", start: false });
}

async function measure(rig: Rig, size: number): Promise<Figure[]> {
  const forks: number[] = [];
  const lists: number[] = [];
  for (let index = 0; index < rig.runs; index++) {
    await slotsReady(rig, 1);
    forks.push((await forkAndDelete(rig, "child", [{ name: "job-0", payload: { index } }])).resumedMs);
    lists.push((await rig.server.call("GET", "/instances")).ms);
  }
  return [
    { name: `${String(size)}: call to resumed`, unit: "ms", samples: forks },
    { name: `${String(size)}: list`, unit: "ms", samples: lists },
  ];
}
