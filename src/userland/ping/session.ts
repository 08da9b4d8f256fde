import type { Datagram, DatagramSocket, Endpoint, SocketError } from "../../kernel/uapi/index.ts";
import { Interrupted, sleep, type Task } from "../../sim/task.ts";
import { addTime, micros, millis, nanos, type Nanos } from "../../sim/time.ts";
import {
  ICMP_ECHO,
  ICMP_REDIRECT,
  icmpCode,
  icmpEchoId,
  icmpEchoSequence,
  icmpGateway,
  icmpType,
  writeIcmpEcho,
} from "../../wire/icmp.ts";
import { ipv4Dest, ipv4HeaderLength } from "../../wire/ipv4.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import type { PingFamily } from "./family.ts";
import { icmpErrorText } from "./icmp-text.ts";
import type { PingOptions } from "./options.ts";
import { Statistics } from "./statistics.ts";

/** MIN_INTERVAL_MS. */
const LEAST_WAIT = 10;

/** As long as a packet takes over lo, and the answer to it. */
const LOCAL_ANSWER = micros(5);

const NEVER = nanos(Number.MAX_SAFE_INTEGER);

const ICMP_HEADER = 8;
/** struct timeval, at the head of the payload. */
const TIMEVAL = 16;

/** The packets of one run. Models: iputils ping/ping_common.c main_loop, pinger, gather_statistics. */
export class PingSession<A> {
  private readonly process: Process;
  private readonly options: PingOptions;
  private readonly family: PingFamily<A>;
  private readonly socket: DatagramSocket<A>;
  private readonly target: Endpoint<A>;
  private readonly name: string;
  private readonly statistics = new Statistics();
  private readonly identifier: number;
  private readonly names = new Map<string, string>();
  private interval: number;
  private started: Nanos;
  private lastSent: Nanos;
  /** Credit in milliseconds: what an earlier wait overshot. */
  private tokens = 0;
  private shortages = 0;
  private confirm = false;
  private exiting = false;
  /** When the run ends without further answers. */
  private end: Nanos | undefined;

  constructor(
    process: Process,
    options: PingOptions,
    family: PingFamily<A>,
    socket: DatagramSocket<A>,
    target: Endpoint<A>,
    name: string,
  ) {
    this.process = process;
    this.family = family;
    this.options = options;
    this.socket = socket;
    this.target = target;
    this.name = name;
    this.interval = options.interval;
    this.identifier = options.identifier ?? process.pid & 0xffff;
    this.started = this.now;
    this.lastSent = this.now;
  }

  private get now(): Nanos {
    return this.process.host.queue.now;
  }

  private get timed(): boolean {
    return this.options.size >= TIMEVAL;
  }

  *run(): Task<number> {
    for (const signal of ["INT", "QUIT"]) {
      this.process.onSignal(signal, "default");
      this.process.handle(signal);
    }
    if (this.options.deadline > 0) this.end = addTime(this.now, millis(this.options.deadline));
    let first = true;
    while (!this.finished()) {
      let next: number;
      do {
        next = this.scheduleExit(yield* this.pinger(first));
        first = false;
      } while (next <= 0);
      yield* this.receiveFor(this.slice(next));
    }
    const { received } = this.statistics;
    const span = (this.lastSent - this.started) / 1e6;
    const perPacket = this.interval === 0 || this.options.flood || this.options.adaptive;
    yield* this.process.print(this.statistics.summary(this.name, span, this.timed, perPacket));
    return received === 0 || (this.options.deadline > 0 && received < this.options.count) ? 1 : 0;
  }

  /** A call waits one interval at most (SO_RCVTIMEO): then it is seen that all failed, and that nothing will come. */
  private slice(next: number): number {
    const { flood, adaptive } = this.options;
    return flood || adaptive ? next : Math.min(next, Math.max(this.interval, LEAST_WAIT));
  }

