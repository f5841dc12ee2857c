import { OperatingError } from "../../errors.ts";

export const memoryPattern = "^[0-9]{1,12}(KB|MB|GB|KiB|MiB|GiB)$";

const bytesOfUnit: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const smallestBytes = 96 * 2 ** 20;
const largestBytes = 1024 * 2 ** 30;

/** `512MB` → 536870912. Units are powers of 1024. Throws `invalid_request` for a size that no VM can have. */
export function parseMemory(text: string): number {
  const match = /^(\d+)([KMG])i?B$/.exec(text);
  const bytes = Number(match?.[1]) * (bytesOfUnit[match?.[2] ?? ""] ?? Number.NaN);
  if (bytes >= smallestBytes && bytes <= largestBytes && bytes % 2 ** 20 === 0) return bytes;
  throw new OperatingError(
    "invalid_request",
    '"memory" must be from 96MB to 1024GB, in whole MB; units are powers of 1024.',
  );
}

/** 536870912 → `512MB`, in the largest unit that gives a whole number. */
export function formatMemory(bytes: number): string {
  if (bytes % 2 ** 30 === 0) return `${String(bytes / 2 ** 30)}GB`;
  if (bytes % 2 ** 20 === 0) return `${String(bytes / 2 ** 20)}MB`;
  return `${String(bytes / 2 ** 10)}KB`;
}
