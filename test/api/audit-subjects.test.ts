/** What the audit, the operation log and the server's log say of calls that are about images, snapshots, volumes and tokens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { AuditAnswer, type AuditRecord } from "../../src/api/schemas/audit.ts";
import { expectError, makeStopped, readLog, startTestServer, type Answer, type TestServer } from "./helpers.ts";
import { needsRoot, pathOf, pullReady, startSetting } from "./image-setting.ts";

async function readAudit(server: TestServer, query = ""): Promise<AuditRecord[]> {
  const answer = await server.call("GET", `/audit${query}`);
  assert.ok(Check(AuditAnswer, answer.body), answer.text);
  return answer.body.records.toReversed();
}

function inShort({ action, outcome, code, instance_name, subject }: AuditRecord): string {
  const thing = subject === null ? null : `${subject.kind} ${subject.name}${subject.id === null ? " (none)" : ""}`;
  return [action, outcome, code, instance_name, thing].filter((part) => part !== null).join(" ");
}

function made(answer: Answer): { readonly id: string } {
  assert.equal(answer.status, 201, answer.text);
  return answer.body as { id: string };
}

test("calls about volumes, tokens and snapshots are recorded with what they were about", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const volume = made(await server.call("POST", "/volumes", { body: { name: "corpus", size_gb: 1 } }));
  expectError(await server.call("POST", "/volumes", { body: { name: "corpus", size_gb: 1 } }), 409, "name_conflict");
  const uses = { name: "user", image: "ramet/base", start: false };
  const mount = { volume_id: volume.id, mount_path: "/mnt/corpus" };
  made(await server.call("POST", "/instances", { body: { ...uses, volumes: [mount] } }));
  expectError(await server.call("DELETE", "/volumes/corpus"), 409, "volume_in_use");
  expectError(await server.call("POST", `/instances/base/volumes/${volume.id}`, { body: mount }), 501, "not_supported");
  assert.equal((await server.call("DELETE", "/instances/user")).status, 204);
  assert.equal((await server.call("DELETE", `/volumes/${volume.id}`)).status, 204);
  const token = made(await server.call("POST", "/tokens", { body: { name: "ci", scopes: ["instance:read"] } }));
  assert.equal((await server.call("DELETE", "/tokens/ci")).status, 204);
  const snapshot = made(await server.call("POST", "/instances/base/snapshots", { body: { name: "warm" } }));
  assert.equal((await server.call("POST", "/instances/base/snapshots/warm/restore", { body: {} })).status, 200);
  assert.equal((await server.call("DELETE", "/snapshots/warm")).status, 204);
  const records = await readAudit(server);
  assert.deepEqual(records.map(inShort), [
    "create ok base",
    "create_volume ok volume corpus",
    "create_volume failed name_conflict volume corpus (none)",
    "create ok user",
    "delete_volume failed volume_in_use volume corpus",
    "attach_volume failed not_supported base volume corpus",
    "delete ok user",
    "delete_volume ok volume corpus",
    "create_token ok token ci",
    "revoke_token ok token ci",
    "snapshot ok base snapshot warm",
    "restore_snapshot ok base snapshot warm",
    "delete_snapshot ok snapshot warm",
  ]);
  const idsOf = (kind: string): unknown[] => [
    ...new Set(records.filter(({ subject }) => subject?.kind === kind).map(({ subject }) => subject?.id)),
  ];
  assert.deepEqual(idsOf("token"), [token.id]);
  assert.deepEqual(idsOf("snapshot"), [snapshot.id]);
  assert.deepEqual(idsOf("volume"), [volume.id, null]);
  const about = async (query: string): Promise<string[]> =>
    (await readAudit(server, query)).map(({ action }) => action);
  assert.deepEqual(await about("?subject=ci"), ["create_token", "revoke_token"]);
  assert.deepEqual(await about(`?subject=${snapshot.id}`), ["snapshot", "restore_snapshot", "delete_snapshot"]);
  assert.deepEqual(await about("?subject=corpus&instance=base"), ["attach_volume"]);
  assert.deepEqual(await about("?subject=nothing"), []);
  assert.ok(!JSON.stringify(records).includes("ramet_"), "no token's text");
});

test("the operation log of an instance names its image, its volumes and its snapshots", async (context) => {
  const server = await startTestServer(context);
  const volume = made(await server.call("POST", "/volumes", { body: { name: "corpus", size_gb: 1 } }));
  await makeStopped(server, "base", { volumes: [{ volume_id: volume.id, mount_path: "/mnt", readonly: true }] });
  made(await server.call("POST", "/instances/base/snapshots", { body: { name: "warm" } }));
  const lines = (await readLog(server, "base", "?source=hypeman")).map((line) => JSON.parse(line) as object);
  const [create, snapshot] = ["create", "snapshot"].map((operation) =>
    lines.find((line) => "operation" in line && line.operation === operation),
  );
  assert.deepEqual({ ...create, ...{ image: "ramet/base", volumes: volume.id } }, create);
  assert.deepEqual({ ...snapshot, snapshot: "warm" }, snapshot);
});

test("the server's own log says what each call was about", async (context) => {
  const server = await startTestServer(context);
  await server.call("GET", "/volumes/corpus");
  await server.call("GET", "/images/ramet%2Fbase");
  await server.call("GET", "/nothing/at/all");
  const answered = server
    .log()
    .split("\n")
    .filter((line) => line.includes("http.answered"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    answered.map(({ volume, image, instance }) => ({ volume, image, instance })),
    [
      { volume: "corpus", image: undefined, instance: undefined },
      { volume: undefined, image: "ramet/base", instance: undefined },
      { volume: undefined, image: undefined, instance: undefined },
    ],
  );
});

test("calls about images are recorded with the image", { skip: needsRoot }, async (t) => {
  const { server, publish, registry } = await startSetting(t);
  const { name } = await publish("team/web:1", {
    layers: [[{ name: "bin/web", mode: 0o755, content: "#!/bin/sh\n" }]],
  });
  await pullReady(server, name);
  const target = `${registry.host}/team/web:stable`;
  assert.equal((await server.call("POST", `${pathOf(name)}/tag`, { body: { target } })).status, 200);
  expectError(await server.call("DELETE", pathOf("ramet/base")), 409, "invalid_state");
  assert.equal((await server.call("DELETE", pathOf(name))).status, 204);
  const gone = { name: "127.0.0.1:1/team/web" };
  assert.equal((await server.call("POST", "/images", { body: gone })).status, 502);
  const records = await readAudit(server);
  assert.deepEqual(records.map(inShort), [
    `pull_image ok image ${name}`,
    `tag_image ok image ${target}`,
    "delete_image failed invalid_state image ramet/base",
    `delete_image ok image ${name}`,
    "pull_image failed registry_unreachable image 127.0.0.1:1/team/web:latest (none)",
  ]);
  assert.match(records[0]?.subject?.id ?? "", /^sha256:[0-9a-f]{64}$/);
  const found = await readAudit(server, `?subject=${encodeURIComponent("127.0.0.1:1/team/web")}`);
  assert.deepEqual(found.map(inShort), records.slice(-1).map(inShort));
});
