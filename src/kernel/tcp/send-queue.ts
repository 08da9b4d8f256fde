import type { Nanos } from "../../sim/time.ts";
import { advance, after, before, distance } from "./sequence.ts";

/** A segment that was sent, or waits to be; SYN and FIN take a sequence number each. */
export interface OutSegment {
  sequence: number;
  bytes: Uint8Array;
  syn: boolean;
  fin: boolean;
  /** The application meant the reader to have it at once. */
  push: boolean;
  /** When it was first sent; undefined until then. */
  sentAt: Nanos | undefined;
  sends: number;
  sacked: boolean;
  lost: boolean;
  /** Sent again since it was held for lost. */
  again: boolean;
}

export function endOf(s: OutSegment): number {
  return advance(s.sequence, s.bytes.length + (s.syn ? 1 : 0) + (s.fin ? 1 : 0));
}

/** What an acknowledgement took off the queue. */
export interface Acknowledged {
  readonly segments: number;
  readonly bytes: number;
  /** When the newest of them that was sent once only went out. */
  readonly sentAt: Nanos | undefined;
  /** Some of them had been sent again. */
  readonly retransmitted: boolean;
}

/** What is not acknowledged: first the segments on their way, then those not yet sent. Models: tcp_rtx_queue, sk_write_queue. */
export class SendQueue {
  private readonly segments: OutSegment[] = [];
  /** How many of them were sent. */
  sent = 0;
  /** Bytes of data held. */
  bytes = 0;
  private sackedCount = 0;
  private lostCount = 0;
  private againCount = 0;

  /** Segments believed to be on the network. Models: tcp_packets_in_flight. */
  get inFlight(): number {
    return this.sent - this.sackedCount - this.lostCount + this.againCount;
  }

  get empty(): boolean {
    return this.segments.length === 0;
  }

  get hasUnsent(): boolean {
    return this.sent < this.segments.length;
  }

  get sackedSegments(): number {
    return this.sackedCount;
  }

  first(): OutSegment | undefined {
    return this.segments[0];
  }

  lastSent(): OutSegment | undefined {
    return this.sent === 0 ? undefined : this.segments[this.sent - 1];
  }

  nextUnsent(): OutSegment | undefined {
    return this.segments[this.sent];
  }

  /** More segments wait behind the next one. */
  get moreBehind(): boolean {
    return this.segments.length > this.sent + 1;
  }

  unsentBytes(): number {
    let sum = 0;
    for (let i = this.sent; i < this.segments.length; i++) sum += this.segments[i]!.bytes.length;
    return sum;
  }

  /** Appends data from `sequence` on, filling up the last unsent segment; a copy is kept. */
  append(sequence: number, data: Uint8Array, mss: number): void {
    let from = 0;
    const tail = this.segments.at(-1);
    if (tail !== undefined && tail.sentAt === undefined && !tail.fin && tail.bytes.length < mss) {
      const part = data.subarray(0, mss - tail.bytes.length);
      const joined = new Uint8Array(tail.bytes.length + part.length);
      joined.set(tail.bytes);
      joined.set(part, tail.bytes.length);
      tail.bytes = joined;
      tail.push = false;
      from = part.length;
    }
    while (from < data.length) {
      const part = data.slice(from, from + mss);
      this.segments.push(fresh(advance(sequence, from), part));
      from += part.length;
    }
    this.segments.at(-1)!.push = true;
    this.bytes += data.length;
  }

  /** The end of the stream: on the last segment if that waits, or alone. Models: tcp_send_fin. */
  appendFin(sequence: number): void {
    const tail = this.segments.at(-1);
    if (tail !== undefined && tail.sentAt === undefined) tail.fin = true;
    else this.segments.push({ ...fresh(sequence, new Uint8Array(0)), fin: true });
  }

  appendSyn(sequence: number): void {
    this.segments.push({ ...fresh(sequence, new Uint8Array(0)), syn: true });
  }

