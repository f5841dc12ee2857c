/**
 * Mailboxes for Node programs in a Ramet guest, without native code: a file on tmpfs is guest RAM, each 4096 bytes of it one
 * page. The bytes are those of guest/protocol/README.md, section 1. Needs nothing but Node 18 or newer.
 *
 *     const mailbox = armMailbox("job"); // the VM may be forked from here on
 *     const mail = await mailbox.wait(); // in a child: the payload that was meant for it
 *     await start(mail.json());
 *     await mail.acknowledge();
 */
import { createSocket } from "node:dgram";
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  watch,
  writeSync,
} from "node:fs";
import { isIPv6 } from "node:net";
import { join } from "node:path";

const frameBytes = 4096;
const partBytes = 3832;
const at = {
  magic: 0,
  armedAt: 16,
  name: 32,
  token: 96,
  generation: 224,
  crc: 240,
  sequence: 256,
  length: 260,
  payload: 264,
};
const delivered = 1;
const consumed = 2;

/** Mail waits for the identity of its VM, as long as an agent is there to apply one. Without an agent it counts alone after two looks. */
const looksWithoutAgent = 2;
const lookEveryMs = 1000;

/** What was delivered does not fit its checksum, and was discarded. */
export class CorruptMailError extends Error {
  name = "CorruptMailError";
}

/** The time that `wait` was given has passed. */
export class MailTimeoutError extends Error {
  name = "MailTimeoutError";
}

/**
 * Arms a mailbox, or arms it again.
 * @param {string} name 1 to 64 of A-Z a-z 0-9 . _ : -
 * @param {{ token?: string, parts?: number }} [options] token: what a fork must know to write here, by default the instance's
 *   own; parts: 1 to 32, each holds 3832 bytes of payload.
 * @returns {Mailbox}
 */
export function armMailbox(name, { token, parts = 1 } = {}) {
  if (!/^[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}$/.test(name))
    throw new RangeError("a mailbox name is 1 to 64 of A-Z a-z 0-9 . _ : -");
  if (!Number.isInteger(parts) || parts < 1 || parts > 32) throw new RangeError("a mailbox has 1 to 32 parts");
  const marker = token ?? readFileSync(join(runDirectory(), "token"), "utf8").replace(/\n$/, "");
  const tokenBytes = Buffer.byteLength(marker);
  if (tokenBytes < 1 || tokenBytes > 128) throw new RangeError("a mailbox token has 1 to 128 bytes");
  return new Mailbox(name, marker, parts);
}

/**
 * Random bytes from the kernel's generator, which every fork reseeds. Node's own `crypto` cannot be made to reseed: OpenSSL keeps
 * generators in the process and takes the kernel's bytes only at its own intervals (RAND_DRBG_reseed(3ssl)), and Node has no call
 * for `RAND_poll`. Keys, nonces and ids that no sibling may draw come from here.
 * @param {number} length 0 or more
 * @returns {Buffer}
 */
