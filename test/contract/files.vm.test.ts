/** Files, exec and logs of a real guest, through the official client. */
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type Hypeman from "@onkernel/hypeman";
import { cpFromInstance, cpToInstance } from "@onkernel/hypeman/lib/index.mjs";
import { boot, shell } from "../vm/guests.ts";
import type { ServerProcess } from "../vm/harness.ts";
import { describeTree, openHypemanExec, readUntil, treeBecomes } from "./streams.ts";
import { contractOnVm } from "./vm-harness.ts";

const largeBytes = 32 << 20;

contractOnVm(
  ["lib.cpToInstance", "lib.cpFromInstance", "instances.stat"],
  "a tree goes into a real guest and comes out again as it was",
  async ({ client, server, context, saw }) => {
    await boot(server, "base", "sleep 600");
    const copying = copyingOf(server);
    const tree = makeTree(context);
    await cpToInstance(copying, { instanceId: "base", srcPath: join(tree, "in"), dstPath: "/data/tree" });
    await shell(
      server,
      "base",
      "ln -s sub/file /data/tree/link && ln -s . /data/tree/sub/self && mkfifo /data/tree/fifo",
    );
    await cpFromInstance(copying, { instanceId: "base", srcPath: "/data/tree", dstPath: join(tree, "out") });
    const links = { link: "link to sub/file", "sub/self": "link to ." };
    const expected = { ...describeTree(join(tree, "in")), ...links };
    await treeBecomes(join(tree, "out/tree"), expected, context.signal);
    assert.equal(statSync(join(tree, "out/tree/sub/file")).mtimeMs > 0, true);
    saw("lib.cpToInstance", 101);
    saw("lib.cpFromInstance", 101);
    const info = await client.instances.stat("base", { path: "/data/tree/sub/file" });
    assert.deepEqual([info.exists, info.is_file, info.mode, info.size], [true, true, 0o600, 7]);
    const link = await client.instances.stat("base", { path: "/data/tree/link" });
    assert.deepEqual([link.is_symlink, link.link_target], [true, "sub/file"]);
    assert.equal((await client.instances.stat("base", { path: "/data/tree/link", follow_links: true })).is_file, true);
    assert.equal((await client.instances.stat("base", { path: "/nothing" })).exists, false);
    await assertRootIsClean(server);
  },
);

contractOnVm(
  ["lib.cpToInstance", "lib.cpFromInstance", "instances.stats"],
  "a large file goes both ways byte for byte, and a full disk leaves nothing behind",
  async ({ client, server, context, saw }) => {
    await boot(server, "base", "sleep 600");
    const copying = copyingOf(server);
    const directory = temporaryDirectory(context);
    const sent = randomFillSync(Buffer.alloc(largeBytes));
    writeFileSync(join(directory, "large"), sent, { mode: 0o640 });
    const large = { instanceId: "base", srcPath: join(directory, "large") };
    await cpToInstance(copying, { ...large, dstPath: "/var/large" });
    await cpFromInstance(copying, { instanceId: "base", srcPath: "/var/large", dstPath: join(directory, "back") });
    assert.ok(readFileSync(join(directory, "back/large")).equals(sent));
    saw("lib.cpToInstance", 101);
    saw("lib.cpFromInstance", 101);
    await shell(server, "base", "mkdir /mnt/small && mount -t tmpfs -o size=1m none /mnt/small");
    await assert.rejects(cpToInstance(copying, { ...large, dstPath: "/mnt/small/large" }), /No space left on device/);
    assert.equal(await shell(server, "base", "ls -A /mnt/small"), "");
    const stats = await client.instances.stats("base");
    assert.ok(stats.cpu_seconds > 0 && stats.memory_rss_bytes > 1 << 20, JSON.stringify(stats));
    assert.ok(stats.memory_vms_bytes >= stats.memory_rss_bytes);
  },
);

