import { forkAndDelete, keepWarm, slotsReady, type MailboxBody } from "../forks.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Figure, Rig, Scenario, Target } from "../scenario.ts";

const counts = [1, 4, 16] as const;

/** What is written into a child's memory, and what is looked up before it, by the server's own clock. */
export const deliver: Scenario = {
  name: "deliver",
  about: "Mail of 1, 4 and 16 mailboxes written into a warm child's memory, and the preflight of their markers.",
  run: async (rig) => {
    await bootIntoStandby(rig.server, { name: "base", memoryMegabytes: 256, filledMegabytes: 64, mailboxes: 16 });
    await keepWarm(rig, 1);
    const figures: Figure[] = [];
    for (const count of counts) {
      const mail = Array.from({ length: count }, (_, index) => mailOf(index, "x".repeat(64)));
      figures.push(
        ...(await measure(
          rig,
          `${String(count)} mailboxes`,
          mail,
          count === 16 ? [{ of: "p50", atMost: 1, promise: "Delivery of 16 mailboxes" }] : [],
        )),
      );
    }
    return figures;
  },
};

export const deliverLarge: Scenario = {
  name: "deliver-64k",
  about: "One payload of 64 KiB, written over 18 frames of a warm child's memory.",
  run: async (rig) => {
    const wish = { name: "base", memoryMegabytes: 256, filledMegabytes: 64, mailboxes: 1, parts: 18 };
    await bootIntoStandby(rig.server, wish);
    await keepWarm(rig, 1);
    // With its keys and quotes the payload has 65,536 bytes.
    return await measure(rig, "64 KiB", [mailOf(0, "x".repeat(65_536 - '{"text":""}'.length))], []);
  },
};

const mailOf = (index: number, text: string): MailboxBody => ({ name: `job-${String(index)}`, payload: { text } });

async function measure(
  rig: Rig,
  name: string,
  mail: readonly MailboxBody[],
  targets: readonly Target[],
): Promise<Figure[]> {
  const delivered: number[] = [];
  const preflighted: number[] = [];
  for (let index = 0; index < rig.runs; index++) {
    rig.say(`${name}: fork ${String(index + 1)} of ${String(rig.runs)}`);
    await slotsReady(rig, 1);
    const { phasesMs } = await forkAndDelete(rig, `child-${String(index)}`, mail);
    delivered.push(phasesMs["deliver"] ?? Number.NaN);
    preflighted.push(phasesMs["preflight"] ?? Number.NaN);
  }
  return [
    { name: `${name}: deliver`, unit: "ms", samples: delivered, targets },
    { name: `${name}: preflight`, unit: "ms", samples: preflighted },
  ];
}
