/**
 * Images of different shape, from a real registry into real VMs. They are made by test/fixtures/images/build.sh out of Debian packages;
 * what the registry and the server do with bad ones needs no VM and is in test/api/.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { CreateInstanceBody, Image, Instance } from "../../src/client/shapes.ts";
import { startGate, startRegistry, type Registry } from "../fixtures/registry.ts";
import { fork, shell, waitForLine, waitForRunning } from "./guests.ts";
import { compileForGuest } from "./guest-program.ts";
import { makeDataDir, startServer, undoOf, type Ramet } from "./harness.ts";

const run = promisify(execFile);
const script = join(import.meta.dirname, "../fixtures/images/build.sh");
const needsRoot = process.getuid?.() === 0 ? false : "only root can unpack images";
const readyWithinMs = 120_000;
const lookMs = 100;
const endsWithinMs = 120_000;

interface Setting {
  readonly registry: Registry;
  readonly ramet: Ramet;
  /** Pulls the image of this tag, and boots it. */
  readonly start: (tag: string, more?: Partial<CreateInstanceBody>) => Promise<string>;
}

/** Makes the images, publishes them on a registry, and starts a server that may pull from it. */
async function startSetting(context: TestContext, ...tags: readonly string[]): Promise<Setting> {
  const registry = await publish(context, ...tags);
  const ramet = await startServerFor(context, registry.host);
  return {
    registry,
    ramet,
    start: async (tag, more = {}) => {
      const image = await pull(ramet, `${registry.host}/made/${tag}:1`);
      await ramet.client.create({ name: tag, image: image.name, memory: "128MB", ...more });
      return tag;
    },
  };
}

async function publish(context: TestContext, ...tags: readonly string[]): Promise<Registry> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-made-"));
  undoOf(context).push(() => rm(directory, { recursive: true }));
  const layout = join(directory, "layout");
  await run("sh", [script, layout, ...tags]);
  const registry = await startRegistry(context);
  for (const tag of tags) await registry.push(layout, tag, `made/${tag}:1`);
  return registry;
}

function startServerFor(context: TestContext, host: string, dataDir?: string, environment = {}) {
  return startServer(context, dataDir, { flags: ["--insecure-registries", host], environment });
}

async function pull(ramet: Ramet, name: string): Promise<Image> {
  const { name: full } = await ramet.client.pullImage({ name });
  return await untilSettled(ramet, full);
}

/** Looks again and again: the pull may be over before a stream of its events is open. */
async function untilSettled({ client }: Ramet, name: string): Promise<Image> {
  const deadline = AbortSignal.timeout(readyWithinMs);
  for (;;) {
    const image = await client.image(name, deadline);
    if (["ready", "failed"].includes(image.status)) {
      assert.equal(image.status, "ready", image.error ?? "");
      return image;
    }
    await delay(lookMs, undefined, { signal: deadline });
  }
}

async function ended({ client }: Ramet, name: string): Promise<Instance> {
  const { instance, reached } = await client.wait(name, { state: "Stopped", timeoutMs: endsWithinMs });
  assert.ok(reached, `${name} is ${instance.state}`);
  return instance;
}

test(
  "busybox: environment, directory, entrypoint and arguments are the image's, and its exit code is recorded",
  { skip: needsRoot },
  async (t) => {
    const { ramet, start } = await startSetting(t, "busybox", "empty-layer", "missing");
    const name = await start("busybox", { env: { GREETING: "hello from here" } });
    await waitForLine(ramet, name, /^busybox says hello from here in \/made\/for\/it$/);
    const { exit } = await ended(ramet, name);
    assert.deepEqual([exit?.exit_code, exit?.signal, exit?.reason], [3, null, "exited with code 3"]);

    await start("empty-layer");
    await waitForLine(ramet, "empty-layer", /^nothing was added$/);
    assert.equal((await ended(ramet, "empty-layer")).exit?.exit_code, 0);

    await start("missing");
    const missing = (await ended(ramet, "missing")).exit;
    assert.deepEqual([missing?.exit_code, missing?.reason], [127, "command not found: /no/such/program"]);
    // Another program may take its place; a user whom the image does not know may not.
    const image = (await ramet.client.get("missing")).image;
    await ramet.client.create({ name: "ghost", image, memory: "128MB", entrypoint: ["id"], user: "ghost" });
    const ghost = (await ended(ramet, "ghost")).exit;
    assert.deepEqual([ghost?.exit_code, ghost?.reason], [126, "there is no user ghost in /etc/passwd"]);
    await ramet.client.create({ name: "full", image, memory: "96MB", entrypoint: ["tail"], cmd: ["/dev/zero"] });
    const full = (await ended(ramet, "full")).exit;
    assert.deepEqual([full?.exit_code, full?.signal], [null, 9]);
    assert.match(full?.reason ?? "", /out of memory/);
  },
);

