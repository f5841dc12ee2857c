/** What no registry, archive, disk or crash may do to the images of a server; on a real registry and the fake driver. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { closeImages } from "../../src/domain/images/open-images.ts";
import { addImage, tarOf, type LayerEntry } from "../fixtures/oci-image.ts";
import { startGate } from "../fixtures/registry.ts";
import { expectError, startTestServer, type TestServer } from "./helpers.ts";
import { needsRoot, pathOf, pull, pullReady, settled, startSetting } from "./image-setting.ts";

/** Nothing half-made: no root filesystem, no work in progress. */
async function assertNothingMade(server: TestServer): Promise<void> {
  await server.domain.images.queue.idle();
  const { files } = server.domain.images;
  assert.deepEqual([await readdir(files.rootsDirectory), await readdir(files.makingDirectory)], [[], []]);
}

test(
  "an unknown name, a silent registry, plain HTTP and a name that is none are refused at once",
  { skip: needsRoot },
  async (t) => {
    const { server, registry, publish } = await startSetting(t);
    const { name } = await publish("app:1", { layers: [[{ name: "app" }]] });
    const refused = async (image: string, status: number, code: Parameters<typeof expectError>[2]) =>
      expectError(await server.call("POST", "/images", { body: { name: image } }), status, code);
    assert.match(await refused(`${registry.host}/app:none`, 404, "not_found"), /check name and tag/);
    await refused(`${registry.host}/none/app:1`, 404, "not_found");
    await refused(`${registry.host}/app@sha256:${"0".repeat(64)}`, 404, "not_found");
    await refused("127.0.0.1:1/app:1", 502, "registry_unreachable");
    await refused(`${registry.host}/App:1`, 400, "invalid_request");
    await refused(`${registry.host}/app:1@sha256:short`, 400, "invalid_request");
    await refused(`${registry.host}/app:`, 400, "invalid_request");
    const strict = await startTestServer(t);
    const body = { name };
    assert.match(
      expectError(await strict.call("POST", "/images", { body }), 502, "registry_unreachable"),
      /plain HTTP.*--insecure-registries/,
    );
    await assertNothingMade(server);
    assert.equal(((await server.call("GET", "/images")).body as []).length, 1, "no row was made");
  },
);

test("a host that lacks a program for the end of a pull says so at its beginning", { skip: needsRoot }, async (t) => {
  const { server, publish } = await startSetting(t);
  const { name } = await publish("app:1", { layers: [[{ name: "app" }]] });
  const path = process.env["PATH"] ?? "";
  const directory = await mkdtemp(join(tmpdir(), "ramet-path-"));
  t.after(async () => {
    process.env["PATH"] = path;
    await rm(directory, { recursive: true });
  });
  const refused = async (): Promise<string> =>
    expectError(await server.call("POST", "/images", { body: { name } }), 501, "not_supported");
  process.env["PATH"] = directory;
  assert.match(await refused(), /no skopeo, no umoci, no mkfs\.erofs .* no mksquashfs .*: run \.\/ramet setup as root/);
  for (const program of ["skopeo", "umoci"]) await symlink(join("/usr/bin", program), join(directory, program));
  assert.match(await refused(), /^this host has no mkfs\.erofs \(erofs-utils\) and no mksquashfs \(squashfs-tools\)/);
  await symlink("/usr/bin/mksquashfs", join(directory, "mksquashfs"));
  await pullReady(server, name);
});

test("a registry that denies is told from others, and credentials are kept nowhere", { skip: needsRoot }, async (t) => {
  const password = "s3cret-of-a-test";
  const user = { name: "puller", password };
  const { server, publish } = await startSetting(t, { registry: { user } });
  const { name } = await publish("private:1", { layers: [[{ name: "app" }]] });
  const refused = async (credentials?: object) =>
    expectError(await server.call("POST", "/images", { body: { name, credentials } }), 403, "registry_denied");
  await refused();
  await refused({ username: "puller", password: "wrong" });
  const image = await pullReady(server, name, { credentials: { username: "puller", password } });
  assert.equal(image.status, "ready");
  const invalid = { body: { name, credentials: { username: "puller" } } };
  expectError(await server.call("POST", "/images", invalid), 400, "invalid_request");
  const token = { body: { name, credentials: { registry_token: "t" } } };
  expectError(await server.call("POST", "/images", token), 501, "not_supported");
  await server.domain.images.queue.idle();
  const { directory } = server.domain.images.files;
  const secrets = [password, Buffer.from(`puller:${password}`).toString("base64")];
  const texts = [server.log(), ...(await textsBelow(join(directory, "..")))];
  for (const secret of secrets) assert.ok(texts.every((text) => !text.includes(secret)));
});

