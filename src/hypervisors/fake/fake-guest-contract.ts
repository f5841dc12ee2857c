import type { Duplex } from "node:stream";
import type { FileMemory } from "../../memory/file-memory.ts";
import type { MachineSpec } from "../driver.ts";
import type { FakeDisk } from "./fake-disk.ts";

/** What a guest of the fake driver finds in its machine. */
export interface FakeGuestContext {
  readonly spec: MachineSpec;
  /** Its RAM. To be used between onResume and onPause only, as a real guest does. */
  readonly memory: Pick<FileMemory, "sizeBytes" | "read" | "write">;
  /** Its writable disk, as files by name. To be used as the memory is. */
  readonly disk: Pick<FakeDisk, "read" | "write">;
  /** What `saveState` gave when the image was made that this machine was restored from; null at a boot. */
  readonly savedState: unknown;
  /** A line on the console. */
  print(line: string): void;
  /** The guest switches its machine off. */
  powerOff(): void;
}

/** A guest program. It starts paused; all calls are synchronous, as a VMM's are. */
export interface FakeGuest {
  onResume(): void;
  onPause(): void;
  /** Somebody connected to the agent's port: the guest's end of the stream. Called while running only. */
  onAgentConnection(stream: Duplex): void;
  /** Whatever the guest keeps outside its RAM, as JSON: the state of its processor, so to speak. Called while paused. */
  saveState(): unknown;
  /** Whether a datagram from that local port came from this guest. */
  ownsUdpPort(port: number): boolean;
  /** The machine is gone. */
  close(): void;
}

export type FakeGuestFactory = (context: FakeGuestContext) => FakeGuest;
