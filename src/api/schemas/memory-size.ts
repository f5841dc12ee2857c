import { OperatingError } from "../../errors.ts";

/** A number and a unit, with or without the B: `512MB`, `2G`, `1GiB`. */
export const memoryPattern = "^[0-9]{1,12}[KMGT](i?B)?$";

const bytesOfUnit: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const smallestBytes = 96 * 2 ** 20;
const largestBytes = 1024 * 2 ** 30;

/** `512MB` → 536870912. Units are powers of 1024. Null for what is no size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+)([KMGT])(i?B)?$/.exec(text);
  return match === null ? null : Number(match[1]) * (bytesOfUnit[match[2] ?? ""] ?? Number.NaN);
}

/** A size of memory. Throws `invalid_request`, which names the field, for one that no VM can have. */
export function parseMemory(text: string, field = "memory"): number {
  const bytes = parseSize(text) ?? Number.NaN;
  if (bytes >= smallestBytes && bytes <= largestBytes && bytes % 2 ** 20 === 0) return bytes;
  throw new OperatingError(
    "invalid_request",
    `"${field}" must be from 96MB to 1024GB, in whole MB; units are powers of 1024.`,
  );
}

const smallestDiskBytes = 100 * 2 ** 20;
const largestDiskBytes = 2 ** 40;

/** A size of something that is written to a disk. Throws `invalid_request`, which names the field, for one that no disk can have. */
export function parseDiskSize(text: string, field: string): number {
  const bytes = parseSize(text) ?? Number.NaN;
  if (bytes >= smallestDiskBytes && bytes <= largestDiskBytes && bytes % 2 ** 20 === 0) return bytes;
  throw new OperatingError(
    "invalid_request",
    `"${field}" must be from 100MB to 1TB, in whole MB; units are powers of 1024.`,
  );
}

/** 536870912 → `512MB`, in the largest unit that gives a whole number. */
export function formatSize(bytes: number): string {
  if (bytes % 2 ** 40 === 0) return `${String(bytes / 2 ** 40)}TB`;
  if (bytes % 2 ** 30 === 0) return `${String(bytes / 2 ** 30)}GB`;
  if (bytes % 2 ** 20 === 0) return `${String(bytes / 2 ** 20)}MB`;
  return `${String(bytes / 2 ** 10)}KB`;
}
