import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config/config.ts";
import { whatImagesLack } from "./domain/images/what-images-lack.ts";
import { whatBridgeLacks } from "./domain/networks/what-bridge-lacks.ts";
import { whatVolumesLack } from "./domain/volumes/make-filesystem.ts";
import type { Finding, HypervisorDriver } from "./hypervisors/driver.ts";

/** Everything that a server needs of this machine, with what to do where it is missing. Starts nothing that stays. */
export async function examineHost(config: Config, driver: HypervisorDriver): Promise<Finding[]> {
  return [
    await examineFile("kernel", config.kernelPath, "run ./ramet setup, or point RAMET_KERNEL at your own"),
    await examineFile("initramfs", config.initramfsPath, "run ./ramet setup, or point RAMET_INITRAMFS at your own"),
    await examineFile("image ramet/base", join(config.buildDir, "guest/images/ramet-base.erofs"), "run ./ramet setup"),
    await examineDataDir(config.dataDir),
    ...(await driver.examine(AbortSignal.timeout(examineMs))),
    examineImages(),
    await examineBridge(driver),
    ...(await examineDisks()),
  ];
}

const examineMs = 60_000;

/** Not a failure: what does not need the bridge works without it. */
async function examineBridge(driver: HypervisorDriver): Promise<Finding> {
  const lack = await whatBridgeLacks(driver);
  const detail = lack === null ? "instances can have addresses of their own" : `not available, user mode is: ${lack}`;
  return { name: "network mode bridge", ok: true, detail, remedy: null };
}

/** No instance without a disk; volumes are no failure: what does not need them works without. */
async function examineDisks(): Promise<Finding[]> {
  const lacking = await whatVolumesLack();
  const hasDisks = !lacking.includes("mkfs.ext4");
  const volumes =
    lacking.length === 0
      ? "can be made and attached"
      : `not available: ${lacking.join(" and ")} cannot be started, install e2fsprogs`;
  return [
    {
      name: "writable disks",
      ok: hasDisks,
      detail: hasDisks ? "can be made" : "mkfs.ext4 cannot be started",
      remedy: hasDisks ? null : "install e2fsprogs",
    },
    { name: "volumes", ok: true, detail: volumes, remedy: null },
  ];
}

/** Not a failure: `ramet/base` works without it. */
function examineImages(): Finding {
  const lack = whatImagesLack();
  const detail = lack === null ? "images can be pulled" : `only ramet/base is available; ${lack}`;
  return { name: "images from registries", ok: true, detail, remedy: null };
}

async function examineFile(name: string, path: string, remedy: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK);
    return { name, ok: true, detail: path, remedy: null };
  } catch {
    return { name, ok: false, detail: `${path} cannot be read`, remedy };
  }
}

async function examineDataDir(path: string): Promise<Finding> {
  const name = "data directory";
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    return {
      name,
      ok: true,
      detail: `${path}, ${String(Math.floor((bavail * bsize) / 2 ** 30))} GiB free`,
      remedy: null,
    };
  } catch (failure) {
    const detail = failure instanceof Error ? failure.message : "it cannot be used";
    return {
      name,
      ok: false,
      detail,
      remedy: "choose another with --data-dir, or give this user the right to write there",
    };
  }
}

/** One line for each finding, on stdout; what to do on a line of its own. */
export function printFindings(findings: readonly Finding[]): void {
  for (const { name, ok, detail, remedy } of findings) {
    process.stdout.write(`${ok ? "ok  " : "FAIL"}  ${name}: ${detail}\n`);
    if (!ok && remedy !== null) process.stdout.write(`      → ${remedy}\n`);
  }
}
