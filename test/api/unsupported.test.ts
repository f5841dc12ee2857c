import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { AutoStandbyAnswer } from "../../src/api/schemas/auto-standby.ts";
import { expectError, makeStandby, makeStopped, startTestServer } from "./helpers.ts";

interface Operation {
  readonly tags: readonly string[];
}

test("every call that is not supported says so, with the reason and whatever is sent", async (context) => {
  const server = await startTestServer(context);
  const { paths } = (await server.call("GET", "/spec.json")).body as {
    paths: Record<string, Record<string, Operation>>;
  };
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { tags }]) => tags.includes("not supported"))
      .map(([method]) => [method.toUpperCase(), path.replace(/\{\w+\}/g, "some")] as const),
  );
  assert.ok(calls.length > 20, "there are some");
  for (const [method, path] of calls) {
    const anything = method === "POST" ? { text: "--x--", headers: { "content-type": "multipart/form-data" } } : {};
    assert.match(
      expectError(await server.call(method, `${path}?a=1`, anything), 501, "not_supported"),
      /not supported: /,
    );
    expectError(await server.call(method, path, { token: null }), 401, "unauthorized");
  }
});

test("a push to this server is refused as such", async (context) => {
  const server = await startTestServer(context);
  for (const [method, path] of [
    ["GET", "/v2/"],
    ["POST", "/v2/library/web/blobs/uploads/"],
    ["PUT", "/v2/library/web/manifests/latest"],
  ] as const) {
    expectError(await server.call(method, path), 501, "not_supported");
  }
  assert.equal((await server.call("HEAD", "/v2/library/web/blobs/sha256:0")).status, 501);
  expectError(await server.call("GET", "/v2/", { token: null }), 401, "unauthorized");
});

test("nobody goes to standby by itself, and one that is there cannot be held off", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  await makeStandby(server, "asleep");
  for (const [method, path] of [
    ["GET", "/instances/base/auto-standby/status"],
    ["GET", "/instances/asleep/auto-standby/status"],
    ["POST", "/instances/base/auto-standby/hold"],
  ] as const) {
    const answer = await server.call(method, path);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(Check(AutoStandbyAnswer, answer.body), answer.text);
  }
  expectError(await server.call("POST", "/instances/asleep/auto-standby/hold"), 409, "invalid_state");
  expectError(await server.call("POST", "/instances/nobody/auto-standby/hold"), 404, "not_found");
  expectError(await server.call("GET", "/instances/nobody/auto-standby/status"), 404, "not_found");
});
