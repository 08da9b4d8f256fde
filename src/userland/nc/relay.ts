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

/** -C: each line as one write, and CR LF as another. */
function lines(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    const end = at > from && bytes[at - 1] === 13 ? at - 1 : at;
    if (end > from) out.push(bytes.subarray(from, end));
    out.push(Uint8Array.of(13, 10));
    from = at + 1;
  }
  if (from < bytes.length) out.push(bytes.subarray(from));
  return out;
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
  private unsent: readonly Uint8Array[] = [];
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
          ...(this.unsent.length === 0 ? this.stdinSignals() : [this.channel.writable]),
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
    if (this.unsent.length > 0 || this.netInOpen) return false;
    return !this.stdinOpen || this.options.listen;
  }

  /** Moves what is there; whether there was anything. */
  private *step(): Task<boolean> {
    const fromNet = yield* this.fromNet();
    const fromStdin = yield* this.fromStdin();
    return fromNet || fromStdin;
  }

  private *fromStdin(): Task<boolean> {
    if (this.unsent.length > 0) return yield* this.sendOn();
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
    const { crlf, interval } = this.options;
    if (interval > 0 && !crlf) yield* sleep(seconds(interval));
    this.unsent = crlf ? lines(piece) : [piece];
    return yield* this.sendOn();
  }

  /** Whether the channel took any of what waits, or failed. With -C -i there is a pause behind each line. */
  private *sendOn(): Task<boolean> {
    let any = false;
    for (;;) {
      const [next, ...rest] = this.unsent;
      if (next === undefined) return any;
      const sent = this.channel.send(next);
      if ("wrong" in sent) {
        this.unsent = [];
        this.stopSending();
        return true;
      }
      any ||= sent.taken > 0;
      if (sent.taken < next.length) {
        this.unsent = [next.subarray(sent.taken), ...rest];
        return any;
      }
      this.unsent = rest;
      if (this.options.crlf && this.options.interval > 0 && next[0] === 13) {
        yield* sleep(seconds(this.options.interval));
        return true;
      }
    }
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
