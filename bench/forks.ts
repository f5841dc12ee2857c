import { setTimeout } from "node:timers/promises";
import type { Rig } from "./scenario.ts";
import type { Answer, BenchServer } from "./server.ts";

/** What a call that resumes a guest answers, as far as it is looked at here. */
interface TimedAnswer {
  readonly timings_ms: Readonly<Record<string, number>>;
}

interface ForkAnswer extends TimedAnswer {
  readonly start: "warm" | "cold";
}

/** A resume of a guest, seen from outside. */
export interface Resume {
  /** From the call until the guest goes on: the server's phases up to the resume, and the way there and back. */
  readonly resumedMs: number;
  readonly answeredMs: number;
  readonly phasesMs: Readonly<Record<string, number>>;
}

export interface Fork extends Resume {
  readonly start: "warm" | "cold";
}

export interface MailboxBody {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly wait_for_ack?: boolean;
}

/** What the server does after the guest has gone on. */
const phasesAfterResume = new Set(["identity_ack", "mailbox_ack", "commit"]);

/** Forks `parent` and leaves the child running. */
export async function forkBase(
  server: BenchServer,
  name: string,
  mailboxes: readonly MailboxBody[],
  parent = "base",
): Promise<Fork> {
  const wish = { name, target_state: "Running", mailboxes };
  const answer = await server.call<ForkAnswer>("POST", `/instances/${parent}/fork`, wish);
  return { ...resumeOf(answer), start: answer.body.start };
}

/** Restores an instance in standby as itself. */
export async function restoreInstance(server: BenchServer, name: string): Promise<Resume> {
  return resumeOf(await server.call<TimedAnswer>("POST", `/instances/${name}/restore`));
}

function resumeOf({ body, ms }: Answer<TimedAnswer>): Resume {
  const { total = 0, ...phasesMs } = body.timings_ms;
  const before = Object.entries(phasesMs).filter(([phase]) => !phasesAfterResume.has(phase));
  const handled = before.reduce((sum, [, phase]) => sum + phase, 0);
  return { resumedMs: handled + (ms - total), answeredMs: ms, phasesMs };
}

/** The same, and deletes the child. */
export async function forkAndDelete(
  rig: Rig,
  name: string,
  mailboxes: readonly MailboxBody[],
  parent = "base",
): Promise<Fork> {
  const fork = await forkBase(rig.server, name, mailboxes, parent);
  await rig.server.call("DELETE", `/instances/${name}`);
  return fork;
}

/** Keeps `count` slots of `parent`. */
export async function keepWarm({ server }: Rig, count: number, parent = "base"): Promise<void> {
  await server.call("PUT", `/instances/${parent}/warm-slots`, { count });
}

/**
 * Until so many slots of `parent` are ready. Asked again and again, for nothing tells of it: a bench may wait for what it does not measure. With a
 * pause in between, for the server that makes the slots has to answer too.
 */
export async function slotsReady({ server, signal }: Rig, count: number, parent = "base"): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(slotsLimitMs)]);
  for (;;) {
    const { body } = await server.call<{ ready: number }>("GET", `/instances/${parent}/warm-slots`);
    if (body.ready >= count) return;
    await setTimeout(betweenAsksMs, undefined, { signal: limit });
  }
}

const betweenAsksMs = 20;
const slotsLimitMs = 300_000;
