import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeStandby, readLog, startTestServer, type TestServer } from "./helpers.ts";

const forkWithMail = async (server: TestServer, parent: string, name: string): Promise<string> => {
  const mailboxes = [{ name: "job", payload: { for: name }, wait_for_ack: true }];
  const body = { name, target_state: "Running", mailboxes };
  const answer = await server.call("POST", `/instances/${parent}/fork`, { body });
  assert.equal(answer.status, 201, answer.text);
  assert.match((await readLog(server, name)).join("\n"), new RegExp(`^mail job: \\{"for":"${name}",`, "m"));
  return (answer.body as { id: string }).id;
};

test("a memory image that lost its indexes is forked all the same, and has them again", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStandby(server, "base", { FAKE_ARM: "job" });
  const image = join(server.domain.settings.instancesDirectory, id, "image");
  const [pages, frames] = [readFileSync(join(image, "pages")), readFileSync(join(image, "frames"))];
  rmSync(join(image, "frames"));
  await forkWithMail(server, "base", "one");
  assert.deepEqual(readFileSync(join(image, "frames")), frames);
  writeFileSync(join(image, "pages"), "of no image");
  const listed = await server.call("GET", "/instances/base/mailboxes");
  assert.match(listed.text, /"name":"job"/);
  assert.deepEqual(readFileSync(join(image, "pages")), pages);
  await forkWithMail(server, "base", "two");
});

test("an instance whose base lost its indexes is checkpointed whole", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base", { FAKE_ARM: "job" });
  const childId = await forkWithMail(server, "base", "child");
  const child = join(server.domain.settings.instancesDirectory, childId);
  for (const name of ["pages", "frames"]) rmSync(join(child, "base", name));
  const before = readFileSync(join(child, "base/memory"));
  assert.equal((await server.call("POST", "/instances/child/standby")).status, 200);
  // Whoever forks it wants an image in one piece.
  const heir = await server.call("POST", "/instances/child/fork", { body: { name: "heir", target_state: "Running" } });
  assert.equal(heir.status, 201, heir.text);
  const after = readFileSync(join(child, "image/memory"));
  const pagesOf = (memory: Buffer): Buffer[] =>
    Array.from({ length: memory.length / 4096 }, (_, page) => memory.subarray(page * 4096, (page + 1) * 4096));
  const now = pagesOf(after);
  const kept = pagesOf(before).filter((page, at) => page.some((byte) => byte !== 0) && now[at]?.equals(page));
  assert.ok(kept.length > 0, "what the child has not written is as its base had it");
});
