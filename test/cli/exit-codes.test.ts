import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

async function portOfNobody(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a refused connection ends with 3 and says how to start the server", async () => {
  const run = await ramet(["ps", "--url", `http://127.0.0.1:${await portOfNobody()}`]);
  assert.equal(run.exitCode, 3);
  assert.match(run.stderr, /start the server with: \.\/ramet serve/);
  assert.equal(run.stdout.length, 0);
});

test("with --json a failure is one JSON value on stdout", async () => {
  const run = await ramet(["ps", "--json", "--url", `http://127.0.0.1:${await portOfNobody()}`]);
  const { error } = JSON.parse(run.stdout.toString()) as { error: { code: string; exit_code: number } };
  assert.deepEqual([error.code, error.exit_code, run.exitCode], ["unreachable", 3, 3]);
});

const refusals: readonly (readonly [
  words: readonly string[],
  line: string,
  status: number,
  code: string,
  exitCode: number,
])[] = [
  [["get", "nobody"], "GET /instances/nobody", 404, "not_found", 4],
  [["standby", "base"], "POST /instances/base/standby", 409, "instance_busy", 5],
  [["mailboxes", "base"], "GET /instances/base/mailboxes", 409, "invalid_state", 5],
  [["fork", "base", "--name", "c"], "POST /instances/base/fork", 504, "ack_timeout", 6],
  [["ps"], "GET /instances", 401, "unauthorized", 1],
  [["stop", "base"], "POST /instances/base/stop", 500, "internal_error", 1],
];

for (const [words, line, status, code, exitCode] of refusals) {
  test(`ramet ${words.join(" ")} ends with ${exitCode} when the server answers ${status} ${code}`, async (t) => {
    const server = await startScriptedServer(t, {
      [line]: { status, body: { code, message: "the server's\u001b[2J sentence" } },
    });
    const run = await ramet([...words, "--url", server.url]);
    assert.equal(run.exitCode, exitCode);
    assert.ok(run.stderr.includes(`ramet: the server's\\u001b[2J sentence (${code})\n`), run.stderr);
    assert.equal(run.stdout.length, 0);
  });
}

for (const body of ["<html>hello</html>", "", '{"id":']) {
  test(`an answer that is not JSON (${JSON.stringify(body)}) ends with 1 and asks for the URL`, async (t) => {
    const server = await startScriptedServer(t, {
      "GET /instances/base": { status: 200, body, contentType: "text/html" },
    });
    const run = await ramet(["get", "base", "--url", server.url]);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /is not JSON.*\(bad_answer\)\ncheck --url and RAMET_URL\n$/);
  });
}

test("an error page of somebody else is not taken for the server's word", async (t) => {
  const server = await startScriptedServer(t, {
    "GET /instances/base": { status: 502, body: "<html>Bad gateway</html>" },
  });
  const run = await ramet(["get", "base", "--url", server.url]);
  assert.equal(run.exitCode, 1);
  assert.match(run.stderr, /HTTP status 502/);
  assert.doesNotMatch(run.stderr, /html/);
});

const misuses: readonly (readonly [words: readonly string[], sentence: RegExp])[] = [
  [["frok"], /unknown command 'frok'/],
  [[], /Usage: ramet/],
  [["run", "ramet/base"], /required option '--name <name>'/],
  [["fork", "base", "--name", "c", "--mailbox", "job=hunter2"], /mailbox job is not valid JSON/],
  [["fork", "base", "--name", "c", "--ack-timeout", "40000"], /from 1 to 30000/],
  [["exec", "base", "-t", "--", "sh"], /needs a terminal/],
  [["ps", "--token", "secret"], /unknown option '--token'/],
  [["ps", "--url", "nonsense"], /not an http URL/],
  [["help", "nothing"], /there is no help on nothing/],
];

for (const [words, sentence] of misuses) {
  test(`ramet ${words.join(" ")} ends with 2`, async () => {
    const run = await ramet(words);
    assert.equal(run.exitCode, 2);
    assert.match(run.stderr, sentence);
    assert.doesNotMatch(run.stderr, /hunter2/);
    assert.equal(run.stdout.length, 0);
  });
}

test("an interruption ends with 130 and closes the connection", async (t) => {
  const server = await startScriptedServer(t, {}, (socket) => {
    socket.send(Buffer.from("\u0001ready"));
  });
  const run = await ramet(["exec", "base", "--url", server.url, "--", "sleep", "infinity"], {
    onOutput: (process) => process.kill("SIGINT"),
  });
  assert.equal(run.exitCode, 130);
  assert.equal(run.stdout.toString(), "ready");
});