  /** Cuts a segment that is longer than `mss` in two. Models: tcp_fragment. */
  split(segment: OutSegment, mss: number): void {
    if (segment.bytes.length <= mss) return;
    const at = this.segments.indexOf(segment);
    const rest: OutSegment = {
      ...segment,
      sequence: advance(segment.sequence, mss),
      bytes: segment.bytes.subarray(mss),
      syn: false,
    };
    segment.bytes = segment.bytes.subarray(0, mss);
    segment.fin = false;
    segment.push = false;
    this.segments.splice(at + 1, 0, rest);
    if (at >= this.sent) return;
    this.sent++;
    if (rest.sacked) this.sackedCount++;
    if (rest.lost) this.lostCount++;
    if (rest.again) this.againCount++;
  }

  /** The next unsent segment goes out. */
  markSent(segment: OutSegment, now: Nanos): void {
    segment.sentAt = now;
    segment.sends = 1;
    this.sent++;
  }

  markAgain(segment: OutSegment): void {
    segment.sends++;
    if (segment.again) return;
    segment.again = true;
    this.againCount++;
  }

  /** The segment to send again next, or undefined. */
  nextLost(): OutSegment | undefined {
    if (this.lostCount === 0) return undefined;
    for (let i = 0; i < this.sent; i++) {
      const s = this.segments[i]!;
      if (s.lost && !s.again && !s.sacked) return s;
    }
    return undefined;
  }

  markLost(segment: OutSegment): void {
    if (segment.sacked) return;
    if (segment.again) {
      segment.again = false;
      this.againCount--;
    }
    if (segment.lost) return;
    segment.lost = true;
    this.lostCount++;
  }

  /** All that is on its way counts as lost. Models: tcp_timeout_mark_lost. */
  markAllLost(): void {
    for (let i = 0; i < this.sent; i++) this.markLost(this.segments[i]!);
  }

  /** What is longer than `mss` will not arrive. Models: tcp_simple_retransmit. */
  markLongerLost(mss: number): boolean {
    let any = false;
    for (let i = 0; i < this.sent; i++) {
      const s = this.segments[i]!;
      if (s.bytes.length <= mss || s.sacked) continue;
      this.markLost(s);
      any = true;
    }
    return any;
  }

  /** What is not selectively acknowledged although three segments behind it are. Models: tcp_update_scoreboard. */
  markHolesLost(): void {
    let above = 0;
    for (let i = this.sent - 1; i >= 0; i--) {
      const s = this.segments[i]!;
      if (s.sacked) above++;
      else if (above >= 3 && !s.lost) this.markLost(s);
    }
  }

  /** A block of a SACK option. */
  sack(left: number, right: number): void {
    for (let i = 0; i < this.sent; i++) {
      const s = this.segments[i]!;
      if (s.sacked || before(s.sequence, left) || after(endOf(s), right)) continue;
      this.forget(s);
      s.sacked = true;
      this.sackedCount++;
    }
  }

  private forget(s: OutSegment): void {
    if (s.lost) this.lostCount--;
    if (s.again) this.againCount--;
    s.lost = false;
    s.again = false;
  }

  /** Takes off what is acknowledged up to `ack`. Models: tcp_clean_rtx_queue. */
  acknowledge(ack: number): Acknowledged {
    let count = 0;
    let bytes = 0;
    let sentAt: Nanos | undefined;
    let retransmitted = false;
    while (count < this.sent && !after(endOf(this.segments[count]!), ack)) {
      const s = this.segments[count]!;
      this.forget(s);
      if (s.sacked) this.sackedCount--;
      if (s.sends > 1) retransmitted = true;
      else if (!s.sacked) sentAt = s.sentAt;
      bytes += s.bytes.length;
      count++;
    }
    this.segments.splice(0, count);
    this.sent -= count;
    const head = this.segments[0];
    if (head !== undefined && this.sent > 0 && before(head.sequence, ack)) {
      const part = distance(ack, head.sequence);
      head.bytes = head.bytes.subarray(part);
      head.sequence = ack;
      bytes += part;
    }
    this.bytes -= bytes;
    return { segments: count, bytes, sentAt, retransmitted };
  }

  clear(): void {
    this.segments.length = 0;
    this.sent = this.bytes = this.sackedCount = this.lostCount = this.againCount = 0;
  }
}

function fresh(sequence: number, bytes: Uint8Array): OutSegment {
  return {
    sequence,
    bytes,
    syn: false,
    fin: false,
    push: false,
    sentAt: undefined,
    sends: 0,
    sacked: false,
    lost: false,
    again: false,
  };
}
