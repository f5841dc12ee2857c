/** What only a terminal shows: raw mode and its end, sizes, keys, colours, the progress line. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { WebSocket } from "ws";
import { displayWidth } from "../../src/cli/table.ts";
import { image } from "./an-image.ts";
import { instance } from "./an-instance.ts";
import { openTerminal, rametWords, type TerminalEnd } from "./pseudo-terminal.ts";
import { startScriptedServer, type ScriptedAnswer } from "./scripted-server.ts";

const frame = (stream: number, text: string): Buffer => Buffer.concat([Buffer.of(stream), Buffer.from(text)]);
const usual = { echo: true, lineMode: true };
const left = ({ echo, lineMode }: TerminalEnd): object => ({ echo, lineMode });

function exit(socket: WebSocket, exitCode: number): void {
  socket.send(JSON.stringify({ exitCode, signal: null, timedOut: false }));
  socket.close(1000);
}

test("exec -it: keys go to the guest as they are, the size follows, and the terminal is as before at the end", async (t) => {
  const heard: string[] = [];
  const server = await startScriptedServer(t, {}, (socket, first) => {
    const { tty, rows, cols } = JSON.parse(first) as Record<string, unknown>;
    heard.push(JSON.stringify({ tty, rows, cols }));
    socket.send(frame(1, "guest# "));
    socket.on("message", (message: Buffer, isBinary) => {
      const words = isBinary ? message.subarray(1).toString("utf8") : message.toString("utf8");
      heard.push(words);
      if (!isBinary) socket.send(frame(1, "resized "));
      if (words === "\u0003") socket.send(frame(1, "interrupted "));
      if (words === "q") exit(socket, 7);
    });
  });
  const words = [...rametWords, "exec", "base", "-it", "--url", server.url, "--", "sh"];
  const terminal = openTerminal(t, words, { rows: 30, cols: 100 });
  await terminal.waitFor(/guest# /);
  terminal.type("\u0003");
  await terminal.waitFor(/interrupted /);
  terminal.resize(40, 132);
  await terminal.waitFor(/resized /);
  terminal.type("q");
  const end = await terminal.ended;
  assert.deepEqual([end.exitCode, left(end)], [7, usual]);
  assert.deepEqual(heard, ['{"tty":true,"rows":30,"cols":100}', "\u0003", '{"resize":{"cols":132,"rows":40}}', "q"]);
  assert.equal(terminal.shown(), "guest# interrupted resized ", "what is typed is the guest's to echo");
});

const SIGHUP = 1;
const SIGTERM = 15;
const breaks: Readonly<Record<string, { readonly signal?: number; readonly exitCode: number }>> = {
  "the connection breaks": { exitCode: 125 },
  "it is told to end": { signal: SIGTERM, exitCode: 130 },
  "the terminal hangs up": { signal: SIGHUP, exitCode: 130 },
};

for (const [what, { signal, exitCode }] of Object.entries(breaks)) {
  test(`exec -it gives the terminal back when ${what}`, async (t) => {
    const server = await startScriptedServer(t, {}, (socket) => {
      socket.send(frame(1, "guest# "));
      // A key arrives only in raw mode without a line end: so that is on.
      socket.on("message", () => {
        if (signal === undefined) socket.terminate();
        else socket.send(frame(1, "heard "));
      });
    });
    const terminal = openTerminal(t, [...rametWords, "exec", "base", "-it", "--url", server.url, "--", "sh"]);
    await terminal.waitFor(/guest# /);
    terminal.type("x");
    if (signal !== undefined) {
      await terminal.waitFor(/heard /);
      terminal.signal(signal);
    }
    const end = await terminal.ended;
    assert.deepEqual([end.exitCode, left(end)], [exitCode, usual]);
  });
}

test("logs -f ends with Ctrl-C and says nothing more", async (t) => {
  const body = ': lines follow\n\ndata: "one"\n\n';
  const server = await startScriptedServer(t, {
    "GET /instances/base/logs?follow=true": { status: 200, body, contentType: "text/event-stream", isEndless: true },
  });
  const terminal = openTerminal(t, [...rametWords, "logs", "base", "-f", "--url", server.url]);
  await terminal.waitFor(/one/);
  terminal.type("\u0003");
  const end = await terminal.ended;
  assert.deepEqual([end.exitCode, left(end)], [130, usual]);
  assert.equal(terminal.shown(), "one\r\n^C");
});

const list: Readonly<Record<string, ScriptedAnswer>> = {
  "GET /instances": {
    status: 200,
    body: [instance, { ...instance, id: "f6", name: "日本語の名前の長いインスタンス", state: "Stopped" }],
  },
};

test("a table fits the terminal, and colours are for terminals that want them", async (t) => {
  const server = await startScriptedServer(t, list);
  const words = [...rametWords, "ps", "--url", server.url];
  const narrow = openTerminal(t, words, { cols: 72 });
  assert.equal((await narrow.ended).exitCode, 0);
  await narrow.waitFor(/日本/);
  assert.match(narrow.shown(), /\u001b\[32mRunning\u001b\[39m/);
  const lines = stripVTControlCharacters(narrow.shown()).trimEnd().split("\r\n");
  assert.equal(lines.length, 3);
  assert.ok(
    lines.every((line) => displayWidth(line) <= 72),
    narrow.shown(),
  );
  assert.match(lines[2] ?? "", /^日本語の.*…/);
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
    const plain = openTerminal(t, words, { cols: 200, env });
    assert.equal((await plain.ended).exitCode, 0);
    assert.equal(plain.shown(), stripVTControlCharacters(plain.shown()));
  }
});

test("fork --count draws one line that counts the children, and puts nothing but ids on stdout", async (t) => {
  const head = { at: "2026-01-02T03:04:05.678Z", parent_id: "a1", instance_id: "f0", name: "w-0" };
  const events = [
    { ...head, id: "1-1", type: "fork.phase", phase: "restore", ms: 1 },
    { ...head, id: "1-2", type: "mailbox.acked", mailbox: "job", ack_ms: 1 },
  ].map((event) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const result = { mailboxes: [], timings_ms: {}, start: "cold", error: null };
  const children = ["w-0", "w-1"].map((name) => ({
    ...result,
    name,
    instance: { ...instance, id: `id-${name}`, name },
  }));
  const answered = Promise.withResolvers<undefined>();
  const server = await startScriptedServer(t, {
    "GET /events?type=fork.phase&type=fork.failed&type=mailbox.acked": {
      status: 200,
      body: `id: 1-0\n\n${events.join("")}`,
      contentType: "text/event-stream",
      isEndless: true,
    },
    "POST /instances/base/forks": {
      status: 201,
      body: { children, timings_ms: {}, source_pause_ms: null },
      after: answered.promise,
    },
  });
  const directory = mkdtempSync(join(tmpdir(), "ramet-cli-"));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const ids = join(directory, "ids");
  const fork = ["fork", "base", "--count", "2", "--name", "w-{index}", "--mailbox", "job={}", "--wait-ack"];
  const words = [...rametWords, ...fork, "--url", server.url];
  const terminal = openTerminal(t, ["sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh", ids, ...words]);
  await terminal.waitFor(/forking base: 2 children … 1 restored · 1 of 2 acks · /);
  answered.resolve(undefined);
  assert.equal((await terminal.ended).exitCode, 0);
  assert.equal(readFileSync(ids, "utf8"), "id-w-0\nid-w-1\n");
  // Each drawing begins where the last one did; only what stays ends its line.
  const stays = terminal.shown().split("\r\n");
  assert.match(stays[0] ?? "", /\r\u001b\[Kforking base: 2 children: [\d.]+ m?s$/);
  assert.match(stays[1] ?? "", /^2 of 2 children made/);
});

test("image pull draws one line with a bar that fills, and what stays says that the image is ready", async (t) => {
  const { name } = image;
  const progress = { received_bytes: 10 << 20, total_bytes: 40 << 20 };
  const looks = [
    { ...image, status: "pulling", progress },
    { ...image, status: "pulling", progress: { ...progress, received_bytes: 30 << 20 } },
    { ...image, status: "converting" },
  ];
  const server = await startScriptedServer(t, {
    "POST /images": { status: 202, body: { ...image, status: "pending" } },
    [`GET /images/${encodeURIComponent(name)}`]: () => ({
      status: 200,
      body: looks.shift() ?? { ...image, status: "ready" },
    }),
  });
  const terminal = openTerminal(t, [...rametWords, "image", "pull", name, "--url", server.url], { cols: 90 });
  assert.equal((await terminal.ended).exitCode, 0);
  const [line = "", ...rest] = terminal.shown().trimEnd().split("\r\n");
  const drawings = line.split("\r\u001b[K").filter((drawing) => drawing !== "");
  assert.deepEqual(
    drawings.map((drawing) => /\[#* *\] +\d+ %|pending|converting|ready/.exec(drawing)?.[0]),
    ["pending", "[#####               ]  25 %", "[###############     ]  75 %", "converting", "ready"],
  );
  assert.ok(drawings.every((drawing) => displayWidth(drawing) < 90));
  assert.deepEqual(rest, [name]);
});