test(
  "a user without rights gets its own mail in a fork, and is ended by the image's signal",
  { skip: needsRoot },
  async (t) => {
    const { ramet, start } = await startSetting(t, "user");
    const name = await start("user");
    await waitForLine(ramet, name, /^user: 1000:1001 groups 1001 4 home \/srv\/app in \/srv\/app$/);
    await waitForLine(ramet, name, /^stderr: can be opened$/);
    await waitForLine(ramet, name, /^intruder: kept out$/);
    await waitForLine(ramet, name, /^ready$/);
    await ramet.client.standby(name);
    const payload = { shard: 7 };
    await fork(ramet, name, "child", [{ name: "job", payload, wait_for_ack: true }]);
    await waitForLine(ramet, "child", /^mail: \{"shard":7,.*\}$/);
    await ramet.client.stop("child", { graceMs: 60_000 });
    await waitForLine(ramet, "child", /^ended by USR1$/);
    assert.equal((await ramet.client.get("child")).exit?.exit_code, 7);
  },
);

/** A directory with this host's programs but these, to be a PATH. Those of administrators are found beside it, whatever it is. */
async function pathWithout(context: TestContext, ...left: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-path-"));
  undoOf(context).push(() => rm(directory, { recursive: true }));
  const names = (await readdir("/usr/bin")).filter((name) => !left.includes(name));
  await Promise.all(names.map((name) => symlink(join("/usr/bin", name), join(directory, name))));
  return directory;
}

/** The first bytes of an image's root filesystem: a magic number of squashfs, and of erofs behind the first kilobyte. */
async function kindOfRoot({ dataDir }: Ramet, digest: string): Promise<"squashfs" | "erofs" | "unknown"> {
  await using file = await open(join(dataDir, "images/roots", digest.slice(7)));
  const { buffer } = await file.read(Buffer.alloc(1028), 0, 1028, 0);
  if (buffer.toString("latin1", 0, 4) === "hsqs") return "squashfs";
  return buffer.readUInt32LE(1024) === 0xe0f5e1e2 ? "erofs" : "unknown";
}

for (const packer of ["erofs", "squashfs"] as const)
  test(
    `whiteouts, hard links, owners, modes, times and attributes arrive in the guest, in ${packer}`,
    { skip: needsRoot },
    async (t) => {
      const registry = await publish(t, "whiteouts");
      const environment = packer === "erofs" ? {} : { PATH: await pathWithout(t, "mkfs.erofs") };
      const ramet = await startServerFor(t, registry.host, undefined, environment);
      const { name: image, digest } = await pull(ramet, `${registry.host}/made/whiteouts:1`);
      assert.equal(await kindOfRoot(ramet, digest), packer);
      const name = "whiteouts";
      await ramet.client.create({ name, image, memory: "128MB" });
      await waitForRunning(ramet, name);
      const program = await compileForGuest(t, "get-attribute.c");
      await shell(ramet, name, "cat > /tmp/get-attribute && /bin/busybox chmod +x /tmp/get-attribute", program);
      assert.equal(await shell(ramet, name, "/tmp/get-attribute /data/owned user.colour"), "green");
      assert.equal(await shell(ramet, name, "ls /data | tr '\\n' ' '"), "fifo kept one opaque owned two ");
      assert.equal(await shell(ramet, name, "ls /data/opaque; cat /data/kept/file"), "above\nkept");
      assert.equal(await shell(ramet, name, "stat -c '%u:%g %a %Y %h' /data/owned"), "1234:5678 2750 981173106 1");
      const [one = "", two = ""] = (await shell(ramet, name, "stat -c '%i %h' /data/one /data/two")).split("\n");
      assert.equal(one, two);
      assert.match(one, / 2$/);
      assert.equal(await shell(ramet, name, "stat -c %F /data/fifo"), "fifo");
      assert.equal(
        await shell(ramet, name, "test -p /data/fifo && echo written > /data/owned; cat /data/owned"),
        "written",
      );
    },
  );

test("Debian boots from its packages, and two instances share one root", { skip: needsRoot }, async (t) => {
  const { ramet, registry, start } = await startSetting(t, "debian");
  const name = await start("debian");
  await waitForLine(ramet, name, /^debian says debian on Linux with 1 processor$/);
  assert.equal((await ended(ramet, name)).exit?.exit_code, 0);
  const image = `${registry.host}/made/debian:1`;
  const body = { image, start: false, memory: "128MB" };
  const { id } = await ramet.client.create({ name: "second", ...body });
  const { digest } = await ramet.client.image(image);
  const { stdout } = await run("stat", [
    "-c",
    "%i",
    join(ramet.dataDir, "images/roots", digest.slice(7)),
    join(ramet.dataDir, "instances", id, "disk/root"),
  ]);
  const [root, link] = stdout.trim().split("\n");
  assert.equal(root, link);
});

test(
  "a server that is killed in the middle of a pull goes on with it, and ends what its last self had begun",
  { skip: needsRoot },
  async (t) => {
    const registry = await publish(t, "busybox");
    const gate = await startGate(t, registry);
    const name = `${gate.host}/made/busybox:1`;
    const dataDir = await makeDataDir(t);
    const first = await startServerFor(t, gate.host, dataDir);
    gate.holdAfter(200_000);
    await first.client.pullImage({ name });
    await gate.held();
    await first.kill();
    assert.notDeepEqual(await readdir(join(dataDir, "images/making")), [], "it was in the middle");
    gate.holdAfter(undefined);
    gate.cut();
    const second = await startServerFor(t, gate.host, dataDir);
    const image = await untilSettled(second, name);
    assert.deepEqual(image.entrypoint, ["/bin/sh", "-c"]);
    assert.deepEqual(await readdir(join(dataDir, "images/making")), []);
  },
);