test("credentials of the server's own file are used", { skip: needsRoot }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-auth-"));
  t.after(() => rm(directory, { recursive: true }));
  const user = { name: "server", password: "another-secret" };
  const { registry, publish } = await startSetting(t, { registry: { user } });
  const { name } = await publish("private:1", { layers: [[{ name: "app" }]] });
  const auth = Buffer.from(`${user.name}:${user.password}`).toString("base64");
  const authFile = join(directory, "config.json");
  await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: { auth } } }));
  const flags = ["--insecure-registries", registry.host, "--registry-auth-file", authFile];
  await pullReady(await startTestServer(t, { flags }), name);
});

test(
  "a layer that reaches out of its root is refused, and nothing outside is touched",
  { skip: needsRoot },
  async (t) => {
    const { server, publish, layout } = await startSetting(t);
    const victim = join(layout, "..", "victim");
    await writeFile(victim, "untouched");
    const up = `${"../".repeat(20)}${victim.slice(1)}`;
    const evil: Record<string, LayerEntry[]> = {
      parents: [{ name: up, content: "overwritten" }],
      "parents-inside": [{ name: `a/b/../../../${up}`, content: "overwritten" }],
      "hard-link": [{ name: "stolen", type: "link", linkname: up }],
      "absolute-parents": [{ name: `/../${up}`, content: "overwritten" }],
    };
    for (const [name, entries] of Object.entries(evil)) {
      const image = await publish(`evil/${name}:1`, { layers: [entries] });
      await pull(server, image.name);
      const failed = await settled(server, image.name);
      assert.deepEqual([name, failed.status, failed.error_code], [name, "failed", "invalid_image"]);
      assert.match(failed.error ?? "", /reaches out of its root/);
    }
    await assertNothingMade(server);
    // These only look outward: inside the image they are its own paths.
    const harmless = await publish("evil/links:1", {
      layers: [
        [
          { name: "way-out", type: "symlink", linkname: join(victim, "..") },
          { name: victim, content: "overwritten" },
        ],
        [{ name: "way-out/victim", content: "overwritten" }],
      ],
    });
    await pullReady(server, harmless.name);
    assert.equal(await readFile(victim, "utf8"), "untouched");
  },
);

test("what is no tar archive, no config or no manifest is refused", { skip: needsRoot }, async (t) => {
  const { server, publish, layout } = await startSetting(t);
  const cut = (await tarOf([{ name: "file", content: randomBytes(4096) }])).subarray(0, 1500);
  const image = await publish("cut:1", { layers: [cut] });
  await pull(server, image.name);
  const failed = await settled(server, image.name);
  assert.deepEqual([failed.status, failed.error_code], ["failed", "invalid_image"]);
  for (const config of [{ User: "a b c" }, { StopSignal: "SIGNOTHING" }]) {
    const odd = await publish(`odd-${Object.keys(config).join("").toLowerCase()}:1`, { layers: [], config });
    await pull(server, odd.name);
    assert.equal((await settled(server, odd.name)).error_code, "invalid_image");
  }
  await addImage(layout, "old", { layers: [] });
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] };
  const digest = index.manifests.at(-1)?.digest ?? "";
  await writeFile(join(layout, "blobs/sha256", digest.slice(7)), '{"schemaVersion":1}');
  const body = { name: "local/old", source: `oci:${layout}:old` };
  expectError(await server.call("POST", "/images", { body }), 400, "invalid_image");
  await assertNothingMade(server);
});

