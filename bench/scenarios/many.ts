import { readFile, readdir, readlink } from "node:fs/promises";
import { keepWarm, slotsReady } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario } from "../scenario.ts";
import type { BenchServer } from "../server.ts";

interface ManyAnswer {
  readonly children: readonly { readonly error: unknown; readonly start: string | null }[];
}

/** One call for many children, their slots ready, as a caller and as the machine see it. */
export const many = (children: number): Scenario => ({
  name: `many-${String(children)}`,
  about: `${String(children)} children in one call, each with its own mail and ack, warm slots ready.`,
  run: async (rig) => {
    await bootIntoStandby(rig.server, { name: "base", memoryMegabytes: 256, filledMegabytes: 32, mailboxes: 1 });
    const seen = [];
    const rounds = Math.max(1, Math.min(rig.runs, 3));
    for (let round = 0; round < rounds; round++) {
      rig.say(`round ${String(round + 1)} of ${String(rounds)}: waiting for ${String(children)} slots`);
      await keepWarm(rig, children);
      await slotsReady(rig, children);
      seen.push(await forkAll(rig, children));
    }
    return figuresOf(children, seen);
  },
});

interface Seen {
  readonly resumedMs: number;
  readonly ackedMs: number;
  readonly failed: number;
  readonly cold: number;
  readonly privateMegabytes: readonly number[];
  readonly serverMegabytes: number;
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
  const startedAt = Date.now();
  const resumed = lastResume(server, children);
  const { body: answer, ms } = await server.call<ManyAnswer>("POST", "/instances/base/forks", body);
  const failed = answer.children.filter(({ error }) => error !== null).length;
  const resumedAt = failed === 0 ? await resumed : Number.NaN;
  // The slots that are made anew are not children.
  await keepWarm(rig, 0);
  const privateMegabytes = await privateMemoryOf(server.dataDirectory);
  const serverMegabytes = await residentMegabytes(server.pid);
  await Promise.all(
    answer.children.map(({ error }, index) =>
      error === null ? server.call("DELETE", `/instances/child-${String(index)}`) : Promise.resolve(),
    ),
  );
  return {
    resumedMs: resumedAt - startedAt,
    ackedMs: ms,
    failed,
    cold: answer.children.filter(({ start }) => start === "cold").length,
    privateMegabytes,
    serverMegabytes,
  };
}

/** When the last of the children went on, by the server's own word. */
async function lastResume(server: BenchServer, children: number): Promise<number> {
  let seen = 0;
  for await (const event of server.events("/events?type=fork.phase")) {
    if (event["phase"] === "resume") seen += 1;
    if (seen === children) return Date.parse(String(event["at"]));
  }
  throw new Error("the events ended before the last child went on");
}

/** What each VMM has for itself alone: Private_Clean and Private_Dirty of smaps_rollup, proc_pid_smaps(5). */
async function privateMemoryOf(dataDirectory: string): Promise<number[]> {
  const sizes: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (!directory.startsWith(`${dataDirectory}/instances/`)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, size]) => Number(size));
    sizes.push(kilobytes.reduce((sum, size) => sum + size, 0) / 1024);
  }
  return sizes;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function figuresOf(children: number, seen: readonly Seen[]): Figure[] {
  const isHundred = children === 100;
  return [
    {
      name: "until all resumed",
      unit: "ms",
      samples: seen.map(({ resumedMs }) => resumedMs),
      targets: isHundred ? [{ of: "p50", atMost: 2500 }] : [],
    },
    {
      name: "until all acked",
      unit: "ms",
      samples: seen.map(({ ackedMs }) => ackedMs),
      targets: isHundred ? [{ of: "p50", atMost: 12_000 }] : [],
    },
    { name: "failed", unit: "count", samples: seen.map(({ failed }) => failed), targets: [{ of: "max", atMost: 0 }] },
    { name: "started cold", unit: "count", samples: seen.map(({ cold }) => cold) },
    {
      name: "private memory of a child",
      unit: "MB",
      samples: seen.flatMap(({ privateMegabytes }) => privateMegabytes),
      targets: [{ of: "p50", atMost: 40 }],
    },
    {
      name: "server's resident memory",
      unit: "MB",
      samples: seen.map(({ serverMegabytes }) => serverMegabytes),
      targets: isHundred ? [{ of: "max", atMost: 150 }] : [],
    },
  ];
}
