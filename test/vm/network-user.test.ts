import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import type { Instance } from "../../src/client/shapes.ts";
import { boot, fork, refusalOf, shell, waitForLine, waitForRunning } from "./guests.ts";
import { startServer } from "./harness.ts";

/** Serves its own host name, as it is when asked. */
const workload = `
  mkdir -p /www/cgi-bin
  cat > /www/cgi-bin/name <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
cat /proc/sys/kernel/hostname
END
  chmod 755 /www/cgi-bin/name
  busybox httpd -h /www
  echo ready
  sleep 100000`;

test("ports of the host lead to each guest behind its own NAT", async (t) => {
  const ramet = await startServer(t);
  const { client } = ramet;
  const network = { ports: [{ guest_port: 80 }, { guest_port: 9, protocol: "udp" }] } as const;
  await boot(ramet, "base", workload, { network });
  await waitForLine(ramet, "base", /^ready$/);
  await client.standby("base");
  await fork(ramet, "base", "one");
  await fork(ramet, "base", "two");

  await t.test("each child has host ports of its own for the same guest ports", async () => {
    const all = await Promise.all(["base", "one", "two"].map((name) => client.get(name)));
    const ports = all.flatMap((instance) => instance.network.ports);
    assert.deepEqual(
      ports.map(({ guest_port, protocol }) => `${protocol} ${String(guest_port)}`),
      ["tcp 80", "udp 9", "tcp 80", "udp 9", "tcp 80", "udp 9"],
    );
    assert.equal(new Set(ports.map(({ host_port, protocol }) => `${protocol} ${String(host_port)}`)).size, 6);
    for (const name of ["one", "two"]) assert.equal(await nameServedBy(await client.get(name)), name);
  });

  await t.test("nothing of a guest speaks for it before it has its identity: no announcement, no IPv6", async () => {
    // Feature 21 is VIRTIO_NET_F_GUEST_ANNOUNCE (virtio specification, 5.1.3); the file has a digit for each bit.
    const features = await shell(ramet, "one", "cat /sys/class/net/eth0/device/features");
    assert.deepEqual([features.length, features[21], features[17]], [64, "0", "1"]);
    assert.equal(await shell(ramet, "one", "cat /proc/net/if_inet6 | grep -v ' lo$' | wc -l"), "0");
  });

  await t.test("a host port that is taken is a 409 that names it", async (step) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    step.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ports = [{ guest_port: 80, host_port: port }];
    const refusal = await refusalOf(client.create({ name: "late", image: "ramet/base", network: { ports } }));
    assert.deepEqual(
      [refusal.status, refusal.code, refusal.details],
      [409, "insufficient_resources", { protocol: "tcp", host_port: port }],
    );
    assert.match(refusal.message, new RegExp(`tcp port ${String(port)} `));
    const [given] = (await client.get("one")).network.ports;
    const same = [{ guest_port: 80, host_port: given?.host_port ?? 0 }];
    assert.equal(
      (await refusalOf(client.create({ name: "late", image: "ramet/base", network: { ports: same } }))).status,
      409,
    );
    assert.equal((await client.list()).length, 3);
  });

  await t.test("a chosen port that was taken during standby is replaced at the restore", async (step) => {
    const before = await client.get("one");
    const [port] = before.network.ports;
    await client.standby("one");
    const server = createServer().listen(port?.host_port, "127.0.0.1");
    await once(server, "listening");
    step.after(() => server.close());
    await client.restore("one");
    const after = await client.get("one");
    assert.notEqual(after.network.ports[0]?.host_port, port?.host_port);
    assert.equal(await nameServedBy(after), "one");
  });

  await t.test("restored in place an instance keeps its ports", async () => {
    const before = await client.get("two");
    await client.takeSnapshot("two", { name: "now" });
    await client.restoreSnapshot("two", "now");
    const after = await client.get("two");
    assert.deepEqual(after.network, before.network);
    assert.equal(await nameServedBy(after), "two");
  });

  await t.test("the parent's ports lead to it again after its restore", async () => {
    await client.restore("base");
    await waitForRunning(ramet, "base");
    assert.equal(await nameServedBy(await client.get("base")), "base");
    assert.equal(await shell(ramet, "base", "cat /proc/sys/kernel/hostname"), "base");
  });
});

/** What the guest's own server says, asked at the host's port. */
async function nameServedBy({ network }: Instance): Promise<string> {
  const port = network.ports.find(({ guest_port }) => guest_port === 80)?.host_port;
  const url = `http://127.0.0.1:${String(port)}/cgi-bin/name`;
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  return (await response.text()).trim();
}