test("a full disk in the middle is said, and all that was fetched is given back", { skip: needsRoot }, async (t) => {
  const { registry, publish } = await startSetting(t);
  const dataDir = await mkdtemp(join(tmpdir(), "ramet-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0700", "ramet-test", dataDir]);
  t.after(async () => {
    execFileSync("umount", ["-l", dataDir]);
    await rm(dataDir, { recursive: true });
  });
  const server = await startTestServer(t, { flags: ["--insecure-registries", registry.host], dataDir });
  const zeros = Buffer.alloc(16 << 20);
  const sizes: Record<string, Buffer> = { "while-fetching": randomBytes(16 << 20), "while-unpacking": zeros };
  for (const [name, content] of Object.entries(sizes)) {
    const image = await publish(`full/${name}:1`, { layers: [[{ name: "big", content }]] });
    await pull(server, image.name);
    const failed = await settled(server, image.name);
    assert.deepEqual([name, failed.status, failed.error_code], [name, "failed", "insufficient_resources"]);
    await assertNothingMade(server);
    assert.deepEqual(await readdir(join(server.domain.images.files.blobsDirectory, "sha256")), []);
  }
  const small = await publish("small:1", { layers: [[{ name: "small" }]] });
  await pullReady(server, small.name);
  await server.close();
});

test(
  "a pull that the server's end cut off goes on at the next start; one with credentials is to be asked for again",
  { skip: needsRoot },
  async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), "ramet-again-"));
    t.after(() => rm(dataDir, { recursive: true }));
    const { registry, publish } = await startSetting(t);
    const gate = await startGate(t, registry);
    const made = await publish("app:1", {
      layers: [[{ name: "small" }], [{ name: "big", content: randomBytes(300_000) }]],
    });
    const other = await publish("app:2", { layers: [[{ name: "big", content: randomBytes(300_000) }]] });
    const names = ["app:1", "app:2"].map((name) => `${gate.host}/${name}`);
    const [plain = "", secret = ""] = names;
    const flags = ["--insecure-registries", gate.host];
    const first = await startTestServer(t, { flags, dataDir });
    gate.holdAfter(100_000);
    await pull(first, plain);
    await pull(first, secret, { credentials: { username: "any", password: "any" } });
    await gate.held();
    await first.close();
    // As after a crash: a program that goes on, and what it was working on.
    const making = join(dataDir, "data/images/making/left");
    await mkdir(making);
    const orphan = spawn("sleep", ["600"], { cwd: making, stdio: "ignore" });
    const ended = once(orphan, "exit");
    gate.holdAfter(undefined);
    gate.cut();
    const second = await startTestServer(t, { flags, dataDir });
    assert.deepEqual((await ended)[1], "SIGKILL");
    assert.ok(!existsSync(making));
    assert.deepEqual(
      [(await settled(second, plain)).status, (await settled(second, plain)).digest],
      ["ready", made.digest],
    );
    const failed = await settled(second, secret);
    assert.deepEqual([failed.status, failed.error_code, failed.digest], ["failed", "registry_denied", other.digest]);
    await closeImages(second.domain.images);
    await second.close();
  },
);

test("a root filesystem that is gone makes its image failed, not broken", { skip: needsRoot }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "ramet-gone-"));
  t.after(() => rm(dataDir, { recursive: true }));
  const { registry, publish } = await startSetting(t);
  const flags = ["--insecure-registries", registry.host];
  const { name, digest } = await publish("app:1", { layers: [[{ name: "app" }]] });
  const first = await startTestServer(t, { flags, dataDir });
  await pullReady(first, name);
  await first.close();
  await rm(join(dataDir, "data/images/roots", digest.slice(7)));
  await writeFile(join(dataDir, "data/images/roots/stranger"), "");
  const second = await startTestServer(t, { flags, dataDir });
  assert.equal((await settled(second, name)).status, "failed");
  assert.ok(!existsSync(join(dataDir, "data/images/roots/stranger")));
  const body = { name: "early", image: name, start: false };
  expectError(await second.call("POST", "/instances", { body }), 400, "image_not_ready");
  await pullReady(second, name);
  await second.close();
});

test("malformed bodies are refused by name", async (t) => {
  const server = await startTestServer(t);
  for (const body of [{}, { name: 1 }, { name: "a b" }, { name: "nginx", x: 1 }, { name: "nginx", platform: "vax" }]) {
    const answer = await server.call("POST", "/images", { body });
    assert.equal(answer.status, 400, JSON.stringify(body));
  }
  expectError(await server.call("GET", pathOf("a b")), 400, "invalid_request");
  expectError(await server.call("GET", pathOf("none/such:1")), 404, "not_found");
  expectError(await server.call("GET", "/images?tags=x"), 400, "invalid_request");
});

async function textsBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")));
}
