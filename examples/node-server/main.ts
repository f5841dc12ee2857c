/**
 * One Node server warms up; a snapshot of its VM is forked, and every child serves, on a port of its own, the shop that its mail names.
 *
 *     boot, warm up ─► snapshot ─► fork ─┬─► child 0: {"name": "shop-0", "secret": …}  ◄─ HTTP ─ 127.0.0.1:PORT
 *                                        ├─► child 1: {"name": "shop-1", "secret": …}  ◄─ HTTP ─ 127.0.0.1:ANOTHER
 *                                        └─► …                                         signed answers: all are checked
 */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { RametClient, type RametInstance } from "ramet/client";
import { bringImage, readOptions, report, startCold, startWarm, Stopwatch } from "../steps.ts";

const answersWithinMs = 30_000;
const colours = ["red", "orange", "yellow", "green", "blue", "indigo", "violet"];
const key = randomBytes(32);

const options = readOptions(process.argv.slice(2), 50_000);
const ramet = new RametClient();
const watch = new Stopwatch();
const image = await bringImage(ramet, "node-server", options.size);
const vm = { image, memory: "512MB", network: { ports: [{ guest_port: 8080 }] } };
watch.lap("image");
await startCold(ramet, vm, options.cold, watch);

await using base = await startWarm(ramet, vm);
watch.lap("cold start");
await using warm = await base.snapshot("warm");
watch.lap("snapshot");

await using children = await warm.fork({
  count: options.children,
  name: "shop-{index}",
  mailbox: (index) => ({ shop: { name: `shop-${index}`, secret: secretOf(index) } }),
  wait_for_ack: true,
  ack_timeout_ms: 30_000,
});
watch.lap("fork");
const answers = await Promise.all(Array.from(children, ask));
watch.lap("answers");
report(options, watch, answers);

/** Asks one child over HTTP, and checks that it is who its mail says, with its own secret, and has the catalogue. */
async function ask(child: RametInstance, index: number): Promise<Record<string, string | number>> {
  const nonce = randomBytes(8).toString("hex");
  const colour = index % colours.length;
  const port = child.info.network.ports[0]?.host_port ?? 0;
  const url = `http://127.0.0.1:${port}/?colour=${String(colours[colour])}&nonce=${nonce}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(answersWithinMs) });
  const { shop, cheapest, signature } = (await response.json()) as {
    readonly shop: string;
    readonly cheapest: Product;
    readonly signature: string;
  };
  assert.equal(response.status, 200);
  assert.equal(shop, `shop-${index}`);
  assert.equal(signature, createHmac("sha256", secretOf(index)).update(nonce).digest("hex"));
  assert.deepEqual(cheapest, cheapestOf(colour));
  return { child: child.name, port, shop, cheapest: `${cheapest.name}, ${cheapest.cents} cents`, signature: "its own" };
}

interface Product {
  readonly name: string;
  readonly cents: number;
}

/** Another for each child, and known to nobody else. */
function secretOf(index: number): string {
  return createHmac("sha256", key).update(`secret ${index}`).digest("hex");
}

/** What server.mjs should find: its catalogue is made by the same formula. */
function cheapestOf(colour: number): Product {
  return Array.from({ length: options.size }, (_, number) => ({
    name: `lamp ${number}`,
    cents: 100 + ((number * 7919) % 100_003),
  }))
    .filter((_, number) => number % colours.length === colour)
    .reduce((best, product) => (product.cents < best.cents ? product : best));
}