export function freshRandomBytes(length) {
  const bytes = Buffer.alloc(length);
  const file = openSync("/dev/urandom", "r");
  try {
    for (let filled = 0; filled < length;) filled += readSync(file, bytes, filled, length - filled, null);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/**
 * A generator like `Math.random`, seeded from the kernel's: `Math.random` itself cannot be reseeded, and goes on in every child
 * where its parent stood. Make one after the mail has come. xoshiro128** (Blackman and Vigna, public domain): not for secrets.
 * @returns {() => number} at least 0, less than 1, with 53 random bits
 */
export function seededRandom() {
  const seed = freshRandomBytes(16);
  // The one state that it never leaves is all zero.
  seed[0] |= 1;
  const state = new Uint32Array([0, 4, 8, 12].map((offset) => seed.readUInt32LE(offset)));
  return () => ((nextWord(state) >>> 5) * 2 ** 26 + (nextWord(state) >>> 6)) / 2 ** 53;
}

/** One step of xoshiro128**: 32 bits. */
function nextWord(state) {
  const word = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotateLeft(state[3], 11);
  return word;
}

function rotateLeft(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}

/** One armed mailbox. Made by `armMailbox`; `close` gives its file descriptor back, the mailbox itself stays. */
class Mailbox {
  #name;
  #token;
  #parts;
  #file;

  constructor(name, token, parts) {
    this.#name = name;
    this.#token = token;
    this.#parts = parts;
    const directory = join(runDirectory(), "mailboxes");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#file = openSync(join(directory, name), constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    ftruncateSync(this.#file, parts * frameBytes);
    this.#arm();
  }

  /**
   * Waits for the payload of this VM and takes it: the frames are erased. Arms the mailbox first when its mail was taken before.
   * @param {{ timeoutMs?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Mail>}
   * @throws {MailTimeoutError} when `timeoutMs` has passed
   * @throws {CorruptMailError} after the host was told so
   */
  async wait({ timeoutMs, signal } = {}) {
    if (this.#sequences().includes(consumed)) this.#arm();
    await this.#delivery(timeoutMs, signal);
    const text = this.#payload();
    const isWhole = this.#isWhole(text);
    this.#erase();
    const mail = new Mail(this.#name, text.toString("utf8"));
    text.fill(0);
    if (isWhole) return mail;
    await mail.fail("crc_mismatch");
    throw new CorruptMailError(`what was delivered to ${this.#name} is corrupt and was discarded`);
  }

  close() {
    closeSync(this.#file);
  }

  /** In place and the magic last, in two halves: no buffer of this process ever holds a whole marker. */
  #arm() {
    const armedAt = bootTimeNs();
    for (let part = 0; part < this.#parts; part++) {
      const start = part * frameBytes;
      this.#write(start, Buffer.alloc(frameBytes));
      const numbers = Buffer.alloc(16);
      numbers.writeBigUInt64LE(armedAt, 0);
      numbers.writeUInt16LE(Buffer.byteLength(this.#name), 8);
      numbers.writeUInt16LE(Buffer.byteLength(this.#token), 10);
      numbers.writeUInt16LE(part, 12);
      numbers.writeUInt16LE(this.#parts, 14);
      this.#write(start + at.armedAt, numbers);
      this.#write(start + at.name, Buffer.from(this.#name));
      this.#write(start + at.token, Buffer.from(this.#token));
    }
    for (let part = 0; part < this.#parts; part++) {
      this.#write(part * frameBytes + 9, Buffer.from("LBOX-1\0"));
      this.#write(part * frameBytes, Buffer.from("RAMET-MAI"));
    }
  }

  /** Settles when every part is delivered and the VM has its own identity. */
  #delivery(timeoutMs, signal) {
    return new Promise((resolve, reject) => {
      let looks = 0;
      const directory = watch(runDirectory(), () => look(false));
      const timer = setInterval(() => look(true), lookEveryMs);
      const deadline =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => end(reject, new MailTimeoutError("no mail came")), timeoutMs);
      const abort = () => end(reject, signal.reason);
      const end = (settle, result) => {
        directory.close();
        clearInterval(timer);
        clearTimeout(deadline);
        signal?.removeEventListener("abort", abort);
        settle(result);
      };
      const look = (byClock) => {
        if (!this.#sequences().every((sequence) => sequence === delivered)) return;
        const generation = generationOfVm();
        if (generation === undefined && byClock) looks++;
        if (looks >= looksWithoutAgent || generation === this.#read(at.generation, 16).toString("hex")) end(resolve);
      };
      directory.on("error", (error) => end(reject, error));
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else look(false);
    });
  }

  #sequences() {
    return Array.from({ length: this.#parts }, (_, part) =>
      this.#read(part * frameBytes + at.sequence, 4).readUInt32LE(),
    );
  }

  #lengthOf(part) {
    return this.#read(part * frameBytes + at.length, 4).readUInt32LE();
  }

  #payload() {
    const parts = Array.from({ length: this.#parts }, (_, part) =>
      this.#read(part * frameBytes + at.payload, Math.min(this.#lengthOf(part), partBytes)),
    );
    const whole = Buffer.concat(parts);
    for (const part of parts) part.fill(0);
    return whole;
  }

  #isWhole(text) {
    const generation = this.#read(at.generation, 16);
    let start = 0;
    for (let part = 0; part < this.#parts; part++) {
      const length = this.#lengthOf(part);
      const frame = part * frameBytes;
      if (length > partBytes || !this.#read(frame + at.generation, 16).equals(generation)) return false;
      if (this.#read(frame + at.crc, 4).readUInt32LE() !== crc32(text.subarray(start, start + length))) return false;
      start += length;
    }
    return true;
  }

  #erase() {
    for (let part = 0; part < this.#parts; part++) {
      const frame = part * frameBytes;
      this.#write(frame + at.payload, Buffer.alloc(partBytes));
      this.#write(frame + at.length, Buffer.alloc(4));
      this.#write(frame + at.crc, Buffer.alloc(4));
      this.#write(frame + at.sequence, Buffer.from([consumed, 0, 0, 0]));
    }
  }

  #read(position, length) {
    const bytes = Buffer.alloc(length);
    readSync(this.#file, bytes, 0, length, position);
    return bytes;
  }

  #write(position, bytes) {
    writeSync(this.#file, bytes, 0, bytes.length, position);
  }
}

/** A payload that was taken. */
class Mail {
  #mailbox;
  /** The JSON object, byte for byte as it was sent. */
  text;

  constructor(mailbox, text) {
    this.#mailbox = mailbox;
    this.text = text;
  }

  json() {
    return JSON.parse(this.text);
  }

  /** Tells the host that this payload was applied. Does nothing when the host did not ask. */
  acknowledge() {
    return this.#send("stage=applied");
  }

  /** Tells the host that it could not be applied. White space in the reason becomes "_". */
  fail(reason) {
    return this.#send("stage=failed", ` reason=${reason.replaceAll(/\s/g, "_")}`);
  }

  async #send(stage, rest = "") {
    const { ack_host: host, ack_port: port, ack_nonce: nonce } = jsonOrEmpty(this.text);
    if (typeof host !== "string" || port === undefined) return;
    const datagram = `${stage} mailbox=${this.#mailbox}${nonce === undefined ? "" : ` nonce=${nonce}`}${rest}`;
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    try {
      await new Promise((resolve, reject) => {
        socket.send(datagram, Number(port), host, (error) => (error ? reject(error) : resolve()));
      });
    } finally {
      socket.close();
    }
  }
}

function runDirectory() {
  return process.env.RAMET_RUN_DIR ?? "/run/ramet";
}

/**
 * The identity that the agent says this VM has taken, "" before the first fork; undefined when this VM has no agent. A program
 * with a run directory of its own finds it in the agent's.
 */
function generationOfVm() {
  const found = readIfThere(join(runDirectory(), "generation")) ?? readIfThere("/run/ramet/generation");
  return found?.trim().replaceAll("-", "");
}

/** Nanoseconds since boot; /proc/uptime is CLOCK_BOOTTIME (proc(5)), in hundredths, so that the rest comes from a finer clock. */
function bootTimeNs() {
  const [uptime = "0"] = readFileSync("/proc/uptime", "utf8").split(" ");
  const hundredths = BigInt(uptime.replace(".", ""));
  return hundredths * 10_000_000n + (process.hrtime.bigint() % 10_000_000n);
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A corrupt payload may be no JSON; then nobody can be told. */
function jsonOrEmpty(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** CRC-32 (IEEE 802.3). Node's own came with version 22. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
