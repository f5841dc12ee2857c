import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RametSettingsError } from "./errors.ts";
import { defaultUrl, findServer } from "./find-server.ts";

function dataDirectory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-cli-"));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const announced = { "server.json": '{"url":"http://127.0.0.1:4711","pid":1}', token: "local-token\n" };

test("finds address and token of the server on this machine in its data directory", async (t) => {
  const RAMET_DATA_DIR = dataDirectory(t, announced);
  assert.deepEqual(await findServer({}, { RAMET_DATA_DIR }), { url: "http://127.0.0.1:4711", token: "local-token" });
});

test("falls back to the default address when no server announced itself", async (t) => {
  const dataDir = dataDirectory(t, { token: "t" });
  assert.deepEqual(await findServer({ dataDir }, {}), { url: defaultUrl, token: "t" });
});

test("prefers the flag to the environment, and both to the data directory", async (t) => {
  const env = { RAMET_DATA_DIR: dataDirectory(t, announced), RAMET_URL: "http://127.0.0.1:1/" };
  assert.equal((await findServer({}, env)).url, "http://127.0.0.1:1");
  assert.equal((await findServer({ url: "http://127.0.0.1:2" }, env)).url, "http://127.0.0.1:2");
  assert.equal((await findServer({ dataDir: dataDirectory(t, announced) }, env)).url, "http://127.0.0.1:4711");
});

test("never gives this machine's token to another one", async (t) => {
  const dataDir = dataDirectory(t, announced);
  for (const url of ["http://example.com", "https://127.0.0.1.example.com", "http://192.0.2.1:7263"]) {
    assert.equal((await findServer({ url, dataDir }, {})).token, undefined);
    assert.equal((await findServer({ url, dataDir }, { RAMET_TOKEN: "theirs" })).token, "theirs");
  }
});

test("takes the token from the file that the environment names", async (t) => {
  const directory = dataDirectory(t, { mine: "from-file\n" });
  const env = { RAMET_TOKEN_FILE: join(directory, "mine"), RAMET_DATA_DIR: directory };
  assert.equal((await findServer({ url: "http://example.com" }, env)).token, "from-file");
});

test("says what is wrong without quoting a token", async (t) => {
  const broken = dataDirectory(t, { "server.json": "{", token: "a b" });
  const rejects = (
    options: Parameters<typeof findServer>[0],
    env: Record<string, string>,
    sentence: RegExp,
  ): Promise<void> =>
    assert.rejects(
      findServer(options, env),
      (error: unknown) =>
        error instanceof RametSettingsError && sentence.test(error.message) && !error.message.includes("a b"),
    );
  await rejects({ dataDir: broken }, {}, /server\.json holds no url/);
  await rejects({ url: "http://127.0.0.1", dataDir: broken }, {}, /holds no token/);
  await rejects({ url: "ftp://x" }, {}, /not an http URL/);
  await rejects({ url: "nonsense" }, {}, /not an http URL/);
  await rejects(
    {},
    { RAMET_TOKEN_FILE: join(broken, "absent"), RAMET_DATA_DIR: broken, RAMET_URL: defaultUrl },
    /file that is not there/,
  );
});
