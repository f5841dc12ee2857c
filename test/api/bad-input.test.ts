import assert from "node:assert/strict";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { test } from "node:test";
import { expectError, makeStandby, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

const valid = { name: "base", image: "ramet/base", start: false };

/** Sends bytes as they are and gives all that comes back until the server closes the connection. */
async function raw(server: TestServer, bytes: string): Promise<string> {
  const socket = connect(server.port, server.host);
  socket.end(bytes);
  return readText(socket);
}

test("a field of the wrong type, size or name is refused with a sentence that names it", async (context) => {
  const server = await startTestServer(context);
  const refused: [object, RegExp][] = [
    [{ name: undefined }, /"name"/],
    [{ name: "Base" }, /"name".*lower-case/],
    [{ name: "-base" }, /"name"/],
    [{ name: "b".repeat(64) }, /"name"/],
    [{ name: "" }, /"name"/],
    [{ name: 1 }, /"name"/],
    [{ name: "ba\0se" }, /"name"/],
    [{ name: "base\n" }, /"name"/],
    [{ image: undefined }, /"image"/],
    [{ image: "../../etc/passwd\0" }, /"image"/],
    [{ image: null }, /"image"/],
    [{ memory: 512 }, /"memory"/],
    [{ memory: "512" }, /"memory"/],
    [{ memory: "512mb" }, /"memory"/],
    [{ memory: "-1MB" }, /"memory"/],
    [{ memory: "95MB" }, /"memory".*96MB/],
    [{ memory: "65537KB" }, /"memory"/],
    [{ memory: "999999999999GB" }, /"memory"/],
    [{ vcpus: 0 }, /"vcpus".*1 to 16/],
    [{ vcpus: 17 }, /"vcpus"/],
    [{ vcpus: 1.5 }, /"vcpus"/],
    [{ vcpus: "1" }, /"vcpus"/],
    [{ env: [] }, /"env"/],
    [{ env: { A: 1 } }, /"env.A"/],
    [{ env: { "A=B": "1" } }, /"env"/],
    [{ env: { A: "nul\0" } }, /"env.A"/],
    [{ env: { "": "x" } }, /"env"/],
    [{ cmd: "true" }, /"cmd"/],
    [{ cmd: [1] }, /"cmd\[0\]"/],
    [{ cmd: ["a\0b"] }, /"cmd\[0\]"/],
    [{ cmd: ["x".repeat(30_000), "y".repeat(30_000)] }, /bytes/],
    [{ entrypoint: {} }, /"entrypoint"/],
    [{ tags: { ["k".repeat(129)]: "v" } }, /"tags"/],
    [{ tags: { k: "v".repeat(257) } }, /"tags.k"/],
    [{ tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${String(index)}`, "v"])) }, /"tags".*50/],
    [{ start: "false" }, /"start"/],
    [{ colour: "red" }, /unknown field "colour"/],
  ];
  for (const [change, sentence] of refused) {
    const message = expectError(
      await server.call("POST", "/instances", { body: { ...valid, ...change } }),
      400,
      "invalid_request",
    );
    assert.match(message, sentence);
  }
  assert.deepEqual((await server.call("GET", "/instances")).body, []);
});

test("every call refuses unknown body and query fields", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  for (const path of ["start", "stop", "standby", "restore", "fork"]) {
    const body = path === "fork" ? { name: "child", colour: 1 } : { colour: 1 };
    const message = expectError(
      await server.call("POST", `/instances/${id}/${path}`, { body }),
      400,
      "invalid_request",
    );
    assert.match(message, /"colour"/, path);
    expectError(
      await server.call(
        "POST",
        `/instances/${id}/${path}?colour=1`,
        path === "fork" ? { body: { name: "child" } } : {},
      ),
      400,
      "invalid_request",
    );
  }
  for (const path of ["", "/mailboxes", "/logs", "/wait"]) {
    expectError(await server.call("GET", `/instances/${id}${path}?colour=1&state=Stopped`), 400, "invalid_request");
  }
  for (const path of ["/health", "/capabilities", "/metrics", "/instances"]) {
    expectError(await server.call("GET", `${path}?colour=1`), 400, "invalid_request");
  }
  for (const grace of [-1, 120_001, 1.5, "10", null]) {
    expectError(
      await server.call("POST", `/instances/${id}/stop`, { body: { grace_ms: grace } }),
      400,
      "invalid_request",
    );
  }
  for (const query of [
    "tail=-1",
    "tail=10001",
    "tail=1.5",
    "tail=x",
    "tail=",
    "follow=1",
    "follow=yes",
    "source=kernel",
    "tail=1&tail=2",
  ]) {
    expectError(await server.call("GET", `/instances/${id}/logs?${query}`), 400, "invalid_request");
  }
});

test("a body that is no JSON object is refused, whatever it is instead", async (context) => {
  const server = await startTestServer(context);
  const texts = [
    "null",
    "[]",
    "1",
    '"x"',
    "{",
    '{"name":',
    "{'name':1}",
    "{}}",
    "\u0000",
    "NaN",
    '{"name":"base",}',
    "\uFEFF",
    "",
    "[".repeat(100_000),
    '{"a":'.repeat(100_000),
  ];
  for (const text of texts) {
    const message = expectError(await server.call("POST", "/instances", { text }), 400, "invalid_request");
    assert.ok(message.length < 400, "the message does not repeat the body");
  }
  const notUtf8 = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  assert.match(
    expectError(await server.call("POST", "/instances", { text: notUtf8 }), 400, "invalid_request"),
    /UTF-8/,
  );
  const body = JSON.stringify(valid);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"]) {
    expectError(
      await server.call("POST", "/instances", { text: body, headers: { "content-type": type } }),
      415,
      "invalid_request",
    );
  }
});

test("__proto__ is refused as a field, and is an ordinary key inside a payload", async (context) => {
  const server = await startTestServer(context);
  for (const text of [
    '{"name":"base","image":"ramet/base","start":false,"__proto__":{"x":1}}',
    '{"name":"base","image":"ramet/base","start":false,"env":{"__proto__":"x"}}',
    '{"name":"base","image":"ramet/base","start":false,"tags":{"__proto__":"x"}}',
  ]) {
    assert.match(expectError(await server.call("POST", "/instances", { text }), 400, "invalid_request"), /__proto__/);
  }
  const parent = await makeStandby(server, "parent");
  const text = '{"name":"child","mailboxes":[{"name":"job","payload":{"__proto__":{"x":1}}}]}';
  assert.equal((await server.call("POST", `/instances/${parent.id}/fork`, { text })).status, 201);
});

test("a body over the limit is 413", async (context) => {
  const server = await startTestServer(context, { bodyLimitBytes: 4096 });
  const text = JSON.stringify({ ...valid, tags: { k: "v".repeat(5000) } });
  expectError(await server.call("POST", "/instances", { text }), 413, "invalid_request");
  const head = `POST /instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\n`;
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n2000\r\n${" ".repeat(0x2000)}\r\n0\r\n\r\n`;
  assert.match(await raw(server, chunked), /^HTTP\/1\.1 413 [\s\S]*"code":"invalid_request"/);
});

test("an unknown path, method or id form is a 4xx in the one form of errors", async (context) => {
  const server = await startTestServer(context);
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/nothing"],
    ["PUT", "/instances"],
    ["PATCH", "/instances/base"],
    ["POST", "/instances/base/explode"],
    ["HEAD", "/instances"],
  ]) {
    const answer = await server.call(method ?? "", path ?? "");
    if (method === "HEAD") assert.equal(answer.status, 404);
    else expectError(answer, 404, "not_found");
  }
  for (const id of ["%00", "a%00b", "a.b", "a%2Fb", "a b", "..%2f..", "%F0%9F%98%80", "-a"]) {
    expectError(await server.call("GET", `/instances/${id}`), 400, "invalid_request");
  }
  for (const path of ["/instances/%", "/instances/%zz", "/instances/%ff", "/%c0%ae"]) {
    const answer = await raw(
      server,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 4\d\d [\s\S]*"code":"(invalid_request|not_found)"/, path);
  }
  const long = await server.call("GET", `/instances/${"a".repeat(2000)}`);
  assert.ok(long.status === 400 || long.status === 404, long.text);
});

test("what is no HTTP is answered with 400 and the connection is closed", async (context) => {
  const server = await startTestServer(context);
  for (const bytes of [
    "hello\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
  ]) {
    assert.match(await raw(server, bytes), /^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/);
  }
  const overflow = await raw(server, `GET /health HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(70_000)}\r\n\r\n`);
  assert.match(overflow, /^HTTP\/1\.1 431 /);
});
