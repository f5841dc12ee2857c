import type { Image } from "../../src/client/shapes.ts";

/** One as a server answers it. */
export const image: Image = {
  name: "docker.io/library/nginx:1.27",
  digest: `sha256:${"4f".repeat(32)}`,
  status: "ready",
  error: null,
  error_code: null,
  queue_position: null,
  progress: null,
  platform: "linux/amd64",
  size_bytes: 198_705_152,
  entrypoint: ["/docker-entrypoint.sh"],
  cmd: ["nginx", "-g", "daemon off;"],
  env: { PATH: "/bin" },
  working_dir: null,
  user: "nginx",
  stop_signal: "SIGQUIT",
  exposed_ports: ["80/tcp", "53/udp"],
  tags: { team: "a" },
  created_at: "2026-01-02T03:04:05.000Z",
};