  private finished(): boolean {
    const { count, deadline } = this.options;
    const { received, errors } = this.statistics;
    if (this.exiting || (count > 0 && received + errors >= count)) return true;
    return (deadline > 0 && errors > 0) || (this.end !== undefined && this.now >= this.end);
  }

  /** After the last packet: waits twice the longest time seen, or the linger time when nothing was answered. */
  private scheduleExit(next: number): number {
    const { count, deadline, linger } = this.options;
    if (count === 0 || this.statistics.sent < count || deadline > 0 || this.end !== undefined) return next;
    const waitMs =
      this.statistics.received > 0 ? Math.max((2 * this.statistics.largest) / 1000, this.interval) : linger;
    // setitimer(2) with nothing in it never fires.
    this.end = waitMs > 0 ? addTime(this.now, millis(waitMs)) : NEVER;
    return Math.max(next, Math.ceil(waitMs), 1);
  }

  /** Sends what is due; the milliseconds until it wants to be called again. */
  private *pinger(first: boolean): Task<number> {
    const { count, deadline, preload } = this.options;
    if (count > 0 && this.statistics.sent >= count && deadline === 0) return 1000;
    if (first) {
      this.started = this.now;
      this.tokens = this.interval * (preload - 1);
    } else {
      let credit = (this.now - this.lastSent) / 1e6;
      if (this.interval === 0 && credit < LEAST_WAIT && this.statistics.inFlight >= preload)
        return LEAST_WAIT - credit;
      credit = Math.min(credit + this.tokens, this.interval * preload);
      if (credit < this.interval) return this.interval - credit;
      this.tokens = credit - this.interval;
    }
    this.lastSent = this.now;
    const { sent } = this.statistics;
    if (this.options.outstanding && sent > 0 && !this.statistics.wasAnswered(sent))
      yield* this.process.print(`${this.stamp()}no answer yet for icmp_seq=${sent % 0x10000}\n`);
    return yield* this.sendOne();
  }

  private *sendOne(): Task<number> {
    const result = this.socket.send(this.packet(this.statistics.sent + 1), this.target, {
      confirm: this.confirm,
    });
    this.confirm = false;
    if (result.ok) {
      this.shortages = 0;
      this.statistics.advance();
      if (!this.options.quiet && this.options.flood) yield* this.process.print(".");
      return this.interval - this.tokens;
    }
    let reported = true;
    if (result.error.errno === "ENOBUFS") {
      const wait = Math.min(500, Math.max(LEAST_WAIT, Math.trunc(this.interval / 2)));
      this.tokens = 0;
      this.shortages++;
      if (this.shortages * wait < this.options.linger) return wait;
      reported = false;
    } else {
      // What the packet set off on this machine is over when sendmsg returns: a REJECT's answer is here.
      try {
        yield* sleep(LOCAL_ANSWER);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        this.exiting = true;
      }
      const error = this.socket.receiveError();
      // An ICMP error came of it, too: both are told.
      if (error !== undefined && (yield* this.handleError(error)) === "icmp") reported = false;
    }
    this.statistics.advance();
    if (!reported && !this.options.quiet) {
      if (this.options.flood) yield* this.process.print("E");
      else yield* this.process.printError(`ping: sendmsg: ${strerror(result.error.errno)}\n`);
    }
    this.tokens = 0;
    return Math.max(LEAST_WAIT, this.interval);
  }

  private packet(sequence: number): Uint8Array {
    const { size, pattern } = this.options;
    const bytes = new Uint8Array(ICMP_HEADER + size);
    for (let i = this.timed ? TIMEVAL : 0; i < size; i++)
      bytes[ICMP_HEADER + i] = pattern === undefined ? i : pattern[i % pattern.length]!;
    if (this.timed) {
      const micros = Math.floor(this.now / 1000);
      writeLittle(bytes, ICMP_HEADER, EPOCH_SECONDS + Math.floor(micros / 1e6));
      writeLittle(bytes, ICMP_HEADER + 8, micros % 1e6);
    }
    writeIcmpEcho(bytes, 0, this.family.request, this.identifier, sequence & 0xffff);
    this.family.seal(bytes);
    return bytes;
  }

