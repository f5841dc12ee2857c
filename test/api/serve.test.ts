import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer, text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { ramet } from "../cli/run-ramet.ts";
import { makeSelfSigned } from "../fixtures/self-signed.ts";
import { fakeBuild } from "./helpers.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const endsWithinMs = 30_000;

type Environment = Readonly<Record<string, string>>;

/** `ramet serve` as a process of its own, over files that no machine was ever started from. */
async function spawnServe(context: TestContext, flags: readonly string[], env: Environment = {}) {
  const directory = await mkdtemp(join(tmpdir(), "ramet-serve-"));
  const words = ["serve", ...(await fakeBuild(directory)), "--ready-json", ...flags];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.timeout(endsWithinMs),
  });
  context.after(async () => {
    await end(child, "SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });
  return { child, stderr: text(child.stderr), dataDir: join(directory, "data") };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
  return child.exitCode;
}

/** Starts it with flags that it accepts. */
async function serve(context: TestContext, flags: readonly string[], env: Environment = {}) {
  const { child, stderr } = await spawnServe(context, flags, env);
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    stderr.then((said) => assert.fail(said)),
  ])) as [string];
  const { url, dataDir } = JSON.parse(line) as { url: string; dataDir: string };
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  return { child, stderr, dataDir, url, token };
}

/** Starts it with flags that it must refuse, and gives the sentence. */
async function refusal(context: TestContext, flags: readonly string[], env: Environment = {}): Promise<string> {
  const { child, stderr, dataDir } = await spawnServe(context, flags, env);
  const [said, stdout] = await Promise.all([stderr, buffer(child.stdout), once(child, "close")]);
  assert.deepEqual([child.exitCode, stdout.length], [2, 0], said);
  assert.match(said, /^ramet: [^\n]+\n$/);
  await assert.rejects(readFile(join(dataDir, "token")), /ENOENT/);
  return said;
}

test("listening beyond loopback without TLS is refused with the reason, unless it is asked for", async (context) => {
  const asked = ["--listen", "0.0.0.0:0"];
  assert.match(await refusal(context, asked), /every token .* --tls-cert .* --allow-plain-http/);
  assert.match(await refusal(context, [], { RAMET_LISTEN: "[::]:0" }), /--allow-plain-http/);
  const { url, token, child } = await serve(context, [...asked, "--allow-plain-http"]);
  // One can listen on all addresses, and call one of them.
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await fetch(`${url}/instances`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  await answer.text();
  assert.equal(await end(child, "SIGTERM"), 0);
});

test("a certificate or key that cannot serve is refused at the start, and says which", async (context) => {
  const { certPath, keyPath } = makeSelfSigned(context);
  const other = makeSelfSigned(context);
  const cases: readonly (readonly [flags: readonly string[], reason: RegExp])[] = [
    [["--tls-cert", certPath], /--tls-cert and --tls-key go together/],
    [["--tls-key", keyPath], /--tls-cert and --tls-key go together/],
    [["--tls-cert", `${certPath}x`, "--tls-key", keyPath], /--tls-cert: .*cert\.pemx cannot be read \(ENOENT\)/],
    [["--tls-cert", keyPath, "--tls-key", keyPath], /key\.pem holds no PEM certificate/],
    [["--tls-cert", certPath, "--tls-key", certPath], /cert\.pem holds no PEM key/],
    [["--tls-cert", certPath, "--tls-key", other.keyPath], /does not belong to the certificate/],
  ];
  for (const [flags, reason] of cases) assert.match(await refusal(context, flags), reason);
});

test("with a certificate it serves HTTPS, the command line trusts RAMET_CA_FILE, and it ends beside idle connections", async (context) => {
  const { cert, certPath, keyPath } = makeSelfSigned(context);
  const flags = ["--listen", "127.0.0.1:0", "--tls-cert", certPath, "--tls-key", keyPath];
  const { child, url, token, dataDir, stderr } = await serve(context, flags);
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const announced = JSON.parse(await readFile(join(dataDir, "server.json"), "utf8")) as { url: string };
  assert.equal(announced.url, url);
  const port = Number(new URL(url).port);

  const ask = async (path: string): Promise<IncomingMessage> => {
    const asked = httpsRequest(url + path, { ca: cert, headers: { authorization: `Bearer ${token}` } });
    const [answer] = (await once(asked.end(), "response")) as [IncomingMessage];
    return answer;
  };
  const answer = await ask("/instances");
  assert.deepEqual([answer.statusCode, await text(answer)], [200, "[]"]);

  const trusting = { RAMET_DATA_DIR: dataDir, RAMET_CA_FILE: certPath };
  assert.deepEqual((await ramet(["ps", "-q"], { env: trusting })).exitCode, 0);
  const distrusting = await ramet(["ps"], { env: { RAMET_DATA_DIR: dataDir } });
  assert.equal(distrusting.exitCode, 3);
  assert.match(distrusting.stderr, /certificate of https:.*RAMET_CA_FILE/);
  const named = await ramet(["ps"], { env: { ...trusting, RAMET_CA_FILE: join(dataDir, "token") } });
  assert.deepEqual([named.exitCode, named.stderr.includes("holds no PEM certificate")], [2, true]);

  // Plain HTTP gets no answer, and does no harm.
  const plain = connect(port, "127.0.0.1");
  plain.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  await buffer(plain).catch(() => Buffer.alloc(0));
  const idle = [connect(port, "127.0.0.1"), connectTls({ port, host: "127.0.0.1", ca: cert })];
  await Promise.all([once(idle[0] ?? plain, "connect"), once(idle[1] ?? plain, "secureConnect")]);
  for (const socket of idle) socket.on("error", () => undefined).resume();
  // What is under way is ended, not broken off.
  const events = text(await ask("/events"));
  assert.equal(await end(child, "SIGTERM"), 0);
  assert.match(await events, /^: events follow/);
  assert.ok(!(await stderr).includes('"level":"error"'));
});

test("the secret of JWTs comes from the environment or a file, must be long, and opens the server", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-secret-"));
  context.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "secret");
  const secret = "0123456789abcdef0123456789abcdef";
  await writeFile(path, "too-short\n");
  assert.match(await refusal(context, ["--jwt-secret-file", path]), /at least 32 bytes/);
  assert.match(await refusal(context, ["--jwt-secret-file", `${path}x`]), /cannot be read \(ENOENT\)/);
  const short = await refusal(context, [], { RAMET_JWT_SECRET: "short-secret" });
  assert.match(short, /RAMET_JWT_SECRET must hold at least 32 bytes/);
  assert.ok(!short.includes("short-secret"));
  await writeFile(path, `${secret}\n`);
  const loopback = ["--listen", "127.0.0.1:0"];
  const fromFile = await serve(context, [...loopback, "--jwt-secret-file", path]);
  assert.equal(await statusWith(fromFile.url, secret), 200);
  assert.equal(await statusWith(fromFile.url, `${secret}\n`), 401);
  await end(fromFile.child, "SIGTERM");
  // The environment goes before the file, and the secret is in no log.
  await writeFile(path, "f".repeat(32));
  const fromBoth = await serve(context, [...loopback, "--jwt-secret-file", path], { RAMET_JWT_SECRET: secret });
  assert.deepEqual(
    [await statusWith(fromBoth.url, secret), await statusWith(fromBoth.url, "f".repeat(32))],
    [200, 401],
  );
  await end(fromBoth.child, "SIGTERM");
  assert.ok(!(await fromBoth.stderr).includes(secret));
});

