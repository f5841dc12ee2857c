import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { OperatingError } from "../errors.ts";
import { loadConfig } from "./load-config.ts";

function fileWith(t: TestContext, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), "ramet-config-"));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const path = join(directory, "ramet.json");
  writeFileSync(path, content);
  return path;
}

function refusal(args: string[], environment: NodeJS.ProcessEnv = {}): string {
  try {
    loadConfig(args, environment);
  } catch (failure) {
    assert(failure instanceof OperatingError && failure.code === "invalid_request");
    return failure.message;
  }
  return assert.fail("the configuration was accepted");
}

test("takes each setting from the first place that names it: flag, environment, file, default", (t) => {
  const file = fileWith(t, '{"data-dir": "/from/file", "listen": "127.0.0.1:1", "qemu": "/from/file/qemu"}');
  const config = loadConfig(["--config", file, "--data-dir", "/from/flag"], {
    RAMET_DATA_DIR: "/from/env",
    RAMET_LISTEN: "127.0.0.1:2",
  });
  assert.equal(config.dataDir, "/from/flag");
  assert.deepEqual(config.listen, { host: "127.0.0.1", port: 2 });
  assert.equal(config.qemuPath, "/from/file/qemu");
  assert.equal(config.accelerator, "auto");
});

test("listens on 127.0.0.1:7263 unless told, and reads IPv6 addresses", () => {
  assert.deepEqual(loadConfig([], {}).listen, { host: "127.0.0.1", port: 7263 });
  assert.deepEqual(loadConfig(["--listen", "[::1]:0"], {}).listen, { host: "::1", port: 0 });
});

test("cannot be changed", () => {
  const config = loadConfig([], {});
  assert.throws(() => Object.assign(config, { dataDir: "/elsewhere" }), TypeError);
});

test("says what is wrong and what is expected", (t) => {
  assert.match(refusal(["--listen", "localhost"]), /--listen must be HOST:PORT/);
  assert.match(refusal(["--listen", "127.0.0.1:70000"]), /--listen must be HOST:PORT/);
  assert.match(refusal(["--accelerator", "hvf"]), /--accelerator must be one of auto, kvm, tcg, not hvf/);
  assert.match(refusal([], { RAMET_TRANSLATION_CACHE_BYTES: "1.5" }), /must be a whole number from/);
  assert.match(refusal(["--no-such-flag"]), /no-such-flag/);
  assert.match(refusal(["--config", "/nonexistent.json"]), /cannot be read as JSON/);
  assert.match(refusal(["--config", fileWith(t, '{"colour": "red"}')]), /there is no setting colour/);
  assert.match(refusal(["--config", fileWith(t, "[]")]), /must hold one JSON object/);
});
