import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../failures.ts";
import { parsePublish, parseVolume } from "./instance-options.ts";

test("a published port is read in each of its forms", () => {
  assert.deepEqual(parsePublish("8080:80"), { guest_port: 80, host_port: 8080 });
  assert.deepEqual(parsePublish("80"), { guest_port: 80 });
  assert.deepEqual(parsePublish("5353:53/udp"), { guest_port: 53, host_port: 5353, protocol: "udp" });
});

test("anything else is a usage error that shows the form", () => {
  for (const text of ["", "0", "65536", "80:", ":80", "0:80", "80/sctp", "a:b", "70000:80"]) {
    assert.throws(() => parsePublish(text), UsageError, text);
  }
});

test("a volume is written, read, or read with an overlay", () => {
  const mount = { volume_id: "corpus", mount_path: "/mnt/corpus" };
  assert.deepEqual(parseVolume("corpus:/mnt/corpus"), mount);
  assert.deepEqual(parseVolume("corpus:/mnt/corpus:rw"), mount);
  assert.deepEqual(parseVolume("corpus:/mnt/corpus:ro"), { ...mount, readonly: true });
  const overlay = { ...mount, readonly: true, overlay: true };
  assert.deepEqual(parseVolume("corpus:/mnt/corpus:overlay"), overlay);
  assert.deepEqual(parseVolume("corpus:/mnt/corpus:overlay=1GB"), { ...overlay, overlay_size: "1GB" });
  for (const text of ["", "corpus", "corpus:", ":/mnt", "corpus:mnt", "corpus:/mnt:x", "corpus:/mnt:overlay="]) {
    assert.throws(() => parseVolume(text), UsageError, text);
  }
});
