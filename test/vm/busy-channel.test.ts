import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { boot, shell, waitForLine } from "./guests.ts";
import { startServer, type Ramet } from "./harness.ts";

const streamCount = 8;

/** How many bytes of output have come. */
interface Stream {
  received: number;
  readonly exited: Promise<unknown>;
}

/** Programs that say as much as they are let, all over the one channel of the agent; each has said something. */
async function startStreams({ client }: Ramet, name: string): Promise<Stream[]> {
  const signal = AbortSignal.timeout(120_000);
  return await Promise.all(
    Array.from({ length: streamCount }, async () => {
      const session = await client.exec(name, { command: ["cat", "/dev/zero"] }, signal);
      const stream: Stream = { received: 0, exited: session.exited.catch((failure: unknown) => failure) };
      const first = Promise.withResolvers<undefined>();
      session.stdin.end();
      session.stderr.resume();
      session.stdout
        .on("error", () => undefined)
        .on("data", (bytes: Buffer) => {
          stream.received += bytes.length;
          first.resolve(undefined);
        });
      session.stderr.on("error", () => undefined);
      await first.promise;
      return stream;
    }),
  );
}

/** Resolves when each stream has said more than before. */
async function goOn(streams: readonly Stream[]): Promise<void> {
  const before = streams.map(({ received }) => received);
  const deadline = AbortSignal.timeout(30_000);
  while (streams.some(({ received }, index) => received <= (before[index] ?? 0)))
    await after(5, undefined, { signal: deadline });
}

test("an instance that is captured while its agent's channel is full can be restored and forked", async (t) => {
  const ramet = await startServer(t);
  await boot(ramet, "base", "echo ready; sleep 100000");
  await waitForLine(ramet, "base", /^ready$/);

  await t.test("from standby, time and again", async () => {
    for (let round = 1; round <= 6; round++) {
      const streams = await startStreams(ramet, "base");
      await ramet.client.standby("base");
      await ramet.client.restore("base");
      assert.equal(await shell(ramet, "base", `echo ${String(round)}`), String(round));
      await Promise.all(streams.map(({ exited }) => exited));
    }
  });

  await t.test("while it runs: the child answers, and in the parent every program goes on", async () => {
    const streams = await startStreams(ramet, "base");
    for (let round = 1; round <= 3; round++) {
      const name = `child-${String(round)}`;
      await ramet.client.fork("base", { name, from_running: true });
      assert.equal(await shell(ramet, name, "hostname"), name);
      await goOn(streams);
      await ramet.client.delete(name);
    }
  });

  const repeated = (await ramet.log()).match(/checkpoint\.repeated/g)?.length ?? 0;
  t.diagnostic(`${String(repeated)} captures were repeated`);
});
