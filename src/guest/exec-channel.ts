/**
 * One program in the guest and its three streams. Each stream has a window of `streamWindowBytes`: the sender may have that
 * much on the way, and the receiver gives room back as its reader takes bytes:
 *
 *     stdin   Writable ──STDIN──►  guest      the guest gives room back with WINDOW; without room, write() waits
 *     stdout  Readable ◄─STDOUT──  guest      room is given back when the reader has taken the bytes;
 *     stderr  Readable ◄─STDERR──  guest      a reader that stops stops the program
 *                      ◄──EXIT───  guest      the last frame
 */
import { Readable, Writable } from "node:stream";
import { AgentProtocolError, isBoolean, isCount, fieldOf, readExit, readObject, readWindow } from "./agent-messages.ts";
import type { ExecExit, JsonObject } from "./agent-messages.ts";
import type { AgentConnection, ChannelOwner } from "./agent-connection.ts";
import { frameType, maxBodyBytes, streamWindowBytes, type AgentFrame } from "./agent-protocol.ts";

/**
 * A program that runs in the guest. When the connection to the guest ends first, `exited` rejects with guest_unreachable, and
 * the streams close without an end, which `pipeline` and `for await` report as a premature close. A reader that wants no more
 * destroys its stream: what still comes is then thrown away and does not hold up the program.
 */
export interface ExecSession {
  readonly pid: number;
  /** Closed without an error when the program has ended: what it did not read is lost, as with a pipe. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Size of the terminal, when it has one. */
  resize(cols: number, rows: number): void;
  /** Sends a signal to the program's process group. */
  kill(signal: number): void;
  readonly exited: Promise<ExecExit>;
}

/** Room is given back in steps of this size, so that a reader of small pieces costs few frames. */
const windowStepBytes = streamWindowBytes / 4;

export class ExecChannel implements ChannelOwner {
  readonly #connection: AgentConnection;
  readonly #channel: number;
  readonly #stdin: StdinStream;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #answered = Promise.withResolvers<JsonObject>();
  readonly #exited = Promise.withResolvers<ExecExit>();
  readonly #endSignal: number;
  #isAbandoned = false;
  #hasEnded = false;

  /** @param endSignal for a program that was started when nobody waited for it any more. */
  constructor(connection: AgentConnection, endSignal: number) {
    this.#connection = connection;
    this.#endSignal = endSignal;
    this.#channel = connection.claim(this);
    this.#stdin = new StdinStream((chunk, onWritten) => {
      connection.send(frameType.stdin, this.#channel, chunk, onWritten);
    });
    this.#stdout = this.#output("stdout");
    this.#stderr = this.#output("stderr");
    // The failure reaches whoever awaits `exited`; who reads only the streams sees them close.
    this.#exited.promise.catch(() => undefined);
  }

  /** The guest's answer to the request. Rejects when the connection ends first. */
  request(body: Uint8Array): Promise<JsonObject> {
    this.#connection.send(frameType.request, this.#channel, body);
    return this.#answered.promise;
  }

  session(pid: number): ExecSession {
    return {
      pid,
      stdin: this.#stdin,
      stdout: this.#stdout,
      stderr: this.#stderr,
      resize: (cols, rows) => {
        this.#tell(frameType.resize, { cols, rows });
      },
      kill: (signal) => {
        this.#tell(frameType.signal, { signal });
      },
      exited: this.#exited.promise,
    };
  }

  /** Nobody waits for the answer any more: if the program was started nevertheless, it is ended and what it says is thrown away. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#stdin.destroy();
    this.#stdout.destroy();
    this.#stderr.destroy();
  }

  onFrame(frame: AgentFrame): void {
    if (frame.type === frameType.response) this.#onResponse(readObject(frame.body));
    if (frame.type === frameType.stdout) this.#stdout.accept(frame.body);
    if (frame.type === frameType.stderr) this.#stderr.accept(frame.body);
    if (frame.type === frameType.window) this.#onWindow(frame.body);
    if (frame.type === frameType.exit) this.#onExit(readExit(frame.body));
  }

  onEnd(failure: Error): void {
    this.#hasEnded = true;
    this.#answered.reject(failure);
    this.#exited.reject(failure);
    this.#stdin.release();
    this.#stdout.destroy();
    this.#stderr.destroy();
  }

  #onResponse(answer: JsonObject): void {
    const isStarted = fieldOf(answer, "ok", isBoolean);
    if (isStarted) fieldOf(answer, "pid", isCount);
    this.#answered.resolve(answer);
    if (!isStarted) this.#finish();
    else if (this.#isAbandoned) this.#tell(frameType.signal, { signal: this.#endSignal });
  }

  #onWindow(body: Uint8Array): void {
    const { stream, bytes } = readWindow(body);
    if (stream === "stdin") this.#stdin.giveRoom(bytes);
  }

  #onExit(exit: ExecExit): void {
    this.#exited.resolve(exit);
    this.#finish();
    this.#stdout.finish();
    this.#stderr.finish();
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#stdin.release();
    this.#connection.release(this.#channel);
  }

  #output(stream: "stdout" | "stderr"): OutputStream {
    return new OutputStream((bytes) => {
      this.#tell(frameType.window, { stream, bytes });
    });
  }

  #tell(type: number, message: object): void {
    if (!this.#hasEnded) this.#connection.sendJson(type, this.#channel, message);
  }
}

/** Bytes to the guest, no more at a time than it gave room for. */
class StdinStream extends Writable {
  readonly #send: (chunk: Uint8Array, onWritten: () => void) => void;
  #roomBytes = streamWindowBytes;
  #onRoom: (() => void) | null = null;
  #isReleased = false;

