import { concat } from "../../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { Signal, sleep, type Task } from "../../sim/task.ts";
import { millis } from "../../sim/time.ts";
import type { OpenFile } from "./io.ts";
import type { Process } from "./process.ts";

/** Control characters of a fresh terminal, stty(1): intr ^C, quit ^\, susp ^Z, eof ^D, erase ^?, kill ^U, werase ^W. */
const INTR = 0x03;
const EOF = 0x04;
const BACKSPACE = 0x08;
const RETURN = 0x0d;
const NEWLINE = 0x0a;
const TAB = 0x09;
const KILL = 0x15;
const WERASE = 0x17;
const SUSP = 0x1a;
const QUIT = 0x1c;
const ERASE = 0x7f;

const SIGNALS: Readonly<Record<number, "INT" | "QUIT">> = { [INTR]: "INT", [QUIT]: "QUIT" };

/** So much text at a time costs a little time, as on a line: who writes without end lets the world go on. */
const BURST_BYTES = 16_384;
const BURST_COST = millis(10);

const STOPPING = "\r\nflannelgraph: stopping a job (Ctrl-Z) is not modelled yet\r\n";

/** What a terminal tells who sits before it, besides its text. */
export interface TtyListener {
  output(text: string): void;
  /** A shell begins to run what was typed. */
  commandStarted(text: string): void;
  commandEnded(status: number): void;
  /** A program begins on this terminal, or becomes another one (execve, setns). */
  process(process: Process): void;
}

/**
 * A pseudo terminal and its line discipline, pty(7) and termios(3): what is typed goes to `input`, what programs write
 * comes to the listener. Cooked, it edits lines itself, echoes, and turns ^C into SIGINT; raw, it hands bytes over as they are.
 */
export class Tty {
  columns: number;
  rows: number;
  readonly file: OpenFile;
  /** tcsetpgrp: who gets the signals of ^C and ^\; absent: nobody. */
  foreground: ((signal: "INT" | "QUIT" | "HUP" | "WINCH") => void) | undefined;
  /** A shell waits for a command here; `jobs`: something that it started goes on meanwhile. */
  prompting: { readonly jobs: () => boolean } | undefined;
  private readonly listener: TtyListener;
  private raw = false;
  private hungUp = false;
  /** Bytes that a reader may have; an empty piece is the end of the file. */
  private readonly ready: Uint8Array[] = [];
  /** The line that is being typed. */
  private line: number[] = [];
  private readonly arrived = new Signal();
  private written = 0;

  constructor(listener: TtyListener, columns: number, rows: number) {
    this.listener = listener;
    this.columns = columns;
    this.rows = rows;
    this.file = new TtyFile(this);
  }

  /** Keys, as a terminal emulator sends them. */
  input(text: string): void {
    if (this.hungUp || text === "") return;
    const bytes = utf8Encode(text);
    if (this.raw) this.ready.push(bytes);
    else for (const byte of bytes) this.cook(byte, true);
    this.arrived.fire();
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.foreground?.("WINCH");
    this.arrived.fire();
  }

  /** The line is gone: readers see the end, the foreground gets SIGHUP. */
  hangUp(): void {
    this.hungUp = true;
    this.foreground?.("HUP");
    this.arrived.fire();
  }

  get isGone(): boolean {
    return this.hungUp;
  }

  /** tcsetattr: raw hands over what was typed ahead; cooked takes it back into the line, unseen. */
  setRaw(raw: boolean): void {
    if (this.raw === raw) return;
    this.raw = raw;
    if (raw) {
      if (this.line.length > 0) this.ready.push(Uint8Array.from(this.line));
      this.line = [];
      return;
    }
    const ahead = concat(this.ready.splice(0));
    for (const byte of ahead) this.cook(byte, false);
  }

