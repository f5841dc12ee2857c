import assert from "node:assert/strict";
import { test } from "node:test";
import { image } from "./an-image.ts";
import { instance } from "./an-instance.ts";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

const { name } = image;
const path = "/images/docker.io%2Flibrary%2Fnginx%3A1.27";

const missing = { status: 404, body: { code: "not_found", message: "there is no image" } };

test("image pull waits until it is ready, prints the name, and tells each state once", async (t) => {
  const pending = { ...image, status: "pending" };
  const server = await startScriptedServer(t, {
    "POST /images": { status: 202, body: pending },
    [`GET ${path}`]: { status: 200, body: image },
  });
  const run = await ramet(["image", "pull", "nginx:1.27", "--tag", "team=a", "--url", server.url]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, `${name}\n`]);
  assert.equal(run.stderr, `${name}: pending\n${name}: ready\n`);
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), { name: "nginx:1.27", tags: { team: "a" } });
});

test("a pull that fails ends with the server's reason", async (t) => {
  const failed = { ...image, status: "failed", error: "what came is damaged", error_code: "invalid_image" };
  const server = await startScriptedServer(t, { "POST /images": { status: 202, body: failed } });
  const run = await ramet(["image", "pull", "nginx:1.27", "--json", "--url", server.url]);
  assert.equal(run.exitCode, 1);
  assert.match(run.stderr, /was not pulled: what came is damaged \(invalid_image\)/);
  const { error } = JSON.parse(run.stdout.toString()) as { error: { code: string } };
  assert.equal(error.code, "invalid_image");
});

test("a password comes from stdin or the environment, and alone is a usage error", async (t) => {
  const server = await startScriptedServer(t, { "POST /images": { status: 202, body: image } });
  const pull = (words: string[], options: Parameters<typeof ramet>[1]) =>
    ramet(["image", "pull", "app", "--url", server.url, ...words], options);
  await pull(["--username", "me", "--password-stdin"], { stdin: "s3cret\n" });
  await pull([], { env: { RAMET_REGISTRY_USERNAME: "me", RAMET_REGISTRY_PASSWORD: "s3cret" } });
  for (const { body } of server.seen)
    assert.deepEqual(JSON.parse(body), { name: "app", credentials: { username: "me", password: "s3cret" } });
  assert.equal((await pull(["--password-stdin"], { stdin: "s3cret" })).exitCode, 2);
  assert.equal((await pull(["--username", "me"], {})).exitCode, 2);
  assert.equal(server.seen.length, 2);
});

test("image ls, get, tag and rm call the server", async (t) => {
  const server = await startScriptedServer(t, {
    "GET /images": { status: 200, body: [image] },
    [`GET ${path}`]: { status: 200, body: image },
    [`POST ${path}/tag`]: { status: 200, body: { ...image, name: "docker.io/library/web:1" } },
    [`DELETE ${path}`]: { status: 204 },
  });
  const call = async (...words: string[]) => (await ramet(["image", ...words, "--url", server.url])).stdout.toString();
  assert.match(
    await call("ls"),
    /^NAME +DIGEST +STATUS +PLATFORM +SIZE +AGE\n\S+nginx:1.27 +4f4f4f4f4f4f +ready +linux\/amd64 +190 MB/,
  );
  assert.equal(await call("ls", "-q"), `${name}\n`);
  assert.deepEqual(JSON.parse(await call("ls", "--json")), [image]);
  const shown = await call("get", name);
  assert.match(shown, /^user: +nginx$/m);
  assert.match(shown, /^ports: +80\/tcp 53\/udp$/m);
  assert.equal(await call("tag", name, "web:1"), "docker.io/library/web:1\n");
  assert.deepEqual(JSON.parse(server.seen.at(-1)?.body ?? ""), { target: "web:1" });
  await call("rm", name);
  assert.equal(server.seen.at(-1)?.line, `DELETE ${path}`);
});

test("run pulls an image that the server has not got, and then creates", async (t) => {
  const gone = [missing];
  const server = await startScriptedServer(t, {
    "POST /instances": () => gone.pop() ?? { status: 201, body: instance },
    "POST /images": { status: 202, body: image },
    "GET /instances/a1b2c3d4e5": { status: 200, body: instance },
  });
  const run = await ramet(["run", "--name", "web", "-u", "app", "-w", "/srv", "nginx:1.27", "--url", server.url]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, "a1b2c3d4e5\n"], run.stderr);
  assert.deepEqual(
    server.seen.slice(0, 3).map(({ line }) => line),
    ["POST /instances", "POST /images", "POST /instances"],
  );
  assert.deepEqual(JSON.parse(server.seen[2]?.body ?? ""), {
    name: "web",
    image: "nginx:1.27",
    working_dir: "/srv",
    user: "app",
  });
});

test("run --pull never leaves it to the server, and -P forwards what the image exposes", async (t) => {
  const server = await startScriptedServer(t, {
    "POST /instances": missing,
    [`GET ${path}`]: { status: 200, body: image },
  });
  const words = ["create", "--name", "web", "--pull", "never", "--url", server.url, name];
  assert.equal((await ramet(words)).exitCode, 4);
  assert.equal(server.seen.length, 1);
  assert.equal((await ramet([...words, "-P"])).exitCode, 4);
  assert.deepEqual((JSON.parse(server.seen.at(-1)?.body ?? "") as { network: unknown }).network, {
    ports: [
      { guest_port: 80, protocol: "tcp" },
      { guest_port: 53, protocol: "udp" },
    ],
  });
});
