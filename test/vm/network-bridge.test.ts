import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { ownerOf } from "../../src/domain/networks/bridge-plan.ts";
import type { Instance } from "../../src/client/shapes.ts";
import { boot, fork, refusalOf, shell, waitForLine, waitForRunning } from "./guests.ts";
import { directoryOf, makeDataDir, startServer } from "./harness.ts";
import { killProcess, processesIn } from "./host.ts";
import { isInside, runInside, startStation, tell, whyNoBridge } from "./own-namespace.ts";

/** Serves its own name over HTTP, and takes mail. */
const workload = `
  mkdir -p /www
  mailbox arm job
  busybox httpd -h /www
  echo ready
  while mail=$(mailbox wait job); do cat /etc/hostname > /www/name; echo "mail: $mail"; done`;

/** Says who asks for what; a guest behind the NAT comes from the host's address. */
const outsideServer = `
  require("node:http").createServer((request, response) => {
    process.stdout.write(request.socket.remoteAddress + " " + request.url + "\\n");
    response.end("outside");
  }).listen(80, "0.0.0.0", () => process.stdout.write("ready\\n"));`;

const outside = { hostAddress: "192.0.2.1", address: "192.0.2.2" };
const bridgeName = "ramet0";
const childNames = Array.from({ length: 8 }, (_, index) => `child-${String(index)}`);

const skip = whyNoBridge();
if (skip !== false) test("guests on a bridge", { skip });
else if (!isInside) await runInside(import.meta.filename);
else {
  tell("ip", "link", "set", "lo", "up");
  test("guests on a bridge have addresses of their own, and nothing of it stays", testBridge);
}

