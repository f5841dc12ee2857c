import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { boot, bootParent, fork, refusalOf, shell, waitForLine } from "./guests.ts";
import { startServer, takeInventory, type ServerProcess } from "./harness.ts";

const workload = `
  mailbox arm job
  mailbox arm quiet
  echo ready
  while job=$(mailbox wait job); do echo "mail: $job"; done`;

/** What a leak would make grow: the server's open files, and its inventory of rows, directories and processes. */
async function holdings(ramet: ServerProcess): Promise<object> {
  const descriptors = (await readdir(`/proc/${String(ramet.pid)}/fd`)).length;
  return { descriptors, inventory: await takeInventory(ramet) };
}

test("what is done many times leaves no more than what is done once", async (t) => {
  const ramet = await startServer(t);
  const { client } = ramet;
  await bootParent(ramet, "base", workload);
  await fork(ramet, "base", "first");
  await client.delete("first");

  await t.test("200 forks and deletes leave processes, files, rows and descriptors where they were", async () => {
    const before = await holdings(ramet);
    for (let index = 0; index < 200; index += 1) {
      await fork(ramet, "base", "again", [{ name: "job", payload: { index } }]);
      await client.delete("again");
    }
    assert.deepEqual(await holdings(ramet), before);
  });

  await t.test(
    "one child that stays silent fails a batch that is all or nothing, and only itself in one that is each",
    async () => {
      const before = await takeInventory(ramet);
      const children = ["s-1", "s-2", "s-3"].map((name) => ({
        name,
        mailboxes: [
          {
            name: name === "s-2" ? "quiet" : "job",
            payload: {},
            wait_for_ack: true,
            ack_timeout_ms: name === "s-2" ? 500 : 30_000,
          },
        ],
      }));
      const refusal = await refusalOf(client.forkMany("base", { children, mode: "all_or_nothing" }));
      assert.equal(refusal.code, "ack_timeout");
      assert.equal(refusal.details?.["child"], "s-2");
      assert.deepEqual(await takeInventory(ramet), before);
      const answer = await client.forkMany("base", { children, mode: "each" });
      assert.deepEqual(
        answer.children.map(({ instance, error }) => instance?.state ?? error?.code),
        ["Running", "ack_timeout", "Running"],
      );
      await Promise.all(["s-1", "s-3"].map((name) => client.delete(name)));
      assert.deepEqual(await takeInventory(ramet), before);
    },
  );

  await t.test(
    "a flood of 100,000 datagrams at one child's ack socket delays neither its own ack nor another fork",
    async () => {
      const silent = client.fork("base", {
        name: "flooded",
        mailboxes: [{ name: "job", payload: {}, wait_for_ack: true, ack_timeout_ms: 30_000 }],
      });
      const flood = floodLoopback(100_000, ramet.pid);
      await fork(ramet, "base", "other");
      assert.equal((await silent).mailboxes[0]?.acked, true);
      await flood;
      for (const name of ["flooded", "other"]) await client.delete(name);
    },
  );

  await t.test("a parent that is being forked is not deleted under the fork, and both come out right", async () => {
    await fork(ramet, "base", "parent");
    await client.standby("parent");
    const outcomeOf = (call: Promise<unknown>, done: string): Promise<string | undefined> =>
      call.then(
        () => done,
        (failure: unknown) => (failure as { code?: string }).code,
      );
    const [forked, deleted] = await Promise.all([
      outcomeOf(fork(ramet, "parent", "child"), "forked"),
      outcomeOf(client.delete("parent"), "deleted"),
    ]);
    assert.ok(["deleted", "instance_busy"].includes(deleted ?? ""), deleted);
    assert.ok(["forked", "not_found", "instance_busy"].includes(forked ?? ""), forked);
    assert.ok(forked === "forked" || deleted === "deleted", "one of the two went through");
    if (forked === "forked") assert.equal(await shell(ramet, "child", "hostname"), "child");
    for (const { name } of await client.list({})) if (name !== "base") await client.delete(name);
  });

  await t.test(
    "a counter in a parent that is forked three times while it runs never goes back, and no child starts below it",
    async () => {
      await boot(ramet, "live", "echo ready; n=0; while :; do n=$((n + 1)); echo $n > /run/n; sleep 0.05; done");
      await waitForLine(ramet, "live", /^ready$/);
      // The shell empties the file before it writes: what is read in between is no number.
      const read = 'until n=$(cat /run/n) && [ -n "$n" ]; do :; done; echo $n';
      const count = async (name: string): Promise<number> => Number(await shell(ramet, name, read));
      let last = await count("live");
      for (const name of ["l-1", "l-2", "l-3"]) {
        const child = await client.fork("live", { name, from_running: true });
        assert.ok((child.source_pause_ms?.["total"] ?? 0) > 0, "the pause is told");
        assert.ok((await count(name)) >= last, "the child goes on from where its parent was");
        const now = await count("live");
        assert.ok(now >= last, "the parent goes on");
        last = now;
      }
    },
  );
});

/** Sends to every UDP port that the server has open on loopback, a bounded number of datagrams in all. */
async function floodLoopback(count: number, serverPid: number): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.unref();
  const datagram = Buffer.from("stage=applied mailbox=job nonce=0000");
  for (let sent = 0; sent < count;) {
    const ports = await udpPortsOf(serverPid);
    for (let burst = 0; burst < 500 && sent < count; burst += 1, sent += 1) {
      const port = ports[burst % Math.max(1, ports.length)];
      if (port !== undefined) socket.send(datagram, port, "127.0.0.1");
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.close();
}

/** The UDP ports of a process: its sockets' inodes, looked up among those of the network (proc(5), /proc/net/udp). */
async function udpPortsOf(pid: number): Promise<number[]> {
  const directory = `/proc/${String(pid)}/fd`;
  const links = (await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(() => ""));
  const inodes = new Set((await Promise.all(links)).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const rows = (await readFile("/proc/net/udp", "utf8")).split("\n").slice(1);
  return rows.flatMap((row) => {
    const fields = row.trim().split(/ +/);
    return fields[9] !== undefined && inodes.has(fields[9])
      ? [Number.parseInt(fields[1]?.split(":")[1] ?? "0", 16)]
      : [];
  });
}