async function statusWith(url: string, secret: string): Promise<number> {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256" })}.${encode({ sub: "u", exp: Math.floor(Date.now() / 1000) + 60 })}`;
  const token = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  const answer = await fetch(`${url}/instances`, { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
}

test("limits are settings", async (context) => {
  const flags = ["--listen", "127.0.0.1:0", "--requests-per-minute", "2"];
  const { url, token, child } = await serve(context, flags, { RAMET_AUTH_FAILURES_PER_MINUTE: "1" });
  const ask = async (bearer: string): Promise<number> => {
    const answer = await fetch(`${url}/instances`, { headers: { authorization: `Bearer ${bearer}` } });
    await answer.text();
    return answer.status;
  };
  assert.deepEqual([await ask(token), await ask(token), await ask(token)], [200, 200, 429]);
  assert.deepEqual([await ask("guess"), await ask("guess")], [401, 429]);
  await end(child, "SIGTERM");
});

test("tokens outlive the server, and so does a revocation", async (context) => {
  const loopback = ["--listen", "127.0.0.1:0"];
  const first = await serve(context, loopback);
  const headers = { authorization: `Bearer ${first.token}`, "content-type": "application/json" };
  const make = async (name: string): Promise<string> => {
    const body = JSON.stringify({ name, scopes: ["instance:read"] });
    const answer = await fetch(`${first.url}/tokens`, { method: "POST", headers, body });
    return ((await answer.json()) as { token: string }).token;
  };
  const [kept, revoked] = [await make("kept"), await make("revoked")];
  const used = await fetch(`${first.url}/instances`, { headers: { authorization: `Bearer ${kept}` } });
  await used.text();
  await fetch(`${first.url}/tokens/revoked`, { method: "DELETE", headers: { authorization: `Bearer ${first.token}` } });
  assert.equal(await end(first.child, "SIGTERM"), 0);
  const second = await serve(context, [...loopback, "--data-dir", first.dataDir]);
  const ask = (path: string, bearer: string): Promise<Response> =>
    fetch(second.url + path, { headers: { authorization: `Bearer ${bearer}` } });
  // The first server wrote its last use when it ended.
  const listed = (await (await ask("/tokens", first.token)).json()) as { name: string; last_used_at: string | null }[];
  assert.deepEqual(
    listed.map(({ name, last_used_at: lastUsedAt }) => [name, lastUsedAt === null]),
    [
      ["kept", false],
      ["revoked", true],
    ],
  );
  assert.deepEqual([(await ask("/instances", kept)).status, (await ask("/instances", revoked)).status], [200, 401]);
  await end(second.child, "SIGTERM");
});
