import assert from "node:assert/strict";
import { test } from "node:test";
import { checkListening, isLoopback } from "./check-listening.ts";
import { loadConfig } from "./load-config.ts";

test("only addresses that no network reaches are loopback", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"])
    assert.ok(isLoopback(host), host);
  for (const host of [
    "0.0.0.0",
    "::",
    "::2",
    "128.0.0.1",
    "10.127.0.1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "localhost.example",
    "127.0.0.1.example",
  ])
    assert.equal(isLoopback(host), false, host);
});

test("a network is refused unless there is TLS or the operator insists", () => {
  const check = (...flags: readonly string[]) => {
    checkListening(loadConfig(["--listen", "10.0.0.1:7263", ...flags], {}));
  };
  assert.throws(() => {
    check();
  }, /--listen 10\.0\.0\.1 is open to a network/);
  check("--allow-plain-http");
  check("--tls-cert", "cert.pem", "--tls-key", "key.pem");
});
