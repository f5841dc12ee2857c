import { readFile } from "node:fs/promises";

/** As the guest sees it: what it received, this host's side of the TAP has sent. */
export interface Traffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Since the TAP was made (Documentation/ABI/testing/sysfs-class-net-statistics); zero when it is gone. */
export async function readTapTraffic(tapName: string): Promise<Traffic> {
  const [receivedBytes = 0, sentBytes = 0] = await Promise.all(
    ["tx_bytes", "rx_bytes"].map((counter) => readCounter(`/sys/class/net/${tapName}/statistics/${counter}`)),
  );
  return { receivedBytes, sentBytes };
}

async function readCounter(path: string): Promise<number> {
  try {
    return Number(await readFile(path, "latin1"));
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    // A device that goes while it is read answers EINVAL.
    if (code === "ENOENT" || code === "EINVAL" || code === "ENODEV") return 0;
    throw failure;
  }
}
