/**
 * The server, which dies at an instant that a test names: when the file `die-at` in its data directory has the name of a step of
 * `observed-driver.ts`, or `making-overlay`, it notes that in `died-at` and ends with SIGKILL. Takes `ramet serve`'s arguments.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load-config.ts";
import type { HypervisorDriver } from "../../src/hypervisors/driver.ts";
import { serve } from "../../src/main.ts";
import { observeDriver } from "./observed-driver.ts";

const [, ...flags] = process.argv.slice(2);
const config = loadConfig(flags, process.env);

function dieAt(step: string): void {
  const doom = join(config.dataDir, "die-at");
  if (!existsSync(doom) || readFileSync(doom, "utf8") !== step) return;
  rmSync(doom);
  writeFileSync(join(config.dataDir, "died-at"), step);
  process.kill(process.pid, "SIGKILL");
}

function decorate(driver: HypervisorDriver): HypervisorDriver {
  const create = driver.createDiskOverlay.bind(driver);
  driver.createDiskOverlay = async (path, sizeBytes) => {
    dieAt("making-overlay");
    await create(path, sizeBytes);
  };
  return observeDriver(driver, {
    observer: ({ step }) => {
      dieAt(step);
      return Promise.resolve();
    },
  });
}

await serve(config, { decorate, maxDiskLayers: 2 });
