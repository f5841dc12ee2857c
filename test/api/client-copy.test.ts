import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { WebSocket } from "ws";
import { RametApiError, RametClient, RametCopyError } from "../../src/client/index.ts";
import { startScriptedServer } from "../cli/scripted-server.ts";
import { makeRunning, makeStopped, startTestServer } from "./helpers.ts";

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "ramet-copy-"));
  context.after(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

async function start(context: TestContext): Promise<RametClient> {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  await makeStopped(server, "stopped");
  return new RametClient({ baseUrl: server.url, token: server.token });
}

test("a tree goes into a guest and comes back with its bytes, permission bits and times", async (context) => {
  const ramet = await start(context);
  const here = directory(context);
  const tree = join(here, "tree");
  mkdirSync(join(tree, "sub"), { recursive: true });
  const large = randomBytes(300_000);
  writeFileSync(join(tree, "large"), large);
  writeFileSync(join(tree, "sub/empty"), "", { mode: 0o640 });
  writeFileSync(join(tree, "sub/looks-like-a-word"), '{"type":"end","final":true}');
  utimesSync(join(tree, "large"), 1_700_000_000, 1_700_000_000);
  symlinkSync("large", join(tree, "link"));
  symlinkSync("nowhere", join(tree, "dangling"));
  symlinkSync("..", join(tree, "sub/loop"));
  spawnSync("mkfifo", [join(tree, "pipe")]);
  chmodSync(join(tree, "sub"), 0o750);
  const vm = await ramet.instance("base");
  const sent = await vm.copyTo(tree, "/srv/tree");
  assert.deepEqual([sent.files, sent.directories, sent.bytes], [4, 2, 2 * large.length + 27]);
  assert.deepEqual(
    sent.skipped.map(({ path }) => path.slice(tree.length)),
    ["/dangling", "/pipe", "/sub/loop"],
  );
  const back = join(here, "back");
  const got = await vm.copyFrom("/srv/tree", back);
  assert.deepEqual([got.files, got.directories, got.links], [4, 2, 0]);
  assert.ok(readFileSync(join(back, "large")).equals(large));
  assert.ok(readFileSync(join(back, "link")).equals(large));
  assert.equal(readFileSync(join(back, "sub/looks-like-a-word"), "utf8"), '{"type":"end","final":true}');
  assert.equal(lstatSync(join(back, "large")).mtimeMs, 1_700_000_000_000);
  assert.equal(lstatSync(join(back, "sub")).mode & 0o777, 0o750);
  assert.equal(lstatSync(join(back, "sub/empty")).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(back), ["large", "link", "sub"]);
});

test("what fails in the guest, or is refused, is told with its path or code, and leaves nothing half made", async (context) => {
  const ramet = await start(context);
  const here = directory(context);
  writeFileSync(join(here, "file"), randomBytes(100_000));
  const vm = await ramet.instance("base");
  const full: unknown = await vm.copyTo(join(here, "file"), "/full/file").catch((error: unknown) => error);
  assert.ok(full instanceof RametCopyError && full.path === "/full/file", String(full));
  await assert.rejects(vm.copyFrom("/nothing", join(here, "new")), RametCopyError);
  assert.equal(existsSync(join(here, "new")), false);
  await assert.rejects(
    ramet.calls.copyFrom("stopped", { from: "/x", to: join(here, "new") }),
    (error) => error instanceof RametApiError && error.code === "invalid_state",
  );
  await assert.rejects(vm.copyTo(join(here, "missing"), "/x"), /ENOENT/);
  const reason = new Error("enough");
  await assert.rejects(vm.copyTo(join(here, "file"), "/stuck/file", AbortSignal.abort(reason)), reason);
  assert.deepEqual(readdirSync(here), ["file"]);
});

const header = (path: string, more: object = {}): string =>
  JSON.stringify({ type: "header", path, mode: 0o4644, is_dir: false, size: 1, mtime: 1, uid: 0, gid: 0, ...more });
const end = (final: boolean): string => JSON.stringify({ type: "end", final });

/** What a hostile guest may send; each tries to write `escaped` beside the destination. */
const attacks: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  "a name that leads up": [header("tree", { is_dir: true }), end(false), header("tree/../escaped"), Buffer.of(1)],
  "an absolute name": [header("/escaped"), Buffer.of(1)],
  "a name with a slash too many": [header("tree", { is_dir: true }), end(false), header("tree//escaped")],
  "a link to a directory, and a file below it": [
    header("tree", { is_dir: true }),
    end(false),
    header("tree/way", { is_symlink: true, link_target: ".." }),
    end(false),
    header("tree/way/escaped"),
    Buffer.of(1),
  ],
  "a link, and a directory in its place": [
    header("tree", { is_dir: true }),
    end(false),
    header("tree/way", { is_symlink: true, link_target: ".." }),
    end(false),
    header("tree/way", { is_dir: true }),
    end(false),
    header("tree/way/escaped"),
  ],
};

async function serveFrames(context: TestContext, frames: readonly (string | Buffer)[]): Promise<RametClient> {
  const { url } = await startScriptedServer(context, {}, (socket: WebSocket) => {
    for (const each of frames) socket.send(each);
  });
  return new RametClient({ baseUrl: url, token: null });
}

for (const [what, frames] of Object.entries(attacks)) {
  test(`a hostile guest writes nothing outside of the destination: ${what}`, async (context) => {
    const here = directory(context);
    const ramet = await serveFrames(context, [...frames, end(true)]);
    await assert.rejects(ramet.calls.copyFrom("base", { from: "/x/tree", to: join(here, "tree") }));
    assert.equal(existsSync(join(here, "escaped")), false);
  });
}

test("a link in a file's place is replaced, and set-user-id bits do not come out of a guest", async (context) => {
  const here = directory(context);
  writeFileSync(join(here, "mine"), "untouched");
  symlinkSync("mine", join(here, "file"));
  const ramet = await serveFrames(context, [header("file"), Buffer.from("new"), end(true)]);
  await ramet.calls.copyFrom("base", { from: "/file", to: join(here, "file") });
  assert.deepEqual(
    [readFileSync(join(here, "mine"), "utf8"), readFileSync(join(here, "file"), "utf8")],
    ["untouched", "new"],
  );
  assert.equal(lstatSync(join(here, "file")).mode & 0o7777, 0o644);
});

test("a connection that breaks in the middle leaves no file", async (context) => {
  const here = directory(context);
  const { url } = await startScriptedServer(context, {}, (socket) => {
    socket.send(header("file"));
    socket.send(Buffer.from("half"), () => {
      socket.terminate();
    });
  });
  const ramet = new RametClient({ baseUrl: url, token: null });
  await assert.rejects(
    ramet.calls.copyFrom("base", { from: "/file", to: join(here, "file") }),
    /ended before the copy/,
  );
  assert.deepEqual(readdirSync(here), []);
});
