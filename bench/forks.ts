import type { Rig } from "./scenario.ts";
import type { BenchServer } from "./server.ts";

/** What a fork answers, as far as it is looked at here. */
interface ForkAnswer {
  readonly start: "warm" | "cold";
  readonly timings_ms: Readonly<Record<string, number>>;
}

/** One fork, seen from outside. */
export interface Fork {
  readonly start: "warm" | "cold";
  /** From the call until the guest goes on: the server's phases up to the resume, and the way there and back. */
  readonly resumedMs: number;
  readonly answeredMs: number;
  readonly phasesMs: Readonly<Record<string, number>>;
}

export interface MailboxBody {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly wait_for_ack?: boolean;
}

/** What the server does after the guest has gone on. */
const phasesAfterResume = new Set(["identity_ack", "mailbox_ack", "commit"]);

/** Forks `base` and leaves the child running. */
export async function forkBase(server: BenchServer, name: string, mailboxes: readonly MailboxBody[]): Promise<Fork> {
  const { body, ms } = await server.call<ForkAnswer>("POST", "/instances/base/fork", {
    name,
    target_state: "Running",
    mailboxes,
  });
  const { total = 0, ...phasesMs } = body.timings_ms;
  const before = Object.entries(phasesMs).filter(([phase]) => !phasesAfterResume.has(phase));
  const handled = before.reduce((sum, [, phase]) => sum + phase, 0);
  return { start: body.start, resumedMs: handled + (ms - total), answeredMs: ms, phasesMs };
}

/** The same, and deletes the child. */
export async function forkAndDelete(rig: Rig, name: string, mailboxes: readonly MailboxBody[]): Promise<Fork> {
  const fork = await forkBase(rig.server, name, mailboxes);
  await rig.server.call("DELETE", `/instances/${name}`);
  return fork;
}

/** Keeps `count` slots of `base`. */
export async function keepWarm({ server }: Rig, count: number): Promise<void> {
  await server.call("PUT", "/instances/base/warm-slots", { count });
}

/** Until so many slots of `base` are ready. Asked again and again: a bench may wait for what it does not measure. */
export async function slotsReady({ server, signal }: Rig, count: number): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(slotsLimitMs)]);
  for (;;) {
    limit.throwIfAborted();
    const { body } = await server.call<{ ready: number }>("GET", "/instances/base/warm-slots");
    if (body.ready >= count) return;
  }
}

const slotsLimitMs = 300_000;
