import assert from "node:assert/strict";
import { test } from "node:test";
import type { Image } from "../client/shapes.ts";
import { progressLine } from "./bring-image.ts";

const image: Image = {
  name: "docker.io/library/nginx:1.27",
  digest: `sha256:${"0".repeat(64)}`,
  status: "pulling",
  error: null,
  error_code: null,
  queue_position: null,
  progress: { received_bytes: 30 << 20, total_bytes: 120 << 20 },
  platform: "linux/amd64",
  size_bytes: null,
  entrypoint: null,
  cmd: null,
  env: {},
  working_dir: null,
  user: null,
  stop_signal: null,
  exposed_ports: [],
  tags: {},
  created_at: "2026-01-02T03:04:05.000Z",
};

test("the line shows how much of the layers is here, and never more than the terminal is wide", () => {
  const line = progressLine(image, 200);
  assert.equal(line, "docker.io/library/nginx:1.27  pulling  [#####               ]  25 %  30 MB of 120 MB");
  assert.equal(progressLine(image, 40).length, 40);
  const more = { ...image, progress: { received_bytes: 5, total_bytes: 4 } };
  assert.match(progressLine(more, 200), /\[#{20}\] 100 %/);
  assert.match(progressLine({ ...image, progress: { received_bytes: 0, total_bytes: 0 } }, 200), /100 %/);
});

test("what is not pulling says so in words", () => {
  assert.match(progressLine({ ...image, status: "pending", queue_position: 3 }, 200), /waits as number 3$/);
  assert.match(progressLine({ ...image, status: "converting" }, 200), /converting$/);
});
