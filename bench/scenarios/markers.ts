import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { imageFiles } from "../../src/domain/checkpoints/memory-image.ts";
import { isFrame } from "../../src/domain/mailboxes/frame.ts";
import { planDelivery } from "../../src/domain/mailboxes/deliver.ts";
import { indexMailboxes } from "../../src/domain/mailboxes/frame-index.ts";
import { openImage } from "../../src/memory/image-reader.ts";
import { scanMemory } from "../../src/memory/rebuild-indexes.ts";
import { onlyInstance } from "../data-directory.ts";
import { bootIntoStandby } from "../guests.ts";
import type { Scenario } from "../scenario.ts";

const mailboxes = 16;

export const markers: Scenario = {
  name: "markers",
  about:
    `Finding ${String(mailboxes)} mailboxes in the memory image of a 1024 MB guest: by its index, as every fork does before anything is started, and by a ` +
    "scan of the whole file, as is done when the index is lost, in turn with grep -c over the same file.",
  run: async ({ server, runs, signal, say }) => {
    await bootIntoStandby(server, { name: "base", memoryMegabytes: 1024, filledMegabytes: 256, mailboxes });
    const files = await onlyInstance(server.dataDirectory);
    const image = imageFiles(files.imageDirectory);
    const { mailboxToken } = files.readSecrets();
    const mail = Array.from({ length: mailboxes }, (_, index) => ({
      name: `job-${String(index)}`,
      token: mailboxToken,
      payload: Buffer.from("{}"),
    }));
    const byIndex = async (): Promise<void> => {
      await using memory = await openImage(image);
      planDelivery(await indexMailboxes(memory, memory.frames), mail, crypto.randomUUID());
    };
    const scan = async (): Promise<void> => {
      const { frames } = await scanMemory(image.memoryPath, isFrame, signal);
      if (frames.length < mailboxes) throw new Error(`the scan found ${String(frames.length)} frames`);
    };
    const preflights: number[] = [];
    const scans: number[] = [];
    const greps: number[] = [];
    // The file is in the page cache from here on, for all of them.
    await scan();
    for (let index = 0; index < runs; index++) {
      say(`round ${String(index + 1)} of ${String(runs)}`);
      preflights.push(await timed(byIndex));
      scans.push(await timed(scan));
      greps.push(await timed(() => grep(image.memoryPath)));
    }
    const peer = { name: "grep -c", samples: greps };
    return [
      { name: `preflight of ${String(mailboxes)} markers`, unit: "ms", samples: preflights, peer },
      { name: "full scan without index", unit: "ms", samples: scans, peer },
    ];
  },
};

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Exits with 1, and so fails, when it found nothing. */
async function grep(path: string): Promise<void> {
  await promisify(execFile)("grep", ["-c", "RAMET-MAILBOX-1", path], { env: { ...process.env, LC_ALL: "C" } });
}
