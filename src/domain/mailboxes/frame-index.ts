/**
 * Where the mailboxes of a memory image are. A guest's memory may hold several copies of a frame: freed pages keep what they
 * held, and the host cannot tell them from pages in use. The copies differ in `armed_at`:
 *
 *     name+token   armed_at 7 │ part 0 │ part 1 │       stale: passed over, but wiped in every child
 *     name+token   armed_at 9 │ part 0 │ part 1 │       live
 *     name+token   armed_at 9 │ part 0 │                a second part 0 as new as the first: ambiguous
 */
import { OperatingError } from "../../errors.ts";
import { frameBytes, frameSequence, partCapacityBytes, readFrame, type MailboxFrame } from "./frame.ts";
import { systemNamePrefix } from "./mailbox.ts";

/** Anything that pages can be read from: a paused machine's memory, a memory image. */
export interface PageReader {
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** A frame and the offset of its page in the memory file. */
export interface IndexedFrame extends MailboxFrame {
  readonly offset: number;
}

/** All frames of one memory image, live and stale. Immutable as the image is, so it may be kept and shared. */
export interface MailboxIndex {
  readonly frames: readonly IndexedFrame[];
  /** Grouped by name and token. */
  readonly byMarker: ReadonlyMap<string, readonly IndexedFrame[]>;
}

/** The live frames of one mailbox: `parts[i]` is part i. */
export interface Mailbox {
  readonly name: string;
  readonly parts: readonly IndexedFrame[];
  readonly capacityBytes: number;
  /** Whether all its parts are armed and empty. */
  readonly armed: boolean;
}

/** What the API shows of a mailbox. */
export interface MailboxSummary {
  readonly name: string;
  readonly parts: number;
  readonly armed: boolean;
  readonly capacityBytes: number;
}

/** More frames than this are no use to any guest and would only cost the host memory: 64 MiB of frames. */
export const maxFramesPerImage = 16384;

/**
 * Reads back the pages that a capture took for frames.
 * @param candidateOffsets from the memory image's list of frames; a page that holds no frame is left out.
 * @throws OperatingError invalid_state when the guest holds more than `maxFramesPerImage` frames.
 */
export async function indexMailboxes(pages: PageReader, candidateOffsets: Iterable<number>): Promise<MailboxIndex> {
  const offsets = new Set(candidateOffsets);
  if (offsets.size > maxFramesPerImage) throw tooManyFrames(offsets.size);
  const page = new Uint8Array(frameBytes);
  const frames: IndexedFrame[] = [];
  for (const offset of offsets) {
    await pages.read(offset, page);
    const frame = readFrame(page);
    if (frame !== null) frames.push({ ...frame, offset });
  }
  return { frames, byMarker: Map.groupBy(frames, (frame) => markerKey(frame.name, frame.token)) };
}

function tooManyFrames(count: number): OperatingError {
  return new OperatingError(
    "invalid_state",
    `the guest's memory holds ${String(count)} mailbox frames; at most ${String(maxFramesPerImage)} are handled`,
  );
}

/** Neither a name nor this divider can hold the other's characters, so different pairs have different keys. */
function markerKey(name: string, token: Uint8Array): string {
  return `${name} ${Buffer.from(token).toString("latin1")}`;
}

/**
 * The live mailbox with exactly this name and token. `missing` when there is none, or when one of its parts is not in the
 * image; `ambiguous` when two frames claim to be the same part.
 */
export function findMailbox(index: MailboxIndex, name: string, token: Uint8Array): Mailbox | "missing" | "ambiguous" {
  const copies = index.byMarker.get(markerKey(name, token));
  return copies === undefined ? "missing" : assembleMailbox(copies);
}

function assembleMailbox(copies: readonly IndexedFrame[]): Mailbox | "missing" | "ambiguous" {
  const newest = copies.reduce((latest, frame) => (frame.armedAt > latest ? frame.armedAt : latest), 0n);
  const live = copies.filter((frame) => frame.armedAt === newest).sort((a, b) => a.partIndex - b.partIndex);
  const first = live[0];
  if (first === undefined) return "missing";
  const indexes = new Set(live.map((frame) => frame.partIndex));
  const agree = live.every((frame) => frame.partCount === first.partCount);
  if (indexes.size !== live.length || !agree) return "ambiguous";
  if (live.length !== first.partCount) return "missing";
  return {
    name: first.name,
    parts: live,
    capacityBytes: live.length * partCapacityBytes,
    armed: live.every((frame) => frame.sequence === frameSequence.armed && frame.isBlank),
  };
}

/**
 * The callers' mailboxes of an image, by name. The system's own are left out, since no caller can write to them; so are
 * mailboxes of which a part is missing. An ambiguous one is shown as not armed: nothing can be delivered to it.
 */
export function listMailboxes(index: MailboxIndex): MailboxSummary[] {
  return [...index.byMarker.values()]
    .flatMap((copies) => summarize(copies) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function summarize(copies: readonly IndexedFrame[]): MailboxSummary | null {
  const mailbox = assembleMailbox(copies);
  const [first] = copies;
  if (mailbox === "missing" || first === undefined || first.name.startsWith(systemNamePrefix)) return null;
  if (mailbox === "ambiguous")
    return {
      name: first.name,
      parts: first.partCount,
      armed: false,
      capacityBytes: first.partCount * partCapacityBytes,
    };
  const { name, parts, armed, capacityBytes } = mailbox;
  return { name, parts: parts.length, armed, capacityBytes };
}
