import { mapLimited } from "../../src/lib/map-limited.ts";
import { keepWarm, slotsReady } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import { eventLoopDelay, forgetPeakMemory, privateMegabytes, serverMemory } from "../observe-server.ts";
import type { Figure, Rig, Scenario, Target } from "../scenario.ts";
import type { BenchServer } from "../server.ts";

interface ManyAnswer {
  readonly children: readonly {
    readonly name: string;
    readonly instance: { readonly id: string } | null;
    readonly start: string | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

/** One call for many children, with their slots ready and without, as a caller and as the machine see it. */
export const many = (children: number): Scenario => ({
  name: `many-${String(children)}`,
  about:
    `${String(children)} children in one call, each with its own mail and ack: with warm slots ready, and cold. Then each child serves a request: ` +
    "a program that hashes 1 MiB of its memory.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, { name: "base", memoryMegabytes: 256, filledMegabytes: 32, mailboxes: 1 });
    const warm: Seen[] = [];
    const cold: Seen[] = [];
    const rounds = roundsOf(rig.runs, children);
    for (let round = 0; round < rounds; round++) {
      rig.say(`round ${String(round + 1)} of ${String(rounds)}: waiting for ${String(children)} slots`);
      await keepWarm(rig, children);
      await slotsReady(rig, children);
      rig.say(`round ${String(round + 1)} of ${String(rounds)}: ${String(children)} warm forks`);
      warm.push(await forkAll(rig, children));
      rig.say(`round ${String(round + 1)} of ${String(rounds)}: ${String(children)} cold forks`);
      cold.push(await forkAll(rig, children));
    }
    return [...figuresOf("warm", warm, children), ...figuresOf("cold", cold, children)];
  },
});

/** At the usual 20 runs: 4 rounds of 10, 2 of 50 and of 100 children. */
function roundsOf(runs: number, children: number): number {
  return Math.max(1, Math.round(runs / (children > 10 ? 10 : 5)));
}

interface Seen {
  readonly resumedMs: number;
  /** Until a tenth, and half, of the children had acknowledged. */
  readonly tenthAckedMs: number;
  readonly halfAckedMs: number;
  readonly ackedMs: number;
  readonly failed: number;
  readonly cold: number;
  readonly idleMegabytes: readonly number[];
  readonly servedMegabytes: readonly number[];
  readonly serverMegabytes: number;
  readonly serverPeakMegabytes: number;
  readonly loopDelay: { readonly p99Ms: number; readonly maxMs: number };
}

async function forkAll(rig: Rig, children: number): Promise<Seen> {
  const { server } = rig;
  const body = {
    mode: "each",
    children: Array.from({ length: children }, (_, index) => ({
      name: `child-${String(index)}`,
      mailboxes: [{ name: "job-0", payload: { index }, wait_for_ack: true, ack_timeout_ms: 30_000 }],
    })),
  };
  await forgetPeakMemory(server.pid);
  await eventLoopDelay(server);
  const watching = new AbortController();
  const told = AbortSignal.any([watching.signal, AbortSignal.timeout(toldLimitMs)]);
  const phases = await server.events("/events?type=fork.phase", told);
  const acks = await server.events("/events?type=mailbox.acked", told);
  const resumed = timesOf(phases, ({ phase }) => phase === "resume", children, watching.signal);
  const acked = timesOf(acks, () => true, children, watching.signal);
  const startedAt = Date.now();
  const { body: answer, ms } = await server.call<ManyAnswer>("POST", "/instances/base/forks", body);
  const loopDelay = await eventLoopDelay(server);
  const living = answer.children.flatMap(({ name, instance }) =>
    instance === null ? [] : [{ name, id: instance.id }],
  );
  for (const { name, error } of answer.children)
    if (error !== null) rig.say(`${name} failed: ${error.code}: ${error.message}`);
  const ids = living.map(({ id }) => id);
  const failed = children - living.length;
  if (failed > 0) watching.abort();
  const resumedAt = await resumed;
  const ackedAt = await acked;
  const since = (at: number | undefined): number => (failed > 0 || at === undefined ? Number.NaN : at - startedAt);
  await keepWarm(rig, 0);
  const idleMegabytes = await privateMegabytes(server.dataDirectory, ids);
  const memory = await serverMemory(server.pid);
  await mapLimited(living, requestsAtOnce, ({ name }) => serveRequest(server, name));
  const servedMegabytes = await privateMegabytes(server.dataDirectory, ids);
  await Promise.all(living.map(({ name }) => server.call("DELETE", `/instances/${name}`)));
  return {
    resumedMs: since(resumedAt.at(-1)),
    tenthAckedMs: since(ackedAt[Math.ceil(children / 10) - 1]),
    halfAckedMs: since(ackedAt[Math.ceil(children / 2) - 1]),
    ackedMs: ms,
    failed,
    cold: answer.children.filter(({ start }) => start === "cold").length,
    idleMegabytes,
    servedMegabytes,
    serverMegabytes: memory.megabytes,
    serverPeakMegabytes: memory.peakMegabytes,
    loopDelay,
  };
}

const requestsAtOnce = 8;
/** All children of a call have acknowledged long before, or the call has failed. */
const toldLimitMs = 180_000;

async function serveRequest(server: BenchServer, name: string): Promise<void> {
  const child = await server.client.instance(name);
  const { exitCode, stdout } = await child.output(["sh", "-c", "head -c 1048576 /run/fill/data | sha256sum"]);
  if (exitCode !== 0 || !/^[0-9a-f]{64} /.test(stdout)) throw new Error(`${name} did not serve its request`);
}

/** When `count` events came that are accepted, by the server's own word; fewer when watching was given up. */
async function timesOf(
  events: AsyncIterable<Readonly<Record<string, unknown>>>,
  accepts: (event: Readonly<Record<string, unknown>>) => boolean,
  count: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const times: number[] = [];
  try {
    for await (const event of events) {
      if (accepts(event)) times.push(Date.parse(String(event["at"])));
      if (times.length === count) return times;
    }
  } catch (failure) {
    if (signal.aborted) return times;
    throw failure;
  }
  throw new Error(`the events ended before there were ${String(count)}`);
}

function figuresOf(start: "warm" | "cold", seen: readonly Seen[], children: number): Figure[] {
  const isHundred = children === 100 && start === "warm";
  const each = (read: (one: Seen) => number): number[] => seen.map(read).filter((value) => !Number.isNaN(value));
  const targets = (isPromised: boolean, of: Target["of"], atMost: number, promise: string): readonly Target[] =>
    isPromised ? [{ of, atMost, promise }] : [];
  const figures: readonly Figure[] = [
    {
      name: "until all resumed",
      unit: "ms",
      samples: each(({ resumedMs }) => resumedMs),
      targets: targets(isHundred, "p50", 2500, "100 children in one call, warm slots ready: all resumed"),
    },
    { name: "until a tenth acked", unit: "ms", samples: each(({ tenthAckedMs }) => tenthAckedMs) },
    { name: "until half acked", unit: "ms", samples: each(({ halfAckedMs }) => halfAckedMs) },
    {
      name: "until all acked",
      unit: "ms",
      samples: each(({ ackedMs }) => ackedMs),
      targets: targets(isHundred, "p50", 12_000, "100 children in one call, warm slots ready: all acked"),
    },
    {
      name: "failed",
      unit: "count",
      samples: each(({ failed }) => failed),
      targets: targets(isHundred, "max", 0, "100 children in one call, warm slots ready: failed"),
    },
    { name: "started cold", unit: "count", samples: each(({ cold }) => cold) },
    {
      name: "private memory, idle",
      unit: "MB",
      samples: seen.flatMap(({ idleMegabytes }) => idleMegabytes),
      targets: targets(isHundred, "p50", 40, "Private memory of an idle child, under software emulation"),
    },
    { name: "private memory, served", unit: "MB", samples: seen.flatMap(({ servedMegabytes }) => servedMegabytes) },
    {
      name: "server's memory",
      unit: "MB",
      samples: each(({ serverMegabytes }) => serverMegabytes),
      targets: targets(isHundred, "max", 150, "The server's own resident memory with 100 children"),
    },
    { name: "server's memory, peak", unit: "MB", samples: each(({ serverPeakMegabytes }) => serverPeakMegabytes) },
    { name: "event loop delay, p99", unit: "ms", samples: each(({ loopDelay }) => loopDelay.p99Ms) },
    { name: "event loop delay, max", unit: "ms", samples: each(({ loopDelay }) => loopDelay.maxMs) },
  ];
  return figures
    .filter(({ samples }) => samples.length > 0)
    .map((figure) => ({ ...figure, name: `${start}: ${figure.name}` }));
}
