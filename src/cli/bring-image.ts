import { setTimeout as delay } from "node:timers/promises";
import type { RametCalls } from "../client/calls.ts";
import { RametApiError } from "../client/errors.ts";
import type { CreateInstanceBody, Image, Instance, PullImageBody } from "../client/shapes.ts";
import { formatBytes } from "./bytes.ts";
import { exitCodeOfCode } from "./exit-codes.ts";
import { CommandFailure } from "./failures.ts";
import { hintForCode } from "./hints.ts";
import type { Io } from "./io.ts";
import { printable } from "./printable.ts";

/** When `run` pulls an image by itself. */
export const pullWishes = ["missing", "always", "never"] as const;
export type PullWish = (typeof pullWishes)[number];

/**
 * Creates an instance; when the server has not got the image, or not yet, pulls it first and shows how it comes.
 * @throws CommandFailure when the pull fails; RametApiError when the server refuses.
 */
export async function createWithImage(
  io: Io,
  client: RametCalls,
  body: CreateInstanceBody,
  wish: PullWish,
): Promise<Instance> {
  if (wish === "always") await pullImage(io, client, { name: body.image });
  try {
    return await client.create(body, io.signal);
  } catch (error) {
    if (wish !== "missing" || !isMissing(error)) throw error;
  }
  await pullImage(io, client, { name: body.image });
  return await client.create(body, io.signal);
}

/** The image, pulled when it is not here. */
export async function bringImage(io: Io, client: RametCalls, name: string): Promise<Image> {
  const present = await client.image(name, io.signal).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  return present?.status === "ready" ? present : await pullImage(io, client, { name });
}

function isMissing(error: unknown): boolean {
  return error instanceof RametApiError && (error.code === "not_found" || error.code === "image_not_ready");
}

/**
 * Pulls and shows how far it is, until it is ready.
 * @throws CommandFailure with the server's reason when it fails; RametApiError when the server refuses at once.
 */
export async function pullImage(io: Io, client: RametCalls, body: PullImageBody): Promise<Image> {
  const display = startDisplay(io);
  try {
    let image = await client.pullImage(body, io.signal);
    while (image.status !== "ready" && image.status !== "failed") {
      display.show(image);
      // As often as a reader wants to see it move: this is what the line shows, not what the server waits for.
      await delay(lookMs, undefined, { signal: io.signal });
      image = await client.image(image.name, io.signal);
    }
    display.show(image);
    if (image.status === "failed" || image.error !== null) throw failureOf(image);
    return image;
  } finally {
    display.end();
  }
}

const lookMs = 200;

function failureOf(image: Image): CommandFailure {
  const code = image.error_code ?? "internal_error";
  const hint = hintForCode(code);
  return new CommandFailure(code, `${image.name} was not pulled: ${image.error ?? "the reason is not known"}`, {
    exitCode: exitCodeOfCode(code),
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Display {
  show(image: Image): void;
  end(): void;
}

const clearLine = "\r\u001b[K";

/** On a terminal one line that moves; elsewhere a line for each state, so that a log shows what hangs. */
function startDisplay(io: Io): Display {
  let shown = "";
  const isTerminal = io.stderr.isTTY === true;
  return {
    show: (image) => {
      if (io.quiet) return;
      const line = isTerminal ? progressLine(image, (io.stderr.columns ?? 80) - 1) : `${image.name}: ${image.status}`;
      if (line === shown) return;
      shown = line;
      io.stderr.write(isTerminal ? clearLine + line : `${printable(line)}\n`);
    },
    end: () => {
      if (isTerminal && shown !== "") io.stderr.write("\n");
    },
  };
}

const barWidth = 20;

/** `docker.io/library/nginx:1.27  pulling     [########            ]  40 %  28 MB of 70 MB`, cut to the width. */
export function progressLine(image: Image, width: number): string {
  const { name, status, progress, queue_position: position } = image;
  const head = `${name}  ${position === null ? status : `waits as number ${String(position)}`}`;
  if (status !== "pulling" || progress === null) return printable(head).slice(0, width);
  const { received_bytes: received, total_bytes: total } = progress;
  const part = total === 0 ? 1 : Math.min(1, received / total);
  const filled = Math.round(part * barWidth);
  const bar = `[${"#".repeat(filled)}${" ".repeat(barWidth - filled)}]`;
  const percent = `${String(Math.floor(part * 100)).padStart(3)} %`;
  const amount = `${formatBytes(received)} of ${formatBytes(total)}`;
  return printable(`${head}  ${bar} ${percent}  ${amount}`).slice(0, width);
}
