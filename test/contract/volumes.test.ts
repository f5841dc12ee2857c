import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import Hypeman from "@onkernel/hypeman";
import { pack } from "tar-stream";
import { ownIds } from "../fixtures/own-ids.ts";
import { contract } from "./harness.ts";

contract(
  ["volumes.create", "volumes.get", "volumes.list", "volumes.delete"],
  "makes a volume, finds it by its tags, and deletes it",
  async ({ client }) => {
    const made = await client.volumes.create({ name: "corpus", size_gb: 1, tags: { team: "search" } });
    await client.volumes.create({ name: "other", size_gb: 1, id: "my-own" });
    assert.deepEqual([made.name, made.size_gb, made.tags, made.attachments], ["corpus", 1, { team: "search" }, []]);
    assert.deepEqual(await client.volumes.get("corpus"), made);
    assert.equal((await client.volumes.get("my-own")).name, "other");
    assert.deepEqual(await client.volumes.list({ tags: { team: "search" } }), [made]);
    await assert.rejects(client.volumes.create({ name: "corpus", size_gb: 1 }), Hypeman.ConflictError);
    await client.volumes.delete(made.id);
    await assert.rejects(client.volumes.get(made.id), Hypeman.NotFoundError);
    assert.equal((await client.volumes.list()).length, 1);
  },
);

contract(
  "volumes.createFromArchive",
  "makes a volume of an archive, or says what is wrong with it",
  async ({ client }) => {
    const packing = pack();
    packing.entry({ name: "words/one", ...ownIds }, "one");
    packing.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of packing) chunks.push(chunk as Uint8Array);
    const archive = gzipSync(Buffer.concat(chunks));
    const params = { name: "corpus", size_gb: 1, tags: { team: "search" } };
    const made = await client.volumes.createFromArchive(archive, params);
    assert.deepEqual(await client.volumes.get("corpus"), made);
    assert.deepEqual(made.tags, { team: "search" });
    await assert.rejects(
      client.volumes.createFromArchive(Buffer.from("no archive"), { name: "broken", size_gb: 1 }),
      (failure) => failure instanceof Hypeman.BadRequestError && failure.message.includes("gzip"),
    );
  },
);

contract(
  ["volumes.create", "volumes.get", "instances.create", "instances.get", "instances.fork"],
  "attaches a volume to an instance that is created, and says who has it",
  async ({ client, server }) => {
    const { id } = await client.volumes.create({ name: "corpus", size_gb: 1 });
    const mount = { volume_id: id, mount_path: "/mnt/corpus", readonly: true, overlay: true, overlay_size: "1GB" };
    const request = { name: "base", image: "ramet/base", size: "96MB", volumes: [mount] };
    const made = await client.instances.create(request);
    const { state } = await client.instances.wait("base", { state: "Running", timeout: "60s" });
    assert.equal(state, "Running", server.log());
    assert.deepEqual((await client.instances.get("base")).volumes, [mount]);
    assert.deepEqual(
      (await client.volumes.get("corpus")).attachments?.map(({ instance_id, readonly }) => [instance_id, readonly]),
      [[made.id, true]],
    );
    await assert.rejects(client.volumes.delete(id), Hypeman.ConflictError);
    const writer = { ...request, name: "writer", volumes: [{ volume_id: id, mount_path: "/mnt/corpus" }] };
    await assert.rejects(client.instances.create(writer), Hypeman.ConflictError);
    const child = await client.instances.fork("base", { name: "child", from_running: true });
    assert.equal(child.volumes?.[0]?.volume_id, id);
    const { id: scratch } = await client.volumes.create({ name: "scratch", size_gb: 1 });
    await client.instances.create({ ...writer, volumes: [{ volume_id: scratch, mount_path: "/mnt/scratch" }] });
    await client.instances.wait("writer", { state: "Running", timeout: "60s" });
    await assert.rejects(client.instances.fork("writer", { name: "none", from_running: true }), /501/);
  },
);
