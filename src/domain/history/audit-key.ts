import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../lib/assert.ts";

const keyBytes = 32;

/** The key of the audit's digests, from the file `audit-key` (hexadecimal, 0600) of the data directory; made at the first start. */
export async function readAuditKey(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, "audit-key");
  try {
    await writeFile(path, `${randomBytes(keyBytes).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch (failure) {
    if (!(failure instanceof Error && "code" in failure && failure.code === "EEXIST")) throw failure;
  }
  const key = Buffer.from((await readFile(path, "utf8")).trim(), "hex");
  assert(key.length === keyBytes, `${path} holds 64 hexadecimal digits`);
  return key;
}