contractOnVm(
  ["exec", "instances.logs"],
  "exec speaks as Hypeman does, and a log is followed",
  async ({ client, server, saw }) => {
    const script = "echo first; printf 'a\\rb \\\\\\n'; while [ ! -e /go ]; do sleep 0.2; done; echo last; sleep 600";
    await boot(server, "base", script);
    await followLog(client, server);
    const plain = await openHypemanExec(server, "base", {
      command: ["/bin/sh", "-c", "echo out; echo err >&2; exit 7"],
      tty: false,
    });
    const { output, texts, closeCode } = await plain.ended;
    assert.deepEqual([output.split("\n").sort(), texts, closeCode], [["", "err", "out"], ['{"exitCode":7}'], 1000]);
    const shell = await openHypemanExec(server, "base", {
      command: null,
      tty: true,
      rows: 33,
      cols: 101,
      wait_for_agent: 30,
    });
    shell.socket.send('{"resize":{"rows":44,"cols":122}}');
    shell.socket.send(Buffer.from("stty size; exit 3\n"));
    const terminal = await shell.ended;
    assert.match(terminal.output, /44 122/);
    assert.deepEqual(terminal.texts, ['{"exitCode":3}']);
    const killed = await openHypemanExec(server, "base", { command: ["/bin/sh", "-c", "kill -9 $$"], tty: false });
    assert.deepEqual((await killed.ended).texts, ['{"exitCode":137}']);
    saw("exec", 101);
  },
);

async function followLog(client: Hypeman, server: ServerProcess): Promise<void> {
  const lines = await client.instances.logs("base", { follow: true });
  const read = readUntil(lines, (line) => line === "last");
  await shell(server, "base", "touch /go");
  const all = await read;
  assert.ok(all.includes("first") && all.indexOf("first") < all.indexOf("last"));
  assert.ok(all.includes("a\rb \\"), "a carriage return and a backslash come through");
  const operations: string[] = [];
  for await (const line of await client.instances.logs("base", { source: "hypeman" })) operations.push(line);
  const told = operations.map((line) => JSON.parse(line) as { operation: string; to?: string });
  assert.deepEqual(
    told.filter(({ operation }) => operation === "state").map(({ to }) => to),
    ["Running"],
  );
  for await (const line of await client.instances.logs("base", { source: "vmm" })) assert.equal(typeof line, "string");
}

function copyingOf({ url, token }: ServerProcess): { baseURL: string; apiKey: string } {
  return { baseURL: url, apiKey: token };
}

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-copy-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

/** Modes that no usual umask changes: the client makes what it copies out with the process's own. */
function makeTree(context: TestContext): string {
  const directory = temporaryDirectory(context);
  const root = join(directory, "in");
  mkdirSync(join(root, "sub/empty"), { recursive: true });
  writeFileSync(join(root, "sub/file"), "content");
  writeFileSync(join(root, "sub/Grüße 🌱"), "");
  writeFileSync(join(root, "run"), "#!/bin/sh\nexit 0\n");
  writeFileSync(join(root, "object.json"), '{"type":"end","final":true}');
  writeFileSync(join(root, "array.json"), "[1]");
  writeFileSync(join(root, "binary"), Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256)));
  chmodSync(join(root, "sub/file"), 0o600);
  chmodSync(join(root, "run"), 0o755);
  chmodSync(join(root, "sub"), 0o700);
  for (const name of ["sub/Grüße 🌱", "object.json", "array.json", "binary"]) chmodSync(join(root, name), 0o644);
  for (const name of [".", "sub/empty"]) chmodSync(join(root, name), 0o755);
  utimesSync(join(root, "run"), 1, 1_600_000_000);
  return directory;
}

/** No copy leaves a file of its own behind. */
async function assertRootIsClean(server: ServerProcess): Promise<void> {
  const found = await shell(server, "base", "find / -xdev -name '.ramet-cp-*'");
  assert.equal(found, "");
}
