/** Pulling, naming and deleting images, from a real registry into a server on the fake driver. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { RametApiError, RametClient } from "../../src/client/index.ts";
import { addImage, addIndex, type HandmadeImage } from "../fixtures/oci-image.ts";
import { startGate } from "../fixtures/registry.ts";
import { expectError, expectInstance, startTestServer, type TestServer } from "./helpers.ts";
import { expectImage, needsRoot, pathOf, pull, pullReady, settled, startSetting } from "./image-setting.ts";

const run = promisify(execFile);

const web: HandmadeImage = {
  layers: [
    [
      { name: "bin", type: "directory", mode: 0o755 },
      { name: "bin/web", mode: 0o755, content: "#!/bin/sh\n" },
      { name: "etc/passwd", content: "web:x:1000:1000::/srv/web:/bin/sh\n" },
    ],
  ],
  config: {
    User: "web",
    Env: ["PATH=/bin", "EMPTY", "EQUALS=a=b"],
    Entrypoint: ["/bin/web"],
    Cmd: ["--serve"],
    WorkingDir: "/srv",
    ExposedPorts: { "80/tcp": {}, "53": {} },
    StopSignal: "SIGQUIT",
  },
};

function imagesDirectory(server: TestServer): string {
  return server.domain.images.files.directory;
}

async function filesIn(server: TestServer, folder: string): Promise<string[]> {
  return (await readdir(join(imagesDirectory(server), folder))).toSorted();
}

test("an image is pulled in the background and becomes what instances are made of", { skip: needsRoot }, async (t) => {
  const { server, publish } = await startSetting(t);
  const made = await publish("team/web:1", web);
  const asked = await pull(server, made.name, { tags: { team: "search" } });
  assert.deepEqual([asked.name, asked.digest, asked.platform], [made.name, made.digest, "linux/amd64"]);
  const image = await settled(server, made.name);
  assert.equal(image.status, "ready", image.error ?? "");
  assert.deepEqual(
    [image.entrypoint, image.cmd, image.working_dir, image.user, image.stop_signal, image.exposed_ports],
    [["/bin/web"], ["--serve"], "/srv", "web", "SIGQUIT", ["53/tcp", "80/tcp"]],
  );
  assert.deepEqual(image.env, { PATH: "/bin", EMPTY: "", EQUALS: "a=b" });
  assert.deepEqual(image.tags, { team: "search" });
  assert.ok((image.size_bytes ?? 0) > 0);
  const listed = (await server.call("GET", "/images")).body as { name: string }[];
  assert.deepEqual(
    listed.map(({ name }) => name),
    ["ramet/base", made.name],
  );
  const body = { name: "web", image: made.name, start: false, env: { EXTRA: "1" } };
  const instance = expectInstance(await server.call("POST", "/instances", { body }), 201);
  assert.deepEqual(
    [instance.image, instance.entrypoint, instance.cmd, instance.env, instance.working_dir, instance.user],
    [made.name, ["/bin/web"], ["--serve"], { EXTRA: "1" }, "/srv", "web"],
  );
  assert.equal(instance.stop_signal, "SIGQUIT");
  assert.deepEqual(await filesIn(server, "making"), []);
});

test(
  "what an image says of running it can be overridden, and its arguments go with its entrypoint",
  { skip: needsRoot },
  async (t) => {
    const { server, publish } = await startSetting(t);
    const { name: image } = await publish("web:1", web);
    await pullReady(server, image);
    const make = async (name: string, more: object) =>
      expectInstance(await server.call("POST", "/instances", { body: { name, image, start: false, ...more } }), 201);
    const other = await make("other", {
      entrypoint: ["/bin/sh"],
      user: "0:0",
      working_dir: "/tmp",
      stop_signal: "TERM",
    });
    assert.deepEqual(
      [other.entrypoint, other.cmd, other.user, other.working_dir, other.stop_signal],
      [["/bin/sh"], [], "0:0", "/tmp", "TERM"],
    );
    assert.deepEqual((await make("arguments", { cmd: ["--help"] })).entrypoint, ["/bin/web"]);
    for (const wrong of [{ user: "a b" }, { working_dir: "srv" }, { stop_signal: "SIGNONE" }, { stop_signal: "99" }]) {
      const body = { name: "wrong", image, start: false, ...wrong };
      expectError(await server.call("POST", "/instances", { body }), 400, "invalid_request");
    }
  },
);

test(
  "two pulls of one image do the work once, and blobs that are here are not fetched again",
  { skip: needsRoot },
  async (t) => {
    const { registry, publish } = await startSetting(t);
    const gate = await startGate(t, registry);
    const base = { name: "base", content: Buffer.alloc(100_000, 7) };
    const first = await publish("app:1", { layers: [[base]] });
    const second = await publish("app:2", { layers: [[base], [{ name: "more", content: "more" }]] });
    const [shared = ""] = first.layers;
    assert.equal(second.layers[0], shared);
    const gated = await startTestServer(t, { flags: ["--insecure-registries", gate.host] });
    await Promise.all([pull(gated, `${gate.host}/app:1`), pull(gated, `${gate.host}/app@${first.digest}`)]);
    assert.equal((await settled(gated, `${gate.host}/app:1`)).status, "ready");
    assert.equal((await settled(gated, `${gate.host}/app@${first.digest}`)).status, "ready");
    assert.equal(gate.requestsFor(shared), 1);
    await pullReady(gated, `${gate.host}/app:2`);
    assert.equal(gate.requestsFor(shared), 1, "the second image shares the layer");
    assert.equal(await pull(gated, `${gate.host}/app:2`).then(({ status }) => status), "ready");
  },
);

test(
  "a tag that moved is pulled again, and the name stays usable meanwhile and when that fails",
  { skip: needsRoot },
  async (t) => {
    const { server, registry, publish } = await startSetting(t);
    const old = await publish("app:1", { layers: [[{ name: "old" }]] });
    await pullReady(server, old.name);
    const damaged = await publish("app:1", { layers: [[{ name: "damaged", content: "x".repeat(5000) }]] });
    await damage(registry.directory, damaged.layers[0] ?? "");
    await pull(server, old.name);
    const kept = await settled(server, old.name);
    assert.deepEqual([kept.status, kept.digest, kept.error_code], ["ready", old.digest, "invalid_image"]);
    assert.match(kept.error ?? "", /damaged/);
    const next = await publish("app:1", { layers: [[{ name: "next" }]] });
    const renewed = await pullReady(server, old.name);
    assert.deepEqual([renewed.digest, renewed.error], [next.digest, null]);
    await server.domain.images.queue.idle();
    assert.deepEqual(await filesIn(server, "roots"), [next.digest.slice(7)], "what no name means any more is gone");
  },
);

test("of several platforms this host's is taken, and what is not there is refused", { skip: needsRoot }, async (t) => {
  const { server, registry, publish, layout } = await startSetting(t);
  const made = await addIndex(layout, "both", [
    { layers: [[{ name: "arm" }]], architecture: "arm64" },
    { layers: [[{ name: "amd" }]], architecture: "amd64" },
  ]);
  await registry.push(layout, "both", "both:1", ["--all"]);
  const image = await pullReady(server, `${registry.host}/both:1`, { platform: "linux/amd64" });
  assert.equal(image.digest, made[1]?.digest);
  const only = await publish("arm:1", { layers: [[{ name: "arm" }]], architecture: "arm64" });
  await addIndex(layout, "others", [{ layers: [[{ name: "s" }]], architecture: "s390x" }]);
  await registry.push(layout, "others", "others:1", ["--all"]);
  const refused = async (body: object) =>
    expectError(await server.call("POST", "/images", { body }), 400, "invalid_platform");
  assert.match(await refused({ name: only.name }), /only for linux\/arm64/);
  assert.match(await refused({ name: `${registry.host}/others:1` }), /only for linux\/s390x/);
  assert.match(await refused({ name: only.name, platform: "linux/arm64" }), /VMs of this host run linux\/amd64/);
  assert.match(await refused({ name: only.name, platform: "amd64" }), /no platform/);
  expectError(await server.call("GET", pathOf(only.name)), 404, "not_found");
});

test("manifests and lists of Docker's own format are pulled as those of OCI are", { skip: needsRoot }, async (t) => {
  const { server, registry, layout } = await startSetting(t);
  await addIndex(layout, "web", [web, { ...web, architecture: "arm64" }]);
  await registry.push(layout, "web", "docker/web:1", ["--format", "v2s2"]);
  await registry.push(layout, "web", "docker/both:1", ["--all", "--format", "v2s2"]);
  const ask = async (repository: string, kind: string): Promise<{ manifests?: { digest: string }[] }> => {
    const headers = { accept: `application/vnd.docker.distribution.${kind}.v2+json` };
    const answer = await fetch(`http://${registry.host}/v2/docker/${repository}/manifests/1`, { headers });
    assert.equal(answer.headers.get("content-type"), headers.accept, "the registry has it in that format");
    return (await answer.json()) as { manifests?: { digest: string }[] };
  };
  await ask("web", "manifest");
  const image = await pullReady(server, `${registry.host}/docker/web:1`);
  assert.deepEqual([image.entrypoint, image.user, image.stop_signal], [["/bin/web"], "web", "SIGQUIT"]);
  const [own] = (await ask("both", "manifest.list")).manifests ?? [];
  assert.equal((await pullReady(server, `${registry.host}/docker/both:1`)).digest, own?.digest);
});

test("an image in use is kept; the files go with the last name", { skip: needsRoot }, async (t) => {
  const { server, registry, publish } = await startSetting(t);
  const made = await publish("app:1", { layers: [[{ name: "app", content: "app" }]] });
  await pullReady(server, made.name);
  const target = `${registry.host}/app:stable`;
  const tagged = expectImage(await server.call("POST", `${pathOf(made.name)}/tag`, { body: { target } }), 200);
  assert.deepEqual([tagged.name, tagged.digest, tagged.status], [target, made.digest, "ready"]);
  const body = { name: "user", image: made.name, start: false };
  expectInstance(await server.call("POST", "/instances", { body }), 201);
  assert.match(expectError(await server.call("DELETE", pathOf(made.name)), 409, "image_in_use"), /instance user/);
  assert.equal((await server.call("DELETE", "/instances/user")).status, 204);
  assert.equal((await server.call("DELETE", pathOf(made.name))).status, 204);
  assert.equal((await filesIn(server, "roots")).length, 1, "the other name means it still");
  expectInstance(await server.call("POST", "/instances", { body: { ...body, image: target } }), 201);
  assert.equal((await server.call("DELETE", "/instances/user")).status, 204);
  assert.equal((await server.call("DELETE", pathOf(target))).status, 204);
  assert.deepEqual([await filesIn(server, "roots"), await filesIn(server, "blobs/sha256")], [[], []]);
  expectError(await server.call("DELETE", pathOf(target)), 404, "not_found");
  expectError(await server.call("DELETE", pathOf("ramet/base")), 409, "invalid_state");
  expectError(
    await server.call("POST", `${pathOf("ramet/base")}/tag`, { body: { target: "other:1" } }),
    409,
    "invalid_state",
  );
  expectError(await server.call("POST", `${pathOf("none")}/tag`, { body: { target: "other:1" } }), 404, "not_found");
});

test(
  "an instance of an image that is not ready is refused, and deleting it ends its pull",
  { skip: needsRoot },
  async (t) => {
    const { registry, publish } = await startSetting(t);
    const gate = await startGate(t, registry);
    const gated = await startTestServer(t, { flags: ["--insecure-registries", gate.host] });
    await publish("big:1", { layers: [[{ name: "big", content: randomBytes(300_000) }]] });
    const name = `${gate.host}/big:1`;
    gate.holdAfter(100_000);
    await pull(gated, name);
    await gate.held();
    const body = { name: "early", image: name, start: false };
    assert.match(expectError(await gated.call("POST", "/instances", { body }), 400, "image_not_ready"), /pulling/);
    assert.equal((await gated.call("DELETE", pathOf(name))).status, 204);
    assert.deepEqual([await filesIn(gated, "making"), await filesIn(gated, "blobs/sha256")], [[], []]);
    expectError(await gated.call("POST", "/instances", { body }), 404, "not_found");
  },
);

test(
  "a pull that stands still fails, keeps what it has, and goes on from there when asked again",
  { skip: needsRoot },
  async (t) => {
    const { registry, publish } = await startSetting(t);
    const gate = await startGate(t, registry);
    const flags = ["--insecure-registries", gate.host];
    const gated = await startTestServer(t, { flags, imageDeadlines: { stallMs: 600 } });
    const made = await publish("slow:1", {
      layers: [[{ name: "small", content: "small" }], [{ name: "big", content: randomBytes(400_000) }]],
    });
    const [small = ""] = made.layers;
    const name = `${gate.host}/slow:1`;
    gate.holdAfter(150_000);
    await pull(gated, name);
    const failed = await settled(gated, name);
    assert.deepEqual([failed.status, failed.error_code], ["failed", "registry_unreachable"]);
    assert.match(failed.error ?? "", /nothing came/);
    const body = { name: "early", image: name, start: false };
    assert.match(expectError(await gated.call("POST", "/instances", { body }), 400, "image_not_ready"), /nothing came/);
    assert.deepEqual(await filesIn(gated, "making"), []);
    gate.holdAfter(undefined);
    gate.cut();
    await pullReady(gated, name);
    assert.equal(gate.requestsFor(small), 1, "what was whole was not fetched again");
  },
);

test("bytes and states are told as they come", { skip: needsRoot }, async (t) => {
  const { server, publish } = await startSetting(t);
  const { name } = await publish("app:1", { layers: [[{ name: "app", content: randomBytes(50_000) }]] });
  const { events } = server.domain.events.subscribe(null, ({ type }) => type.startsWith("image."), t.signal);
  await pullReady(server, name);
  assert.equal((await server.call("DELETE", pathOf(name))).status, 204);
  const told: string[] = [];
  for await (const { event } of events) {
    if (event.type === "image.state") told.push(event.status);
    if (event.type === "image.deleted") break;
  }
  assert.deepEqual(told, ["pending", "pulling", "converting", "ready"]);
});

test("a file of the server is read only where that is allowed", { skip: needsRoot }, async (t) => {
  const { server, layout, publish } = await startSetting(t);
  const made = await publish("any:1", web);
  const archive = `${layout}.tar`;
  await run("skopeo", [
    "--insecure-policy",
    "copy",
    "-q",
    `oci:${layout}:made-0`,
    `docker-archive:${archive}:team/web:9`,
  ]);
  const byLayout = await pullReady(server, "local/web:1", { source: `oci:${layout}:made-0` });
  assert.deepEqual([byLayout.name, byLayout.digest], ["docker.io/local/web:1", made.digest]);
  const byArchive = await pullReady(server, "local/web:2", { source: `docker-archive:${archive}:team/web:9` });
  assert.deepEqual(byArchive.entrypoint, ["/bin/web"]);
  await run("skopeo", ["--insecure-policy", "copy", "-q", `oci:${layout}:made-0`, `oci-archive:${layout}.oci:one`]);
  const byOciArchive = await pullReady(server, "local/web:3", { source: `oci-archive:${layout}.oci:one` });
  assert.equal(byOciArchive.digest, made.digest);
  const refused = async (source: string, status: number, code: Parameters<typeof expectError>[2], name = "local/x") =>
    expectError(await server.call("POST", "/images", { body: { name, source } }), status, code);
  await refused("oci:/etc:x", 403, "forbidden");
  await refused(`oci:${layout}/../../../etc`, 403, "forbidden");
  await refused(`oci-archive:${layout}/none.tar`, 404, "not_found");
  await refused(`oci:${layout}:none`, 404, "not_found");
  await refused("dir:/etc", 400, "invalid_request");
  await refused("oci:relative", 400, "invalid_request");
  await refused(`oci:${layout}:made-0`, 409, "name_conflict", "ramet/base");
  const closed = await startTestServer(t);
  const body = { name: "local/x", source: `oci:${layout}:made-0` };
  expectError(await closed.call("POST", "/images", { body }), 403, "forbidden");
});

test("ramet/base is built in, ready, and pulled by saying so", async (t) => {
  const server = await startTestServer(t);
  const base = expectImage(await server.call("GET", pathOf("ramet/base:latest")), 200);
  assert.deepEqual([base.name, base.status, base.entrypoint, base.cmd], ["ramet/base", "ready", [], []]);
  assert.match(base.digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal((await pull(server, "ramet/base")).status, "ready");
});

/** Changes one byte of a blob that the registry keeps. */
async function damage(directory: string, digest: string): Promise<void> {
  const hex = digest.slice(7);
  const path = join(directory, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
  await using file = await open(path, "r+");
  await file.write(Buffer.from([0xff]), 0, 1, 20);
}

test("the client waits until an image is ready, and throws why it cannot be had", { skip: needsRoot }, async (t) => {
  const { server, layout } = await startSetting(t);
  const ramet = new RametClient({ baseUrl: server.url, token: server.token });
  await addImage(layout, "good", web);
  const image = await ramet.pullImage({ name: "team/good:1", source: `oci:${layout}:good` });
  assert.deepEqual([image.name, image.status, image.user], ["docker.io/team/good:1", "ready", "web"]);
  const { digest } = await addImage(layout, "bad", { layers: [[{ name: "../escaped", content: "" }]] });
  const isRefused = (error: unknown) => error instanceof RametApiError && error.code === "invalid_image";
  await assert.rejects(ramet.pullImage({ name: "team/bad:1", source: `oci:${layout}:bad` }), isRefused);
  assert.equal((await ramet.calls.image("team/bad:1")).digest, digest);
  const reason = new Error("enough");
  const gone = AbortSignal.abort(reason);
  await assert.rejects(ramet.pullImage({ name: "team/good:1", source: `oci:${layout}:good` }, gone), reason);
});