async function testBridge(t: TestContext): Promise<void> {
  const dataDir = await makeDataDir(t);
  let ramet = await startServer(t, dataDir);
  const { client } = ramet;
  const station = await startStation(t, outsideServer, outside);
  await boot(ramet, "base", workload, { network: { mode: "bridge" } });
  await waitForLine(ramet, "base", /^ready$/);

  await t.test("the capability is shown", async () => {
    const [hypervisor] = (await client.capabilities()).hypervisors;
    assert.equal(hypervisor?.capabilities.bridge_network, true);
  });

  await t.test("ports are of user mode alone", async () => {
    const network = { mode: "bridge", ports: [{ guest_port: 80 }] } as const;
    const refusal = await refusalOf(client.create({ name: "no", image: "ramet/base", network }));
    assert.equal(refusal.status, 400);
  });

  await t.test("8 children of a running parent take their own addresses, while the parent answers", async () => {
    const parent = await client.get("base");
    await shell(ramet, "base", "cat /etc/hostname > /www/name");
    const watch = new AbortController();
    const answers = watchParent(parent, watch.signal);
    const mailboxes = [{ name: "job", payload: { go: true }, wait_for_ack: true, ack_timeout_ms: 30_000 }];
    const children = childNames.map((name) => ({ name, mailboxes }));
    const { children: results } = await client.forkMany("base", { from_running: true, children });
    watch.abort();
    assert.ok((await answers) > 0);
    assert.deepEqual(
      results.map(({ name, mailboxes: [job] }) => [name, job?.acked]),
      childNames.map((name) => [name, true]),
    );
    const places = (await client.list()).map(({ network }) => network);
    assert.equal(new Set(places.map(({ ip }) => ip)).size, 9);
    assert.equal(new Set(places.map(({ mac }) => mac)).size, 9);
    assert.equal(await nameServedBy(parent), "base");
  });

  await t.test("in the child the parent's address is gone", async () => {
    for (const name of ["child-0", "child-7"]) {
      const { network } = await client.get(name);
      const addresses = await shell(ramet, name, "ip -4 -o address show dev eth0 | awk '{print $4}'");
      assert.equal(addresses, `${network.ip}/16`);
      assert.equal(await shell(ramet, name, "cat /sys/class/net/eth0/address"), network.mac);
    }
  });

  await t.test("all reach the outside at the same time, under the host's address", async () => {
    await Promise.all(childNames.map((name) => shell(ramet, name, `wget -q -O - http://${outside.address}/${name}`)));
    const seen: string[] = [];
    for (const _ of childNames) seen.push(await station.nextLine());
    assert.deepEqual(
      seen.sort(),
      childNames.map((name) => `${outside.hostAddress} /${name}`),
    );
  });

  await t.test("all reach the host, each from its own address, which is one machine's", async (step) => {
    const server = createServer((request, response) => response.end(request.socket.remoteAddress));
    server.listen(0, "0.0.0.0");
    await once(server, "listening");
    step.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ask = `wget -q -O - http://10.100.0.1:${String(port)}/`;
    const seen = await Promise.all(childNames.map((name) => shell(ramet, name, ask)));
    const networks = await Promise.all(childNames.map(async (name) => (await client.get(name)).network));
    assert.deepEqual(
      seen,
      networks.map(({ ip }) => ip),
    );
    for (const { ip, mac } of networks) assert.equal(hardwareAddressOf(ip), mac);
  });

  await t.test("a child answers under its own address, to a sibling too", async () => {
    const first = await client.get("child-0");
    assert.equal(await nameServedBy(first), "child-0");
    assert.equal(await shell(ramet, "child-1", `wget -q -O - http://${first.network.ip}/name`), "child-0");
  });

  await t.test("a guest cannot speak under another's address", async () => {
    const { network } = await client.get("base");
    assert.equal(await nameServedBy({ network }), "base");
    // Gratuitous ARP, which a host believes for an address that it knows.
    await shell(ramet, "child-2", `ip addr add ${network.ip}/32 dev eth0; arping -U -c 3 -I eth0 ${network.ip}; true`);
    assert.equal(hardwareAddressOf(network.ip), network.mac);
    assert.equal(await nameServedBy({ network }), "base");
    await client.delete("child-2");
  });

  await t.test("an instance keeps its address through standby, and gives its TAP back", async () => {
    const before = await client.get("child-3");
    const tapsBefore = new Set(listTaps());
    await client.standby("child-3");
    const after = await client.restore("child-3");
    assert.deepEqual(after.network, before.network);
    assert.equal(await nameServedBy(after), "child-3");
    assert.equal(new Set(listTaps()).size, tapsBefore.size);
  });

  await t.test("restored in place it keeps its address too", async () => {
    const { network } = await client.get("child-4");
    await client.takeSnapshot("child-4", { name: "now" });
    await client.restoreSnapshot("child-4", "now");
    assert.equal(await nameServedBy({ network }), "child-4");
    const [snapshot] = await client.snapshots();
    assert.ok(snapshot);
    await client.deleteSnapshot(snapshot.id);
  });

  await t.test("a child that cannot be made leaves no TAP and no address", async () => {
    const refusal = await refusalOf(fork(ramet, "base", "child-0"));
    assert.ok(refusal.status >= 400);
    const wrong = [{ name: "none", payload: {} }];
    await refusalOf(client.fork("base", { name: "wrong", from_running: true, mailboxes: wrong }));
    assert.equal((await client.list()).length, 8);
  });

  await t.test("a warm slot has an address before it has a name, and gives it back", async () => {
    const snapshot = await client.takeSnapshot("base", { name: "warm" });
    await client.setWarmSlots("snapshot", snapshot.id, 1);
    const deadline = AbortSignal.timeout(60_000);
    while ((await client.warmSlots("snapshot", snapshot.id, deadline)).ready < 1) deadline.throwIfAborted();
    const child = await client.forkSnapshot(snapshot.id, { name: "warm-1" });
    assert.equal(child.start, "warm");
    await shell(ramet, "warm-1", "cat /etc/hostname > /www/name");
    assert.equal(await nameServedBy(child), "warm-1");
    await client.setWarmSlots("snapshot", snapshot.id, 0);
    await client.delete("warm-1");
    await client.deleteSnapshot(snapshot.id);
  });

  await t.test("forks and deletes, one after the other, leave TAPs and addresses where they were", async () => {
    const snapshot = await client.takeSnapshot("base", { name: "turns" });
    const turn = async (name: string): Promise<string | null> => {
      const { network } = await client.forkSnapshot(snapshot.id, { name });
      await client.delete(name);
      return network.ip;
    };
    await turn("turn");
    const before = listTaps().sort();
    for (let index = 0; index < 20; index++) assert.ok(await turn(`turn-${String(index)}`));
    assert.deepEqual(listTaps().sort(), before);
    await client.deleteSnapshot(snapshot.id);
  });

  await t.test("a killed server's machines are taken up with their TAPs, and what nobody owns is removed", async () => {
    for (const name of ["child-5", "child-6", "child-7"]) await client.delete(name);
    const [doomed] = processesIn(await directoryOf(ramet, "child-1"));
    await ramet.kill();
    assert.ok(doomed !== undefined);
    killProcess(doomed);
    tell("ip", "tuntap", "add", "dev", `rmt${ownerOf(dataDir)}zz`, "mode", "tap");
    ramet = await startServer(t, dataDir);
    const survivors = ["base", "child-0", "child-3", "child-4"];
    for (const name of survivors) await waitForRunning(ramet, name);
    assert.equal((await ramet.client.get("child-1")).state, "Stopped");
    const running = (await ramet.client.list({ state: "Running" })).map(({ name }) => name);
    assert.deepEqual(running.sort(), survivors);
    for (const name of running) assert.equal(await nameServedBy(await ramet.client.get(name)), name);
    assert.ok(!listTaps().includes(`rmt${ownerOf(dataDir)}zz`));
    const open = listOpenTaps();
    assert.equal(open.length, 4, `open: ${open.join(" ")}`);
  });

  await t.test("after the last is deleted and the server has ended nothing is left", async () => {
    for (const { name } of await ramet.client.list()) await ramet.client.delete(name);
    assert.equal(await ramet.stop(), 0);
    const links = (JSON.parse(tell("ip", "-json", "link", "show")) as Link[]).map(({ ifname }) => ifname);
    assert.deepEqual(
      links.filter((name) => name !== "lo" && name !== "outside0"),
      [],
    );
    assert.equal(tell("nft", "list", "tables"), "");
    using database = openDatabase(dataDir);
    assert.deepEqual(database.all("select network from instances"), []);
    assert.deepEqual(database.all("select * from bridge"), []);
  });
}