  /** Waits at most `ms` for something to come, and takes what is there. */
  private *receiveFor(ms: number): Task<void> {
    let until = addTime(this.now, millis(ms));
    if (this.end !== undefined && this.end < until) until = this.end;
    while (!(yield* this.drain())) {
      if (this.exiting || this.now >= until) return;
      try {
        yield* this.socket.readable.waitAtMost((until - this.now) as Nanos);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        if (error.signal === "QUIT") yield* this.process.printError(this.statistics.snapshot(this.timed));
        else this.exiting = true;
      }
    }
  }

  /** Takes errors and packets until nothing is left, or nothing is in flight; whether there was any. */
  private *drain(): Task<boolean> {
    let any = false;
    for (;;) {
      const error = this.socket.receiveError();
      if (error !== undefined) yield* this.handleError(error);
      else {
        const received = this.socket.receive();
        if (!received.ok) continue;
        if (received.value === undefined) return any;
        yield* this.handlePacket(received.value);
      }
      any = true;
      if (this.statistics.inFlight === 0) return true;
    }
  }

  private *handleError(error: SocketError<A>): Task<"local" | "icmp" | "foreign"> {
    if (error.origin === "local") {
      this.statistics.errors++;
      if (this.options.quiet) return "local";
      const what = error.errno === "EMSGSIZE" ? this.family.tooLong(error.info) : strerror(error.errno);
      if (this.options.flood) yield* this.process.print("E");
      else yield* this.process.printError(`ping: local error: ${what}\n`);
      return "local";
    }
    const { bytes } = error;
    if (bytes.length < ICMP_HEADER || !this.family.same(error.to.address, this.target.address))
      return "foreign";
    if (icmpType(bytes, 0) !== this.family.request || icmpEchoId(bytes, 0) !== this.identifier)
      return "foreign";
    const sequence = icmpEchoSequence(bytes, 0);
    this.statistics.acknowledge(sequence);
    this.statistics.errors++;
    if (this.options.quiet) return "icmp";
    if (this.options.flood) yield* this.process.print("\bE");
    else {
      const from = yield* this.nameOf(
        error.offender === undefined ? this.target : { address: error.offender, port: 0 },
      );
      const text = this.family.errorText(error);
      yield* this.process.print(`${this.stamp()}From ${from} icmp_seq=${sequence} ${text}\n`);
    }
    return "icmp";
  }

  private *handlePacket(datagram: Datagram<A>): Task<void> {
    const { bytes } = datagram;
    const at = this.family.header(bytes);
    if (bytes.length - at < ICMP_HEADER) return;
    if (icmpType(bytes, at) === this.family.reply) yield* this.handleReply(datagram, at);
    else yield* this.handleQuote(datagram, at);
  }

