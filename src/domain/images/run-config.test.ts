import assert from "node:assert/strict";
import { test } from "node:test";
import { plainRunConfig } from "./image.ts";
import { readRunConfig, signalNumber } from "./run-config.ts";

test("what an image does not say is plain", () => {
  assert.deepEqual(readRunConfig({}, "x"), plainRunConfig);
  assert.deepEqual(readRunConfig({ config: null }, "x"), plainRunConfig);
  const empty = { User: "", Env: null, Entrypoint: null, Cmd: [], WorkingDir: "", StopSignal: "", ExposedPorts: null };
  assert.deepEqual(readRunConfig({ config: empty }, "x"), plainRunConfig);
});

test("signals are read as configs write them", () => {
  const numbers: Readonly<Record<string, number | null>> = {
    SIGTERM: 15,
    TERM: 15,
    "9": 9,
    SIGUSR1: 10,
    SIGRTMIN: 34,
    "SIGRTMIN+3": 37,
    "RTMAX-1": 63,
    "64": 64,
    "65": null,
    "0": null,
    SIGNOTHING: null,
    "SIGTERM+1": null,
    "SIGRTMIN+40": null,
    sigterm: null,
    "": null,
  };
  for (const [text, number] of Object.entries(numbers)) assert.equal(signalNumber(text), number, text);
});

test("a user that no guest could have is refused", () => {
  for (const user of ["app", "1000", "app:log", "1000:1000", "_apt", "domain.user", "machine$"])
    assert.equal(readRunConfig({ config: { User: user } }, "x").user, user);
  for (const user of ["a b", "a:b:c", ":group", "user:", "-x", "a/b", "a".repeat(65)])
    assert.throws(() => readRunConfig({ config: { User: user } }, "x"), { code: "invalid_image" }, user);
});
