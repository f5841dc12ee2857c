import type { Instance } from "../../src/client/types.ts";

/** An instance as a server would tell it. */
export const instance: Instance = {
  id: "a1b2c3d4e5",
  name: "base",
  state: "Running",
  state_error: null,
  image: "ramet/base",
  memory: "256MB",
  memory_bytes: 268_435_456,
  vcpus: 1,
  entrypoint: [],
  cmd: ["sh", "-c", "echo it's"],
  env: {},
  tags: {},
  hypervisor: "qemu",
  accelerator: "tcg",
  created_at: "2026-01-02T03:04:05.000Z",
  parent_id: null,
  depth: 0,
  has_memory_image: false,
  exit: null,
  network: { enabled: true, mode: "user", mac: "02:00:00:00:00:01", ip: "10.0.2.15", ports: [] },
};
