import { getU16, getU32, setU16, setU32 } from "../../base/bytes.ts";
import {
  tcpAck,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpWindow,
  TCP_FIN,
  TCP_SYN,
} from "../../wire/tcp.ts";
import {
  TCPOPT_EOL,
  TCPOPT_MSS,
  TCPOPT_NOP,
  TCPOPT_SACK,
  TCPOPT_SACK_PERM,
  TCPOPT_TIMESTAMP,
  TCPOPT_WINDOW,
  writeTcpTimestamps,
} from "../../wire/tcp-options.ts";
import type { Skb } from "../skb.ts";
import { advance } from "./sequence.ts";

/** The largest shift of RFC 7323, section 2.3. */
const MAX_SCALE = 14;

/** A received segment, read once. One object serves them all: nothing of it may be kept. Models: struct tcp_skb_cb. */
export class Segment {
  sequence = 0;
  ack = 0;
  flags = 0;
  window = 0;
  /** Where the data stands in the skb. */
  from = 0;
  to = 0;
  /** 0: no option. */
  mss = 0;
  /** -1: no option. */
  scale = -1;
  sackPermitted = false;
  hasTimestamp = false;
  timestamp = 0;
  echo = 0;
  /** Left and right edges by turns. */
  readonly sacks: number[] = [];

  get length(): number {
    return this.to - this.from;
  }

  /** Sequence number behind the segment; SYN and FIN count. */
  get end(): number {
    const flags = this.flags;
    return advance(
      this.sequence,
      this.to - this.from + ((flags & TCP_SYN) !== 0 ? 1 : 0) + ((flags & TCP_FIN) !== 0 ? 1 : 0),
    );
  }

  has(flags: number): boolean {
    return (this.flags & flags) === flags;
  }

  /** Reads the segment at `skb.data`, whose header must be whole. */
  read(skb: Skb): void {
    const { buf, data } = skb;
    this.sequence = tcpSequence(buf, data);
    this.ack = tcpAck(buf, data);
    this.flags = tcpFlags(buf, data);
    this.window = tcpWindow(buf, data);
    this.from = data + tcpHeaderLength(buf, data);
    this.to = skb.end;
    this.mss = 0;
    this.scale = -1;
    this.sackPermitted = this.hasTimestamp = false;
    this.timestamp = this.echo = 0;
    this.sacks.length = 0;
    if (this.from > data + 20) this.readOptions(buf, data + 20, this.from);
  }

  private readOptions(b: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to;) {
      const kind = b[i]!;
      if (kind === TCPOPT_EOL) return;
      if (kind === TCPOPT_NOP) {
        i++;
        continue;
      }
      const length = i + 1 < to ? b[i + 1]! : 0;
      if (length < 2 || i + length > to) return;
      this.readOption(b, i, kind, length);
      i += length;
    }
  }

  private readOption(b: Uint8Array, i: number, kind: number, length: number): void {
    const syn = (this.flags & TCP_SYN) !== 0;
    if (kind === TCPOPT_MSS && length === 4 && syn) this.mss = getU16(b, i + 2);
    else if (kind === TCPOPT_WINDOW && length === 3 && syn) this.scale = Math.min(b[i + 2]!, MAX_SCALE);
    else if (kind === TCPOPT_SACK_PERM && length === 2 && syn) this.sackPermitted = true;
    else if (kind === TCPOPT_TIMESTAMP && length === 10) {
      this.hasTimestamp = true;
      this.timestamp = getU32(b, i + 2);
      this.echo = getU32(b, i + 6);
    } else if (kind === TCPOPT_SACK && length % 8 === 2) {
      for (let at = i + 2; at < i + length; at += 4) this.sacks.push(getU32(b, at));
    }
  }
}

/** Options of a SYN or SYN-ACK; what is undefined is not carried. */
export interface SynOptions {
  readonly mss: number;
  readonly scale: number | undefined;
  readonly sack: boolean;
  readonly timestamp: number | undefined;
  readonly echo: number;
}

/** Writes them at `o` in Linux's order and answers their length. Models: tcp_syn_options, tcp_options_write. */
export function writeSynOptions(b: Uint8Array, o: number, options: SynOptions): number {
  let at = o;
  setU32(b, at, (TCPOPT_MSS << 24) | (4 << 16) | options.mss);
  at += 4;
  if (options.timestamp !== undefined) {
    setU16(b, at, options.sack ? (TCPOPT_SACK_PERM << 8) | 2 : (TCPOPT_NOP << 8) | TCPOPT_NOP);
    setU16(b, at + 2, (TCPOPT_TIMESTAMP << 8) | 10);
    setU32(b, at + 4, options.timestamp);
    setU32(b, at + 8, options.echo);
    at += 12;
  } else if (options.sack) {
    setU32(b, at, (TCPOPT_NOP << 24) | (TCPOPT_NOP << 16) | (TCPOPT_SACK_PERM << 8) | 2);
    at += 4;
  }
  if (options.scale !== undefined) {
    setU32(b, at, (TCPOPT_NOP << 24) | (TCPOPT_WINDOW << 16) | (3 << 8) | options.scale);
    at += 4;
  }
  return at - o;
}

/** Timestamps and SACK blocks of a later segment. Models: tcp_established_options. */
export function writeOptions(
  b: Uint8Array,
  o: number,
  timestamp: number | undefined,
  echo: number,
  sacks: readonly (readonly [left: number, right: number])[],
): number {
  let at = o;
  if (timestamp !== undefined) {
    writeTcpTimestamps(b, at, timestamp, echo);
    at += 12;
  }
  if (sacks.length === 0) return at - o;
  setU32(b, at, (TCPOPT_NOP << 24) | (TCPOPT_NOP << 16) | (TCPOPT_SACK << 8) | (2 + 8 * sacks.length));
  at += 4;
  for (const [left, right] of sacks) {
    setU32(b, at, left);
    setU32(b, at + 4, right);
    at += 8;
  }
  return at - o;
}
