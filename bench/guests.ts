import { join } from "node:path";
import type { BenchServer } from "./server.ts";

/** What the guest says on its console when it has warmed up. */
export const warmLine = "bench: warm";

/** What a guest of the benches is asked to be. */
export interface GuestWish {
  readonly name: string;
  readonly memoryMegabytes: number;
  /** Of its RAM, filled with text before it arms; a VM worth forking has something in its memory. */
  readonly filledMegabytes: number;
  /** The mailboxes that it arms, `job-0` and so on, and answers each time mail comes. */
  readonly mailboxes: number;
  /** Frames of each mailbox: 1 holds 3832 bytes. */
  readonly parts?: number;
  /** What a child writes anew when its first mail has come; it says `bench: dirty` when it has. */
  readonly dirtiesMegabytes?: number;
}

/** Boots the guest and puts it in standby, ready to be forked. */
export async function bootIntoStandby(server: BenchServer, wish: GuestWish): Promise<void> {
  await server.call("POST", "/instances", {
    name: wish.name,
    image: "ramet/base",
    memory: `${String(wish.memoryMegabytes)}MB`,
    entrypoint: ["/bin/sh", "-c"],
    cmd: [workload(wish)],
  });
  await server.call("GET", `/instances/${wish.name}/wait?state=Running&timeout=120s`);
  await server.waitForText(`/instances/${wish.name}/logs?follow=true`, warmLine);
  await server.call("POST", `/instances/${wish.name}/standby`);
}

/** For /bin/sh. One process for each mailbox waits, acknowledges and waits again; the fill lies on a tmpfs, which is RAM. */
export function workload({ filledMegabytes, mailboxes, parts = 1, dirtiesMegabytes }: GuestWish): string {
  const names = Array.from({ length: mailboxes }, (_, index) => `job-${String(index)}`);
  return [
    "set -e; mkdir -p /run/fill && mount -t tmpfs -o size=90% fill /run/fill && cd /run/fill",
    writeText("data", "a line of what a warm program keeps in its memory", filledMegabytes),
    ...names.map((name) => `mailbox arm ${name} --parts ${String(parts)} || exit 1`),
    // The one that dirties waits for its mail itself.
    ...(dirtiesMegabytes === undefined ? names : []).map(
      (name) => `(while mailbox wait ${name} > /dev/null; do :; done) &`,
    ),
    `echo "${warmLine}"`,
    ...(dirtiesMegabytes === undefined ? [] : dirtying(dirtiesMegabytes)),
    "wait",
  ].join("\n");
}

/** A file of so many mebibytes of text: one of them line by line, the others as copies, which an emulated processor makes much faster. */
function writeText(name: string, line: string, megabytes: number): string {
  return `yes "${line}" | head -c 1048576 > seed; cat $(yes seed | head -n ${String(megabytes)}) > ${name}`;
}

function dirtying(megabytes: number): string[] {
  return [
    "mailbox wait job-0 > /dev/null",
    writeText("dirty", "a line that this child alone has in its memory", megabytes),
    "echo bench: dirty",
    "exec sleep 1000000",
  ];
}

/** What every guest boots from: the server's defaults. */
export function guestFiles(): { readonly kernelPath: string; readonly initramfsPath: string } {
  const built = join(import.meta.dirname, "../build/guest");
  return {
    kernelPath: process.env["RAMET_KERNEL"] ?? join(built, "vmlinux"),
    initramfsPath: process.env["RAMET_INITRAMFS"] ?? join(built, "initramfs.cpio"),
  };
}
