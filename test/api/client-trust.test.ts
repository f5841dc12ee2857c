import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { getCACertificates } from "node:tls";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { RametClient, RametConnectionError, RametSettingsError } from "../../src/client/index.ts";
import { makeSelfSigned, type SelfSigned } from "../fixtures/self-signed.ts";
import { startTestServer, type TestServer } from "./helpers.ts";

interface Secure extends SelfSigned {
  readonly server: TestServer;
}

async function startSecure(context: TestContext): Promise<Secure> {
  const signed = makeSelfSigned(context);
  return { ...signed, server: await startTestServer(context, { tls: { cert: signed.cert, key: signed.key } }) };
}

function clientOf({ server }: Secure, ca: string | undefined, env: Record<string, string> = {}): RametClient {
  return new RametClient({ baseUrl: server.url, token: server.token, ca, env });
}

test("two clients of one process trust an authority each, and nobody else trusts either", async (context) => {
  const [one, other] = [await startSecure(context), await startSecure(context)];
  const before = getCACertificates("default");
  assert.deepEqual(await clientOf(one, one.cert).instances(), []);
  assert.deepEqual(await clientOf(other, other.certPath).instances(), []);
  for (const client of [clientOf(one, other.cert), clientOf(one, undefined)])
    await assert.rejects(client.instances(), (failure) => {
      assert.ok(failure instanceof RametConnectionError);
      assert.match(failure.message, /certificate of https:.* RAMET_CA_FILE.* ca /);
      return true;
    });
  await assert.rejects(fetch(`${one.server.url}/health`), TypeError);
  assert.deepEqual(getCACertificates("default"), before);
});

test("every kind of call goes over a connection that is trusted", async (context) => {
  const secure = await startSecure(context);
  const ramet = clientOf(secure, undefined, { RAMET_CA_FILE: secure.certPath });
  await using vm = await ramet.run({ image: "ramet/base", memory: "96MB", cmd: ["work"] });
  assert.equal((await vm.output(["echo", "hello"])).stdout, "hello\n");
  for await (const line of vm.logs({ follow: true })) {
    assert.ok(line.length > 0);
    break;
  }
  const archive = pack();
  archive.entry({ name: "file" }, "content");
  archive.finalize();
  const bytes: Buffer[] = [];
  for await (const chunk of archive) bytes.push(chunk as Buffer);
  const body = Readable.toWeb(Readable.from([gzipSync(Buffer.concat(bytes))])) as ReadableStream<Uint8Array>;
  const volume = await ramet.calls.createVolumeFromArchive({ name: "corpus", size_gb: 1 }, body);
  assert.equal(volume.name, "corpus");
  const leaving = new AbortController();
  const reason = new Error("enough");
  const waiting = vm.wait("Stopped", { timeoutMs: 60_000 }, leaving.signal);
  leaving.abort(reason);
  await assert.rejects(waiting, reason);
});

test("what holds no certificate, or is not there, is said before anything is sent", async (context) => {
  const secure = await startSecure(context);
  writeFileSync(`${secure.certPath}.empty`, "no certificate\n");
  const cases: readonly (readonly [ca: string, reason: RegExp])[] = [
    [`${secure.certPath}.empty`, /cert\.pem\.empty holds no PEM certificate/],
    [`${secure.certPath}.none`, /cannot be read: .*cert\.pem\.none \(ENOENT\)/],
    [secure.key, /^what was given holds no PEM certificate$/],
  ];
  for (const [ca, message] of cases)
    await assert.rejects(clientOf(secure, ca).health(), (failure) => {
      assert.ok(failure instanceof RametSettingsError);
      assert.match(failure.message, message);
      return true;
    });
});
