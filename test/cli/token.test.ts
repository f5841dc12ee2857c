import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestServer } from "../api/helpers.ts";
import { ramet } from "./run-ramet.ts";

test("a token is made, used, listed and revoked from the command line", async (context) => {
  const server = await startTestServer(context);
  const as = (token: string) => ({ env: { RAMET_URL: server.url, RAMET_TOKEN: token } });
  const root = as(server.token);
  const words = [
    "token",
    "create",
    "--name",
    "ci",
    "--scope",
    "instance:read",
    "--scope",
    "token:*",
    "--expires",
    "30d",
  ];
  const made = await ramet(words, root);
  assert.equal(made.exitCode, 0, made.stderr);
  const token = made.stdout.toString().trim();
  assert.match(token, /^ramet_[a-z0-9]{24}_[\w-]{43}$/);
  assert.match(made.stderr, /^ci \([a-z0-9]{24}\) may instance:read, token:\* until \d{4}-.*shown this once\n$/);
  assert.ok(!made.stderr.includes(token));
  assert.equal((await ramet(["ps"], as(token))).exitCode, 0);

  const refused = await ramet(["snapshot", "ls"], as(token));
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /snapshot:read.*\(forbidden\)\n.*ramet token/);
  const beyond = await ramet(["token", "create", "--name", "x", "--scope", "*"], as(token));
  assert.match(beyond.stderr, /\(forbidden\)/);

  const table = (await ramet(["token", "ls"], root)).stdout.toString();
  assert.match(
    table,
    /^NAME +ID +SCOPES +STATE +USED +AGE +EXPIRES\nci +[a-z0-9]{24} +instance:read,token:\* +live +\d+ s +\d+ s +2\d{3}-/,
  );
  assert.match((await ramet(["token", "ls", "-q"], root)).stdout.toString(), /^[a-z0-9]{24}\n$/);
  const revoked = await ramet(["token", "revoke", "ci"], root);
  assert.deepEqual([revoked.exitCode, revoked.stdout.toString(), revoked.stderr], [0, "", "revoked ci\n"]);
  assert.equal((await ramet(["token", "ls", "-q"], root)).stdout.toString(), "");
  assert.match((await ramet(["token", "ls", "--all"], root)).stdout.toString(), /ci .* revoked /);
  assert.match((await ramet(["ps"], as(token))).stderr, /revoked.*\(unauthorized\)/);
  assert.equal((await ramet(["token", "revoke", "nobody"], root)).exitCode, 4);
});

test("a token with --json is the server's answer, and a strange end is a usage error", async (context) => {
  const server = await startTestServer(context);
  const options = { env: { RAMET_URL: server.url, RAMET_TOKEN: server.token } };
  const create = ["token", "create", "--name", "x", "--scope", "*"];
  const made = await ramet([...create, "--expires", "2099-01-31T12:00:00Z", "--json"], options);
  const { expires_at: expiresAt, token } = JSON.parse(made.stdout.toString()) as { expires_at: string; token: string };
  assert.equal(expiresAt, "2099-01-31T12:00:00.000Z");
  assert.match(token, /^ramet_/);
  for (const when of ["soon", "30", "30y", "99999999999999999d"])
    assert.equal((await ramet([...create, "--expires", when], options)).exitCode, 2, when);
  assert.equal((await ramet(["token", "create", "--name", "x"], options)).exitCode, 2);
  assert.equal((await ramet([...create, "--expires", "2000-01-01T00:00:00Z"], options)).exitCode, 1);
});
