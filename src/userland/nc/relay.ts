import { Signal, spawn, sleep, type Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { waitAny } from "../select/select.ts";
import type { NcOptions } from "./options.ts";

/** What a connection has for its reader. */
export type Received =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** Nothing yet. */
  | { readonly kind: "nothing" }
  /** The other side will send no more. */
  | { readonly kind: "end" }
  /** The connection failed: poll(2) says POLLERR. */
  | { readonly kind: "failed" };

/** What became of bytes to send: how many were taken (none: wait for room), or what was wrong. */
export type Sent = { readonly taken: number } | { readonly wrong: string };

/** What nc relays to and from: a UDP socket, or a TCP connection. */
export interface Channel {
  readonly readable: Signal;
  readonly writable: Signal;
  /** How long it takes the program to run again when something happened. */
  readonly latency: Nanos;
  receive(): Received;
  send(bytes: Uint8Array): Sent;
  /** No more will be sent. */
  shutdown(): void;
  close(): void;
}

const BUFFER = 16384;

/** Reads a file ahead, one piece at a time, beside the program. */
class Reader {
  readonly ready = new Signal();
  private piece: Uint8Array | null | undefined;
  private readonly coroutine: ReturnType<typeof spawn<void>>;
  private readonly taken = new Signal();

  constructor(process: Process, file: OpenFile) {
    this.coroutine = spawn(process.host.queue, this.read(file));
  }

  private *read(file: OpenFile): Task<void> {
    for (;;) {
      const piece = yield* file.read(BUFFER);
      this.piece = piece;
      this.ready.fire();
      if (piece === null) return;
      yield* this.taken.wait();
    }
  }

  /** The next piece; null at the end of the file; undefined when there is none yet. */
  take(): Uint8Array | null | undefined {
    const { piece } = this;
    if (piece === undefined) return undefined;
    this.piece = undefined;
    this.taken.fire();
    return piece;
  }

  stop(): void {
    this.coroutine.kill("KILL");
  }
}

/** LF to CRLF, -C. */
function withCrlf(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const [i, byte] of bytes.entries()) {
    if (byte === 10 && bytes[i - 1] !== 13) out.push(13);
    out.push(byte);
  }
  return Uint8Array.from(out);
}

/** Both directions until both are done, or nothing happens for -w seconds. Models: netcat.c readwrite. */
export class Relay {
  private readonly process: Process;
  private readonly options: NcOptions;
  private readonly channel: Channel;
  private readonly stdin: Reader | undefined;
  private stdinOpen: boolean;
  private netInOpen = true;
  private netOutOpen = true;
  private received = 0;
  /** Read from standard input and not yet taken by the channel. */
  private unsent: Uint8Array | undefined;
  private quitting = false;

  constructor(process: Process, options: NcOptions, channel: Channel) {
    this.process = process;
    this.options = options;
    this.channel = channel;
    this.stdinOpen = !options.noStdin;
    this.stdin = options.noStdin ? undefined : new Reader(process, process.stdin);
  }

  *run(): Task<void> {
    const { timeout } = this.options;
    try {
      while (!this.done()) {
        if (yield* this.step()) continue;
        const signals = [
          ...(this.netInOpen ? [this.channel.readable] : []),
          ...(this.unsent === undefined ? this.stdinSignals() : [this.channel.writable]),
        ];
        const { quit } = this.options;
        const limit = this.quitting ? quit : timeout;
        if (!(yield* waitAny(signals, limit === undefined ? undefined : seconds(limit)))) return;
        if (this.channel.latency > 0) yield* sleep(this.channel.latency);
      }
    } finally {
      this.stdin?.stop();
    }
  }

  private stdinSignals(): readonly Signal[] {
    return this.stdinOpen && this.stdin !== undefined ? [this.stdin.ready] : [];
  }

  private done(): boolean {
    if (this.unsent !== undefined || this.netInOpen) return false;
    return !this.stdinOpen || this.options.listen;
  }

  /** Moves what is there; whether there was anything. */
  private *step(): Task<boolean> {
    const fromNet = yield* this.fromNet();
    const fromStdin = yield* this.fromStdin();
    return fromNet || fromStdin;
  }

  private *fromStdin(): Task<boolean> {
    if (this.unsent !== undefined) return this.sendOn(this.unsent);
    if (!this.stdinOpen || this.stdin === undefined) return false;
    const piece = this.stdin.take();
    if (piece === undefined) return false;
    if (piece === null) {
      this.stdinOpen = false;
      if (this.options.shutdown && this.netOutOpen) this.channel.shutdown();
      this.netOutOpen = false;
      this.quitting = this.options.quit !== undefined;
      if (this.options.quit === 0) this.netInOpen = false;
      return true;
    }
    if (this.options.interval > 0) yield* sleep(seconds(this.options.interval));
    this.sendOn(this.options.crlf ? withCrlf(piece) : piece);
    return true;
  }

  /** Whether the channel took any of it, or failed. */
  private sendOn(bytes: Uint8Array): boolean {
    const sent = this.channel.send(bytes);
    if ("wrong" in sent) {
      this.unsent = undefined;
      this.stopSending();
      return true;
    }
    this.unsent = sent.taken < bytes.length ? bytes.subarray(sent.taken) : undefined;
    return sent.taken > 0;
  }

  private stopSending(): void {
    this.netOutOpen = false;
    this.stdinOpen = false;
  }

  private *fromNet(): Task<boolean> {
    if (!this.netInOpen) return false;
    const received = this.channel.receive();
    switch (received.kind) {
      case "nothing":
        return false;
      case "failed":
        this.netInOpen = false;
        this.stopSending();
        return true;
      case "end":
        this.netInOpen = false;
        return true;
      case "data":
        yield* this.process.stdout.write(received.bytes);
        this.received++;
        if (this.options.receiveLimit > 0 && this.received >= this.options.receiveLimit) {
          this.netInOpen = false;
          this.stopSending();
        }
        return true;
    }
  }
}
