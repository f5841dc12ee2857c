import { join } from "node:path";
import { readManifest } from "../../src/domain/checkpoints/manifest.ts";
import { onlyInstance } from "../data-directory.ts";
import { forkAndDelete, restoreInstance, type Resume } from "../forks.ts";
import { bootIntoStandby, guestFiles, warmLine, workload } from "../guests.ts";
import { openBareParent } from "../peers/bare-qemu.ts";
import { openLibvirt } from "../peers/libvirt.ts";
import type { RestoringPeer } from "../peers/peer.ts";
import { openSavevm } from "../peers/savevm.ts";
import type { Figure, Rig, Scenario } from "../scenario.ts";

export const besideLibvirt = (memoryMegabytes: number): Scenario => ({
  name: `libvirt-${String(memoryMegabytes)}`,
  about:
    `Fork, restore and standby of a ${String(memoryMegabytes)} MB guest, in turn with virsh restore and virsh save of the same guest in a libvirtd of its own. ` +
    "libvirt restores the one domain that it saved: it makes no second one, gives it no identity and no mail.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    await using peer = await openLibvirt(await libvirtWish(rig, memoryMegabytes), rig.signal);
    return await takeTurns(rig, memoryMegabytes, peer, { restore: "virsh restore", save: "virsh save" });
  },
});

export const besideSavevm = (memoryMegabytes: number): Scenario => ({
  name: `savevm-${String(memoryMegabytes)}`,
  about:
    `The same of a ${String(memoryMegabytes)} MB guest, in turn with QEMU's own snapshot-load in a new QEMU and snapshot-save, internal to a qcow2 file. ` +
    "A second machine would need a copy of that file.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    const { dataDirectory } = rig.server;
    await using peer = await openSavevm(await openBareParent(dataDirectory, join(dataDirectory, "bare")));
    return await takeTurns(rig, memoryMegabytes, peer, { restore: "QEMU snapshot-load", save: "QEMU snapshot-save" });
  },
});

const guest = (memoryMegabytes: number) => ({
  name: "base",
  memoryMegabytes,
  filledMegabytes: memoryMegabytes / 4,
  mailboxes: 1,
});

async function libvirtWish({ server: { dataDirectory } }: Rig, memoryMegabytes: number) {
  const files = await onlyInstance(dataDirectory);
  const { spec } = await readManifest(files.imageDirectory);
  return {
    ...guestFiles(),
    memoryMegabytes,
    accelerator: spec.accelerator,
    machineType: spec.machineType,
    kernelArguments: spec.kernelArguments,
    rootDiskPath: files.rootDiskPath,
    blankDiskPath: files.firstLayerPath,
    workload: workload(guest(memoryMegabytes)),
    warmLine,
  };
}

/** Ours and the peer's by turns: a fork, the peer's restore, a restore, the peer's save, a standby. A large guest is read and written whole: less often. */
async function takeTurns(
  rig: Rig,
  memoryMegabytes: number,
  peer: RestoringPeer,
  called: { readonly restore: string; readonly save: string },
): Promise<readonly Figure[]> {
  const { server, runs, say } = rig;
  const forks: Resume[] = [];
  const restores: Resume[] = [];
  const standbys: number[] = [];
  const theirs = { restores: [] as number[], saves: [] as number[] };
  const rounds = Math.ceil(runs / (memoryMegabytes > 256 ? 4 : 2));
  for (let index = 0; index < rounds; index++) {
    say(`round ${String(index + 1)} of ${String(rounds)}`);
    forks.push(await forkAndDelete(rig, `child-${String(index)}`, [{ name: "job-0", payload: { index } }]));
    theirs.restores.push(await peer.restore());
    restores.push(await restoreInstance(server, "base"));
    theirs.saves.push(await peer.save());
    standbys.push((await server.call("POST", "/instances/base/standby")).ms);
  }
  const restored = { name: called.restore, samples: theirs.restores };
  return [
    { name: "fork, call to resumed", unit: "ms", samples: forks.map(resumedMs), peer: restored },
    { name: "restore, call to resumed", unit: "ms", samples: restores.map(resumedMs), peer: restored },
    { name: "restore, call to answer", unit: "ms", samples: restores.map(({ answeredMs }) => answeredMs) },
    { name: "standby", unit: "ms", samples: standbys, peer: { name: called.save, samples: theirs.saves } },
  ];
}

const resumedMs = (resume: Resume): number => resume.resumedMs;