  private *handleReply(datagram: Datagram<A>, at: number): Task<void> {
    const { bytes } = datagram;
    if (icmpEchoId(bytes, at) !== this.identifier) return;
    const sequence = icmpEchoSequence(bytes, at);
    const intact = this.family.intact(bytes, at);
    const length = bytes.length - at;
    let micros: number | undefined;
    if (intact) this.statistics.acknowledge(sequence);
    if (this.timed && length >= ICMP_HEADER + TIMEVAL) {
      micros = Math.max(0, Math.floor(datagram.time / 1000) - this.sentAt(bytes, at + ICMP_HEADER));
      if (intact) this.statistics.time(micros);
      if (intact && this.options.adaptive)
        this.interval = Math.trunc((this.statistics.smoothed / 8 + 500) / 1000);
    }
    const fresh = intact ? this.statistics.answer(sequence) : true;
    if (!intact) this.statistics.corrupted++;
    this.confirm = true;
    if (this.options.quiet) return;
    if (this.options.flood) {
      yield* this.process.print(intact ? "\b \b" : "\bC");
      return;
    }
    const from = yield* this.nameOf(datagram.from);
    let line = `${this.stamp()}${length} bytes from ${from}: icmp_seq=${sequence}`;
    if (this.options.verbose) line += ` ident=${this.identifier}`;
    line += ` ttl=${datagram.ttl}`;
    if (length < this.options.size + ICMP_HEADER) line += " (truncated)";
    else {
      if (micros !== undefined) line += ` time=${tripText(micros)} ms`;
      if (!fresh && (!this.family.isGroup(this.target.address) || this.options.verbose)) line += " (DUP!)";
      if (!intact) line += " (BAD CHECKSUM!)";
    }
    yield* this.process.print(`${line}${this.options.audible ? "\x07" : ""}\n`);
  }

  /** When the packet was sent, from its own payload: virtual microseconds. */
  private sentAt(bytes: Uint8Array, at: number): number {
    return (readLittle(bytes, at) - EPOCH_SECONDS) * 1e6 + readLittle(bytes, at + 8);
  }

  /** An ICMP error as a packet: the error queue has told of it, except of a redirect. */
  private *handleQuote(datagram: Datagram<A>, at: number): Task<void> {
    const { bytes } = datagram;
    const quote = at + ICMP_HEADER;
    if (bytes.length < quote + 20 + ICMP_HEADER) return;
    const inner = quote + ipv4HeaderLength(bytes, quote);
    if (bytes.length < inner + ICMP_HEADER) return;
    if (this.target.address !== ipv4Dest(bytes, quote)) return;
    if (icmpType(bytes, inner) !== ICMP_ECHO || icmpEchoId(bytes, inner) !== this.identifier) return;
    const sequence = icmpEchoSequence(bytes, inner);
    if (icmpType(bytes, at) !== ICMP_REDIRECT) {
      this.statistics.acknowledge(sequence);
      return;
    }
    if (this.options.quiet || this.options.flood) return;
    const from = yield* this.nameOf(datagram.from);
    const text = icmpErrorText(ICMP_REDIRECT, icmpCode(bytes, at), icmpGateway(bytes, at));
    yield* this.process.print(`${this.stamp()}From ${from}: icmp_seq=${sequence} ${text}\n`);
  }

  /** -D. */
  private stamp(): string {
    if (!this.options.timestamps) return "";
    const micros = Math.floor(this.now / 1000);
    const seconds = EPOCH_SECONDS + Math.floor(micros / 1e6);
    return `[${seconds}.${String(micros % 1e6).padStart(6, "0")}] `;
  }

  private *nameOf(from: Endpoint<A>): Task<string> {
    const text = this.family.text(this.process.net, from);
    if (this.options.numeric) return text;
    let name = this.names.get(text);
    if (name === undefined) {
      name = (yield* this.family.reverse(this.process, from.address)) ?? "";
      this.names.set(text, name);
    }
    return name === "" ? text : `${name} (${text})`;
  }
}

/** A 64-bit little-endian number below 2^53. */
function writeLittle(bytes: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let i = 0; i < 8; i++) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function readLittle(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Three digits after the point below a millisecond, fewer above. */
export function tripText(micros: number): string {
  const parts = (digits: number, rounded: number): string => {
    const fraction = Math.trunc((rounded % 1000) / 10 ** (3 - digits));
    return `${Math.trunc(rounded / 1000)}.${String(fraction).padStart(digits, "0")}`;
  };
  if (micros >= 100_000 - 50) return String(Math.trunc((micros + 500) / 1000));
  if (micros >= 10_000 - 5) return parts(1, micros + 50);
  return micros >= 1000 ? parts(2, micros + 5) : parts(3, micros);
}
