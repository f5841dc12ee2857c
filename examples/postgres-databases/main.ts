/**
 * One PostgreSQL is filled and warm; its VM is forked into test databases, each with a name and a password of its own. Every one is
 * changed by its test, and none sees what the others did.
 *
 *     boot, warm up ─► standby ─► fork ─┬─► child 0: {"name": "test_0", "password": …}  ◄─ a test that changes data
 *                                       ├─► child 1: {"name": "test_1", "password": …}  ◄─ another
 *                                       └─► …                                           then all are read again and checked
 */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { RametClient, type RametInstance } from "ramet/client";
import { bringImage, readOptions, report, startCold, startWarm, Stopwatch } from "../steps.ts";

const key = randomBytes(32);
/** What every account holds at first, and how many of them a test changes. */
const balance = 1000;
const touched = 100;

const options = readOptions(process.argv.slice(2), 200_000);
const ramet = new RametClient();
const watch = new Stopwatch();
const image = await bringImage(ramet, "postgres-databases", options.size);
const vm = { image, memory: "512MB", network: { ports: [{ guest_port: 5432 }] } };
watch.lap("image");
await startCold(ramet, vm, options.cold, watch);

await using base = await startWarm(ramet, vm);
watch.lap("cold start");
await base.standby();
watch.lap("standby");

await using children = await base.fork({
  count: options.children,
  name: "test-{index}",
  mailbox: (index) => ({ database: { name: `test_${index}`, password: passwordOf(index) } }),
  wait_for_ack: true,
  ack_timeout_ms: 30_000,
});
watch.lap("fork");
await Promise.all(Array.from(children, changeData));
const looks = await Promise.all(Array.from(children, lookAgain));
watch.lap("answers");
await refuseStranger();
report(options, watch, looks);

/** The test that this database is for: it gives the first accounts something, another amount in each database. */
async function changeData(child: RametInstance, index: number): Promise<void> {
  const sql = `update accounts set balance = balance + ${giftOf(index)} where id <= ${touched}`;
  const { exitCode, stderr } = await psql(child, index, sql);
  assert.equal(exitCode, 0, stderr);
}

/** By now all others have changed theirs. */
async function lookAgain(child: RametInstance, index: number): Promise<Record<string, string>> {
  const { stdout, stderr } = await psql(child, index, "select count(*), sum(balance) from accounts");
  const balances = options.size * balance + touched * giftOf(index);
  assert.equal(stdout, `${options.size}|${balances}\n`, stderr);
  const port = child.info.network.ports[0]?.host_port;
  const url = `postgresql://tester:…@127.0.0.1:${port}/test_${index}`;
  return { child: child.name, url, "sum of balances": String(balances) };
}

/** What one database was told is no other's password. */
async function refuseStranger(): Promise<void> {
  const [first] = children;
  assert.ok(first !== undefined);
  const { stderr } = await psql(first, 0, "select", passwordOf(1));
  assert.match(stderr, /password authentication failed/);
}

function psql(child: RametInstance, index: number, sql: string, password = passwordOf(index)) {
  const command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--host=127.0.0.1", "--username=tester"];
  return child.output([...command, `--dbname=test_${index}`, `--command=${sql}`], { env: { PGPASSWORD: password } });
}

function giftOf(index: number): number {
  return index + 1;
}

/** Another for each child, and known to nobody else. */
function passwordOf(index: number): string {
  return createHmac("sha256", key).update(`password ${index}`).digest("hex");
}
