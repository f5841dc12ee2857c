import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connectInDirectory, listenForChild } from "./socket-path.ts";
import { superviseProcess } from "./supervised-process.ts";

const signal = AbortSignal.timeout(30_000);
let home: string;
let directory: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "ramet-socket-"));
  directory = join(home, "a-directory-deeper-than-a-socket-address-is-long".repeat(4));
  await mkdir(directory);
});

after(async () => {
  await rm(home, { recursive: true });
});

// Echoes on the listening socket that it inherits as descriptor 3.
const echo = `require("node:net").createServer((socket) => socket.pipe(socket)).listen({ fd: 3 })`;

test("a connection waits in the queue until the child accepts, at a path longer than a socket address", async () => {
  const listener = await listenForChild(directory, "echo.sock");
  const logPath = join(home, "log");
  const command = process.execPath;
  const child = await superviseProcess({
    command,
    args: ["-e", echo],
    directory,
    logPath,
    descriptors: [listener.descriptor],
  });
  listener.close();
  const socket = await connectInDirectory(directory, "echo.sock", signal);
  socket.write("hello");
  const [answer] = (await once(socket, "data", { signal })) as [Buffer];
  assert.equal(answer.toString(), "hello");
  assert.deepEqual(readdirSync(directory), ["echo.sock"]);
  socket.destroy();
  await child.kill();
  await rm(join(directory, "echo.sock"));
});

test("no descriptor is left open by a connection or a listener", async () => {
  const count = (): number => readdirSync("/proc/self/fd").length;
  const before = count();
  const listener = await listenForChild(directory, "left.sock");
  listener.close();
  await assert.rejects(connectInDirectory(directory, "left.sock", signal), { code: "ECONNREFUSED" });
  await assert.rejects(connectInDirectory(directory, "absent.sock", signal), { code: "ENOENT" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(count(), before);
  assert.equal(existsSync(join(directory, "left.sock")), true);
  await rm(join(directory, "left.sock"));
});

test("an aborted connection rejects with the signal's reason", async () => {
  const reason = new Error("gone");
  await assert.rejects(
    connectInDirectory(directory, "any.sock", AbortSignal.abort(reason)),
    (failure) => failure === reason,
  );
});
