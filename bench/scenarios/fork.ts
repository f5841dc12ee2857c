import { join } from "node:path";
import { forkBare, openBareParent } from "../bare-qemu.ts";
import { ratiosOf } from "../figures.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario } from "../scenario.ts";
import type { BenchServer } from "../server.ts";

/** What a fork answers, as far as it is looked at here. */
interface ForkAnswer {
  readonly id: string;
  readonly start: "warm" | "cold";
  readonly timings_ms: Readonly<Record<string, number>>;
}

/** One fork, seen from outside. */
interface Fork {
  /** From the call until the guest goes on: the server's phases up to the resume, and the way there and back. */
  readonly resumedMs: number;
  readonly answeredMs: number;
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** What the server does after the guest has gone on. */
const phasesAfterResume = new Set(["identity_ack", "mailbox_ack", "commit"]);

export const coldFork = (memoryMegabytes: number): Scenario => ({
  name: `cold-fork-${String(memoryMegabytes)}`,
  about: `A fork with one mailbox of a ${String(memoryMegabytes)} MB guest in standby, no warm slot, in turn with bare QEMU doing the same by a script.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    const { dataDirectory } = rig.server;
    const bare = await openBareParent(dataDirectory, join(dataDirectory, "bare"));
    const ours: Fork[] = [];
    const peers: number[] = [];
    for (let index = 0; index < rig.runs; index++) {
      rig.say(`fork ${String(index + 1)} of ${String(rig.runs)}`);
      ours.push(await fork(rig.server, index));
      peers.push(await forkBare(bare, index));
    }
    return figuresOf(ours, { peers, target: { of: "ratio", atMost: 1.25 } });
  },
});

export const warmFork = (memoryMegabytes: number): Scenario => ({
  name: `warm-fork-${String(memoryMegabytes)}`,
  about: `The same with a warm slot ready, in turn with bare QEMU's cold fork.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, guest(memoryMegabytes));
    const { dataDirectory } = rig.server;
    const bare = await openBareParent(dataDirectory, join(dataDirectory, "bare"));
    const ours: Fork[] = [];
    const peers: number[] = [];
    await rig.server.call("PUT", "/instances/base/warm-slots", { count: 1 });
    for (let index = 0; index < rig.runs; index++) {
      rig.say(`fork ${String(index + 1)} of ${String(rig.runs)}`);
      await slotReady(rig);
      ours.push(await fork(rig.server, index));
      await slotReady(rig);
      peers.push(await forkBare(bare, index));
    }
    const [resumed, ...others] = figuresOf(ours, { peers, target: { of: "ratio", atMost: 0.1 } });
    return [...(resumed === undefined ? [] : [resumed]), ...others];
  },
});

const guest = (memoryMegabytes: number) => ({
  name: "base",
  memoryMegabytes,
  filledMegabytes: memoryMegabytes / 4,
  mailboxes: 1,
});

async function fork(server: BenchServer, index: number): Promise<Fork> {
  const name = `child-${String(index)}`;
  const payload = { index, text: "what this child is to do" };
  const { body, ms } = await server.call<ForkAnswer>("POST", "/instances/base/fork", {
    name,
    target_state: "Running",
    mailboxes: [{ name: "job-0", payload, wait_for_ack: true }],
  });
  await server.call("DELETE", `/instances/${name}`);
  const { total = 0, ...phasesMs } = body.timings_ms;
  const before = Object.entries(phasesMs).filter(([phase]) => !phasesAfterResume.has(phase));
  const handled = before.reduce((sum, [, phase]) => sum + phase, 0);
  return { resumedMs: handled + (ms - total), answeredMs: ms, phasesMs };
}

/** The slot is there, or comes: the answer tells. */
async function slotReady({ server, signal }: Rig): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { body } = await server.call<{ ready: number }>("GET", "/instances/base/warm-slots");
    if (body.ready > 0) return;
  }
}

function figuresOf(
  forks: readonly Fork[],
  { peers, target }: { readonly peers: readonly number[]; readonly target: NonNullable<Figure["target"]> },
): Figure[] {
  const resumed = forks.map(({ resumedMs }) => resumedMs);
  ratiosOf(resumed, peers);
  const phases = Object.keys(forks[0]?.phasesMs ?? {});
  return [
    { name: "call to resumed", unit: "ms", samples: resumed, peer: { name: "bare QEMU", samples: peers }, target },
    { name: "call to answer", unit: "ms", samples: forks.map(({ answeredMs }) => answeredMs) },
    ...phases.map((phase) => ({
      name: `phase ${phase}`,
      unit: "ms" as const,
      samples: forks.map(({ phasesMs }) => phasesMs[phase] ?? 0),
    })),
  ];
}
