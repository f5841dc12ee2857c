/**
 * Where a reader of a log is, as text that it may bring again when its connection broke:
 *
 *     3f81c2a90b7d-4711-9ae01f22
 *     │            │    └ CRC-32, hexadecimal, of the end of the line before it (at most 64 bytes)
 *     │            └ where the next line begins, in bytes
 *     └ the file: a digest of its inode number and the moment of its birth
 *
 * The file keeps its digest when it is renamed or linked elsewhere. One that was cut, or whose place another file took, fits no longer.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export interface LogPlace {
  readonly file: string;
  readonly offset: number;
  readonly check: number;
}

/** A line, without its end, and where whoever has it goes on. Null for one that is not finished: it comes again. */
export interface PlacedLine {
  readonly text: string;
  readonly place: string | null;
}

export const logPlacePattern = "^[0-9a-f]{12}-[0-9]{1,15}-[0-9a-f]{8}$";

/** How much of a line's end tells whether it is still the same. */
export const checkedBytes = 64;

/** The beginning of a log of which there is no file yet. */
export const placeBeforeAll = writePlace({ file: "0".repeat(12), offset: 0, check: 0 });

export function writePlace({ file, offset, check }: LogPlace): string {
  return `${file}-${offset}-${check.toString(16).padStart(8, "0")}`;
}

/** @param text of the form of `logPlacePattern`. */
export function readPlace(text: string): LogPlace {
  const [file = "", offset = "", check = ""] = text.split("-");
  return { file, offset: Number(offset), check: Number.parseInt(check, 16) };
}

/** What a place calls the file with this status. */
export function nameOfFile({ ino, birthtimeNs }: { readonly ino: bigint; readonly birthtimeNs: bigint }): string {
  return createHash("sha256").update(`${ino} ${birthtimeNs}`).digest("hex").slice(0, 12);
}

/** The place behind a line. @param line with its line end. @param end where it ends. */
export function placeBehind(file: string, line: Uint8Array, end: number): LogPlace {
  return { file, offset: end, check: crc32(line.subarray(Math.max(0, line.length - checkedBytes))) };
}

/** Whether the bytes before a place, `checkedBytes` or all there are, end with the line that it stands behind. */
export function fits(place: LogPlace, before: Buffer): boolean {
  if (place.offset === 0) return place.check === 0;
  if (before.at(-1) !== lineFeed) return false;
  const begin = before.lastIndexOf(lineFeed, -2) + 1;
  return crc32(before.subarray(begin)) === place.check;
}

export const lineFeed = 0x0a;

/** A console ends its lines with CR LF. */
export function textOfLine(line: Buffer): string {
  const end = line.at(-1) === lineFeed ? line.length - 1 : line.length;
  const text = line.toString("utf8", 0, end);
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
