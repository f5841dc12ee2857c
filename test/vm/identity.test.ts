import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { ForkedInstance } from "../../src/client/shapes.ts";
import { bootParent, fork, shell, waitForLine, waitForRunning } from "./guests.ts";
import { startServer, undoOf, type Ramet } from "./harness.ts";

/**
 * The clock of the standing guest is set far back right before standby: a child whose clock nobody sets is years behind. The random
 * bytes are drawn by the process that was forked, as its first deed after it.
 */
const workload = `
  mailbox arm job
  date -s "2019-03-04 05:06:07" > /dev/null
  echo ready
  while mailbox wait job > /dev/null; do
    echo "random: $(head -c 32 /dev/urandom | sha256sum | cut -d ' ' -f 1)"
  done`;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

test("a resumed guest is somebody of its own, here and now", async (t) => {
  const ramet = await startServer(t);
  await bootParent(ramet, "base", workload);
  const names = ["one", "two", "three"];
  const job = { name: "job", payload: { go: true }, wait_for_ack: true };
  const children: ForkedInstance[] = [];
  for (const name of names) children.push(await fork(ramet, "base", name, [job]));

  await t.test("children of one image draw different random bytes", async () => {
    const drawn = new Set<string>();
    for (const name of names) {
      const [, digest] = await waitForLine(ramet, name, /^random: ([0-9a-f]{64})$/);
      drawn.add(digest ?? "none");
      drawn.add(await shell(ramet, name, "head -c 32 /dev/urandom | sha256sum"));
    }
    assert.equal(drawn.size, 2 * names.length, [...drawn].join("\n"));
  });

  await t.test("each child has its own host name, and finds itself under it", async () => {
    for (const name of names) {
      const said = await shell(ramet, name, "hostname; cat /etc/hostname; grep -w 127.0.1.1 /etc/hosts | cut -f 2");
      assert.deepEqual(said.split("\n"), [name, name, name]);
    }
  });

  await t.test("each child has its own machine id and generation", async () => {
    const ids = new Set<string>();
    for (const name of names) {
      const [machineId = "", generation = ""] = (
        await shell(ramet, name, "cat /etc/machine-id /run/ramet/generation")
      ).split("\n");
      assert.match(machineId, /^[0-9a-f]{32}$/);
      assert.match(generation, uuid);
      ids.add(machineId).add(generation);
    }
    assert.equal(ids.size, 2 * names.length);
  });

  await t.test("identity.json says who the child is, and no secret", async () => {
    const parent = await ramet.client.get("base");
    for (const child of children) {
      const { network, ...identity } = JSON.parse(
        await shell(ramet, child.name, "cat /run/ramet/identity.json"),
      ) as Record<string, unknown>;
      const generation = await shell(ramet, child.name, "cat /run/ramet/generation");
      const { id, name } = child;
      assert.deepEqual(identity, { instance_id: id, name, parent: parent.id, generation, hostname: name });
      assert.deepEqual((network as { ipv4: string }).ipv4, child.network.ip);
    }
  });

  await t.test("each child's clock is the host's, whatever its parent's was", async () => {
    for (const name of names) await assertClock(ramet, name);
  });

  await t.test("a child's acks and connections reach the host", async (sub) => {
    assert.deepEqual(
      children.map(({ mailboxes }) => mailboxes.map(({ acked }) => acked)),
      [[true], [true], [true]],
    );
    const port = await serveWord(sub, "word of the host");
    for (const name of names) {
      assert.equal(await shell(ramet, name, `wget -q -O - http://10.0.2.2:${port}/`), "word of the host");
    }
  });

  await t.test("a restored instance keeps its name and has the host's clock and fresh randomness", async () => {
    const before = await shell(ramet, "one", "cat /run/ramet/generation");
    await shell(ramet, "one", 'date -s "2019-03-04 05:06:07"');
    await ramet.client.standby("one");
    await fork(ramet, "one", "grandchild");
    await ramet.client.restore("one");
    await waitForRunning(ramet, "one");
    await assertClock(ramet, "one");
    await assertClock(ramet, "grandchild");
    assert.equal(await shell(ramet, "one", "hostname"), "one");
    assert.equal(await shell(ramet, "grandchild", "hostname"), "grandchild");
    const after = await shell(ramet, "one", "cat /run/ramet/generation");
    assert.match(after, uuid);
    assert.notEqual(after, before);
    const draw = "head -c 32 /dev/urandom | sha256sum";
    assert.notEqual(await shell(ramet, "one", draw), await shell(ramet, "grandchild", draw));
  });
});

/** The guest's second must lie between the host's before and after the question, give or take two. */
async function assertClock(ramet: Ramet, name: string): Promise<void> {
  const before = Math.floor(Date.now() / 1000);
  const seconds = Number(await shell(ramet, name, "date +%s"));
  const after = Math.floor(Date.now() / 1000);
  assert.ok(before - 2 <= seconds && seconds <= after + 2, `${name} is at ${seconds}, the host at ${before}–${after}`);
}

/** An HTTP server on loopback that says one word; where guests reach it, at their gateway's address. */
async function serveWord(context: TestContext, word: string): Promise<number> {
  const server = createServer((_request, response) => response.end(word));
  undoOf(context).push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
