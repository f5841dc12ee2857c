import { plainRunConfig, type ImageView } from "../domain/images/image.ts";
import type { ImageBody } from "./schemas/image.ts";

/** An image as every call answers it. What it runs is known when it is ready. */
export function imageBody(view: ImageView): ImageBody {
  const { entrypoint, cmd, env, workingDir, user, stopSignal, exposedPorts } = view.config ?? plainRunConfig;
  return {
    name: view.name,
    digest: view.digest,
    status: view.status,
    error: view.error,
    error_code: view.errorCode,
    queue_position: view.queuePosition,
    progress:
      view.progress === null
        ? null
        : { received_bytes: view.progress.receivedBytes, total_bytes: view.progress.totalBytes },
    platform: view.platform,
    size_bytes: view.sizeBytes,
    entrypoint: view.config === null ? null : [...entrypoint],
    cmd: view.config === null ? null : [...cmd],
    env: { ...env },
    working_dir: workingDir,
    user,
    stop_signal: stopSignal,
    exposed_ports: [...exposedPorts],
    tags: { ...view.tags },
    created_at: view.createdAt,
  };
}
