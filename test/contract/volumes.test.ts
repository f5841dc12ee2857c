import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import Hypeman from "@onkernel/hypeman";
import { pack } from "tar-stream";
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
    packing.entry({ name: "words/one" }, "one");
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