interface Neighbour {
  readonly dst: string;
  readonly lladdr?: string;
}

interface Link {
  readonly ifname: string;
  readonly flags: readonly string[];
}

/** What a guest's own server says, asked at its own address. */
async function nameServedBy({ network }: Pick<Instance, "network">): Promise<string> {
  const response = await fetch(`http://${network.ip}/name`, { signal: AbortSignal.timeout(30_000) });
  return (await response.text()).trim();
}

/** Asks again and again; every answer must come and be the parent's. @returns how many came. */
async function watchParent(parent: Instance, until: AbortSignal): Promise<number> {
  let answers = 0;
  while (!until.aborted) {
    assert.equal(await nameServedBy(parent), "base");
    answers += 1;
  }
  return answers;
}

/** Whose the host takes an address of the bridge to be. */
function hardwareAddressOf(ipv4: string | null): string | undefined {
  const neighbours = JSON.parse(tell("ip", "-json", "neigh", "show", "dev", bridgeName)) as Neighbour[];
  const found = neighbours.filter(({ dst }) => dst === ipv4);
  assert.equal(found.length, 1, `one entry for ${ipv4}`);
  return found[0]?.lladdr;
}

function listTaps(): string[] {
  return (JSON.parse(tell("ip", "-json", "link", "show", "type", "tun")) as Link[]).map(({ ifname }) => ifname);
}

/** Those that a VMM has open have a carrier. */
function listOpenTaps(): string[] {
  const links = JSON.parse(tell("ip", "-json", "link", "show", "type", "tun")) as Link[];
  return links.filter(({ flags }) => flags.includes("LOWER_UP")).map(({ ifname }) => ifname);
}

function openDatabase(dataDir: string): Disposable & { all(query: string): unknown[] } {
  const database = new DatabaseSync(join(dataDir, "ramet.db"), { readOnly: true });
  return {
    all: (query) => database.prepare(query).all(),
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}