  constructor(send: (chunk: Uint8Array, onWritten: () => void) => void) {
    super({ highWaterMark: maxBodyBytes, decodeStrings: true });
    this.#send = send;
  }

  giveRoom(bytes: number): void {
    this.#roomBytes += bytes;
    if (this.#roomBytes > streamWindowBytes)
      throw new AgentProtocolError("the guest agent gave back more room than it had");
    this.#wake();
  }

  /** The program is gone: whatever waits for room is let go. */
  release(): void {
    this.#isReleased = true;
    this.#wake();
    this.destroy();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    if (chunk.length === 0 || this.#isReleased) {
      callback();
      return;
    }
    if (this.#roomBytes === 0) {
      this.#onRoom = () => {
        this._write(chunk, _encoding, callback);
      };
      return;
    }
    const part = chunk.subarray(0, Math.min(chunk.length, this.#roomBytes, maxBodyBytes));
    this.#roomBytes -= part.length;
    this.#send(part, () => {
      this._write(chunk.subarray(part.length), _encoding, callback);
    });
  }

  /** An empty frame is the end of input. */
  override _final(callback: () => void): void {
    this.#send(new Uint8Array(0), callback);
  }

  #wake(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = null;
    onRoom?.();
  }
}

/** Bytes from the guest. Holds at most a window of them. */
class OutputStream extends Readable {
  readonly #giveRoom: (bytes: number) => void;
  readonly #queue: Uint8Array[] = [];
  /** Received and not yet given back to the guest. */
  #outstandingBytes = 0;
  /** Of these, taken by the reader. */
  #takenBytes = 0;
  #isWanted = false;
  #isFinished = false;

  constructor(giveRoom: (bytes: number) => void) {
    super({ highWaterMark: maxBodyBytes });
    this.#giveRoom = giveRoom;
  }

  accept(chunk: Uint8Array): void {
    this.#outstandingBytes += chunk.length;
    if (this.#outstandingBytes > streamWindowBytes)
      throw new AgentProtocolError("the guest agent sent more than it had room for");
    if (this.destroyed) {
      this.#take(chunk.length);
      return;
    }
    this.#queue.push(chunk);
    if (this.#isWanted) this.#deliver();
  }

  finish(): void {
    this.#isFinished = true;
    if (this.#isWanted) this.#deliver();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#deliver();
  }

  override _destroy(failure: Error | null, callback: (failure: Error | null) => void): void {
    for (const chunk of this.#queue.splice(0)) this.#take(chunk.length);
    callback(failure);
  }

  #deliver(): void {
    for (
      let chunk = this.#queue.shift();
      chunk !== undefined;
      chunk = this.#isWanted ? this.#queue.shift() : undefined
    ) {
      // push() may call _read() before it returns, which asks for more.
      this.#isWanted = false;
      this.#take(chunk.length);
      if (this.push(chunk)) this.#isWanted = true;
    }
    if (this.#isFinished && this.#queue.length === 0 && !this.destroyed) this.push(null);
  }

  #take(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes < windowStepBytes) return;
    const given = this.#takenBytes;
    // Before it is told: a guest on a stream without a delay may answer within the call.
    this.#outstandingBytes -= given;
    this.#takenBytes = 0;
    this.#giveRoom(given);
  }
}
