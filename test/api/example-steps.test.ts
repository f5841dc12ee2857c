/** What the examples share, on the fake driver; the examples themselves run in test/vm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCold, startWarm, Stopwatch } from "../../examples/steps.ts";
import { RametClient, RametStateError } from "../../src/client/index.ts";
import { startTestServer } from "./helpers.ts";

/** The fake workload prints its words: the second line that it prints is the second of these. */
const warm = { image: "ramet/base", memory: "96MB", cmd: ["starting\nwarm: now"] };

test("VMs that are started cold to compare with are warm when that step is over, and gone", async (context) => {
  const server = await startTestServer(context);
  const ramet = new RametClient({ baseUrl: server.url, token: server.token });
  const seen = new Set<string>();
  const ended = new AbortController();
  const isListening = Promise.withResolvers<null>();
  const listener = (async () => {
    const events = ramet.events({
      types: ["instance.state"],
      signal: ended.signal,
      onOpen: () => {
        isListening.resolve(null);
      },
    });
    for await (const event of events) if (event.type === "instance.state") seen.add(event.instance_id);
  })();
  await isListening.promise;
  const watch = new Stopwatch();
  await startCold(ramet, warm, 3, watch);
  ended.abort();
  await assert.rejects(listener);
  assert.equal(seen.size, 3);
  assert.deepEqual(await ramet.instances(), []);
  assert.deepEqual(Object.keys(watch.ms), ["cold starts"]);
  await startCold(ramet, warm, 0, new Stopwatch());
});

test("a VM whose workload ends before it is warm is deleted, and the reason is thrown", async (context) => {
  const server = await startTestServer(context);
  const ramet = new RametClient({ baseUrl: server.url, token: server.token });
  const wish = { image: "ramet/base", memory: "96MB", cmd: ["never"], env: { FAKE_EXIT: "3" } };
  const isReason = (error: unknown) =>
    error instanceof RametStateError &&
    error.code === "not_reached" &&
    /exited with code 3|ended with code 3/.test(error.message);
  await assert.rejects(startWarm(ramet, wish), isReason);
  assert.deepEqual(await ramet.instances(), []);
});
