import { trustCaFile } from "../client/trust-ca-file.ts";
import { UsageError } from "./failures.ts";
import type { Io } from "./io.ts";

/** @throws UsageError when RAMET_CA_FILE names a file that cannot be read or holds no certificate. */
export function trustConfiguredCa(env: Io["env"]): void {
  const path = env["RAMET_CA_FILE"];
  if (path === undefined || path === "") return;
  try {
    trustCaFile(path);
  } catch (cause) {
    throw new UsageError(`RAMET_CA_FILE: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