  /** Gives back what a raw reader did not use. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.ready.unshift(bytes);
  }

  *read(max = Infinity): Task<Uint8Array | null> {
    while (this.ready.length === 0) {
      if (this.hungUp) return null;
      yield* this.arrived.wait();
    }
    const first = this.ready.shift()!;
    if (first.length === 0) return null;
    if (first.length <= max) return first;
    this.ready.unshift(first.subarray(max));
    return first.subarray(0, max);
  }

  /** As `read`, but also returns when the window changed. */
  *readOrResize(): Task<Uint8Array | "resized" | null> {
    const { columns } = this;
    while (!this.isReadable()) {
      yield* this.arrived.wait();
      if (!this.isReadable() && columns !== this.columns) return "resized";
    }
    return yield* this.read();
  }

  private isReadable(): boolean {
    return this.ready.length > 0 || this.hungUp;
  }

  *write(bytes: Uint8Array): Task<void> {
    const text = utf8Decode(bytes);
    this.listener.output(text.replace(/\r?\n/g, "\r\n"));
    this.written += bytes.length;
    if (this.written < BURST_BYTES) return;
    this.written = 0;
    yield* sleep(BURST_COST);
  }

  process(process: Process): void {
    this.listener.process(process);
  }

  commandStarted(text: string): void {
    this.listener.commandStarted(text);
  }

  commandEnded(status: number): void {
    this.listener.commandEnded(status);
  }

  /** One byte through the line discipline. Models: n_tty's canonical mode with ECHO, ECHOE, ECHOCTL, ISIG, ICRNL. */
  private cook(byte: number, echo: boolean): void {
    const say = (text: string): void => {
      if (echo) this.listener.output(text);
    };
    const signal = SIGNALS[byte];
    if (signal !== undefined) {
      say(byte === INTR ? "^C" : "^\\");
      this.line = [];
      this.ready.length = 0;
      this.foreground?.(signal);
    } else if (byte === SUSP) say(STOPPING);
    else if (byte === EOF) this.finishLine();
    else if (byte === ERASE || byte === BACKSPACE) say(this.erase());
    else if (byte === KILL) say(this.eraseWhile(() => true));
    else if (byte === WERASE) say(this.eraseWord());
    else if (byte === RETURN || byte === NEWLINE) {
      say("\r\n");
      this.line.push(NEWLINE);
      this.finishLine();
    } else {
      this.line.push(byte);
      say(byte < 0x20 && byte !== TAB ? `^${String.fromCharCode(byte + 64)}` : this.echoOf(byte));
    }
  }

  /** A character of several bytes is echoed when it is whole. */
  private echoOf(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    const start = this.line.findLastIndex((b) => (b & 0xc0) === 0xc0);
    const first = this.line[start];
    if (start < 0 || first === undefined) return "";
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const bytes = this.line.slice(start);
    return bytes.length === length ? utf8Decode(Uint8Array.from(bytes)) : "";
  }

  /** Takes the last character off the line; what shows that. */
  private erase(): string {
    let last = this.line.pop();
    if (last === undefined) return "";
    const isWide = last >= 0x80;
    while (last !== undefined && (last & 0xc0) === 0x80) last = this.line.pop();
    const columns = (isWide && (last ?? 0) >= 0xe0) || (last ?? 32) < 32 ? 2 : 1;
    return "\b \b".repeat(columns);
  }

  private eraseWhile(wanted: (byte: number) => boolean): string {
    let out = "";
    while (this.line.length > 0 && wanted(this.line.at(-1)!)) out += this.erase();
    return out;
  }

  private eraseWord(): string {
    const isBlank = (byte: number): boolean => byte === 32 || byte === TAB;
    return this.eraseWhile(isBlank) + this.eraseWhile((byte) => !isBlank(byte));
  }

  private finishLine(): void {
    this.ready.push(Uint8Array.from(this.line));
    this.line = [];
  }
}

/** The programs' end of a terminal. Nobody's closing ends it: that is `hangUp`. */
class TtyFile implements OpenFile {
  readonly isTerminal = true;
  readonly tty: Tty;

  constructor(tty: Tty) {
    this.tty = tty;
  }

  read(max?: number): Task<Uint8Array | null> {
    return this.tty.read(max);
  }

  write(bytes: Uint8Array): Task<void> {
    return this.tty.write(bytes);
  }

  retain(): this {
    return this;
  }

  close(): void {
    // The terminal outlives its descriptors.
  }
}
