/**
 * Takes the ELF kernel out of a bzImage, so that QEMU can enter it directly (PVH) and the guest need not inflate it: under
 * software emulation that is the largest part of a boot.
 *
 *     node guest/extract-vmlinux.ts BZIMAGE VMLINUX
 *
 * The header's fields are those of the kernel's Documentation/arch/x86/boot.rst:
 *
 *     0x1f1  setup_sects      1   sectors of 512 bytes before the protected-mode code, less one
 *     0x202  "HdrS"           4
 *     0x248  payload_offset   4   from the protected-mode code
 *     0x24c  payload_length   4   the last 4 bytes are the inflated size
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  process.stderr.write("usage: node extract-vmlinux.ts BZIMAGE VMLINUX\n");
  process.exit(2);
}
const vmlinux = extractVmlinux(readFileSync(source));
if (vmlinux === null) {
  process.stderr.write(`${source} is no bzImage whose kernel is packed with zstd or gzip\n`);
  process.exit(1);
}
writeFileSync(`${target}.new`, vmlinux);
renameSync(`${target}.new`, target);

function extractVmlinux(image: Buffer): Buffer | null {
  if (image.length < 0x250 || image.toString("latin1", 0x202, 0x206) !== "HdrS") return null;
  const payloadStart = (image.readUInt8(0x1f1) + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(payloadStart, payloadStart + image.readUInt32LE(0x24c) - 4);
  const kernel = inflate(payload);
  return kernel?.toString("latin1", 0, 4) === "\x7fELF" ? kernel : null;
}

function inflate(payload: Buffer): Buffer | null {
  const magic = payload.toString("hex", 0, 4);
  if (magic === "28b52ffd") return zstdDecompressSync(payload);
  if (magic.startsWith("1f8b")) return gunzipSync(payload);
  return null;
}
