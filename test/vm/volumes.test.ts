/** Volumes as a guest sees them: mounted, written, forked, cut off. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { ownIds } from "../fixtures/own-ids.ts";
import { shell, waitForLine, waitForRunning } from "./guests.ts";
import { startServer, type ServerProcess } from "./harness.ts";

const overlay = { readonly: true, overlay: true };

test("volumes are mounted before the workload, forked with it, and whole when their writer is gone", async (t: TestContext) => {
  const ramet = await startServer(t);
  await send(
    ramet,
    "/volumes/from-archive?name=corpus&size_gb=1",
    await archive({ words: "one two" }),
    "application/gzip",
  );
  await post(ramet, "/volumes", { name: "scratch", size_gb: 1 });
  await create(ramet, "base", "cat /mnt/corpus/words > /run/seen; echo seen; sleep 100000", [
    { volume_id: "corpus", mount_path: "/mnt/corpus", ...overlay },
  ]);

  await t.test("the workload finds it, and may write to a layer of its own", async () => {
    await waitForLine(ramet, "base", /^seen$/);
    assert.equal(await shell(ramet, "base", "cat /run/seen"), "one two");
    await shell(ramet, "base", "echo parent > /mnt/corpus/mine && rm /mnt/corpus/words && sync");
  });

  await t.test("a child has what its parent wrote, and what it writes is its own", async () => {
    await post(ramet, "/instances/base/fork", { name: "child", from_running: true, target_state: "Running" });
    assert.equal(await shell(ramet, "child", "cat /mnt/corpus/mine; ls /mnt/corpus"), "parent\nlost+found\nmine");
    await shell(ramet, "child", "echo child > /mnt/corpus/mine");
    assert.equal(await shell(ramet, "base", "cat /mnt/corpus/mine"), "parent");
    await ramet.client.delete("child");
  });

  await t.test("what was written survives standby", async () => {
    await ramet.client.standby("base");
    await ramet.client.restore("base");
    assert.equal(await shell(ramet, "base", "cat /mnt/corpus/mine"), "parent");
    await ramet.client.stop("base");
    await ramet.client.delete("base");
  });

  await t.test("one reader sees the volume as it was, another writes; what was synced survives a cut", async () => {
    await create(ramet, "writer", "sleep 100000", [
      { volume_id: "corpus", mount_path: "/mnt/corpus", readonly: true },
      { volume_id: "scratch", mount_path: "/srv/deep/scratch" },
    ]);
    assert.equal(await shell(ramet, "writer", "cat /mnt/corpus/words"), "one two");
    assert.equal(
      await shell(ramet, "writer", "touch /mnt/corpus/x 2>&1 || echo refused"),
      "touch: /mnt/corpus/x: Read-only file system\nrefused",
    );
    await shell(ramet, "writer", "echo kept > /srv/deep/scratch/kept && sync");
    await ramet.client.standby("writer");
    await ramet.client.restore("writer");
    assert.equal(await shell(ramet, "writer", "cat /srv/deep/scratch/kept"), "kept");
    // Deleted as it runs: nobody unmounts.
    await ramet.client.delete("writer");
    await create(ramet, "reader", "sleep 100000", [
      { volume_id: "scratch", mount_path: "/srv/scratch", readonly: true },
    ]);
    assert.equal(await shell(ramet, "reader", "cat /srv/scratch/kept"), "kept");
    await ramet.client.delete("reader");
  });
});

async function archive(files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) packing.entry({ name, ...ownIds }, content);
  packing.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of packing) chunks.push(chunk as Uint8Array);
  return new Uint8Array(gzipSync(Buffer.concat(chunks)));
}

async function create(ramet: ServerProcess, name: string, script: string, volumes: readonly object[]): Promise<void> {
  const workload = { entrypoint: ["/bin/sh", "-c"], cmd: [script] };
  await post(ramet, "/instances", { name, image: "ramet/base", memory: "128MB", ...workload, volumes });
  await waitForRunning(ramet, name);
}

function post(ramet: ServerProcess, path: string, body: object): Promise<void> {
  return send(ramet, path, JSON.stringify(body), "application/json");
}

async function send(
  { url, token }: ServerProcess,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type: string,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": type };
  const answer = await fetch(url + path, { method: "POST", headers, body });
  assert.ok(answer.ok, `${path}: ${await answer.text()}`);
}
