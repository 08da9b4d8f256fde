import type { Layer } from "../../../wire/dissect.ts";
import {
  tcpAck,
  tcpDestPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
} from "../../../wire/tcp.ts";
import { decodeTcpOptions, type TcpOption } from "../../../wire/tcp-options.ts";
import { getU16 } from "../../../base/bytes.ts";

const HEADER = 20;
const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;
const FIN = 1;
const SYN = 2;
const ACK = 16;

/** One direction of a connection, as far as the capture has seen it. */
interface Half {
  base: number | undefined;
  /** What its SYN offered; undefined when there was none or the SYN was not seen. */
  shift: number | undefined;
  /** The sequence number behind the last byte. */
  next: number | undefined;
}

function optionText(option: TcpOption): string {
  switch (option.kind) {
    case "mss":
      return ` MSS=${option.mss}`;
    case "wscale":
      return ` WS=${2 ** option.shift}`;
    case "sackOK":
      return " SACK_PERM";
    case "sack":
      return option.blocks.map(([left, right]) => ` SLE=${left} SRE=${right}`).join("");
    case "TS":
      return ` TSval=${option.value} TSecr=${option.echo}`;
    default:
      return "";
  }
}

function behind(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Connections of a capture: numbers are told from their start, windows as they are meant. */
export class TcpStreams {
  private readonly halves = new Map<string, Half>();

  /** tshark's line for a segment. */
  follow(b: Uint8Array, layer: Layer, layers: readonly Layer[]): string {
    const o = layer.offset;
    const ip = layers.findLast(({ protocol, offset }) => /^ipv[46]$/.test(protocol) && offset < o);
    const length = this.payload(b, layer, ip);
    const [from, to] = [tcpSourcePort(b, o), tcpDestPort(b, o)];
    const flags = tcpFlags(b, o);
    const ends = [`${this.end(ip, "src")} ${from}`, `${this.end(ip, "dst")} ${to}`] as const;
    const own = this.half(`${ends[0]} > ${ends[1]}`);
    const other = this.half(`${ends[1]} > ${ends[0]}`);
    const [seq, ack] = [tcpSequence(b, o), tcpAck(b, o)];
    const isSyn = (flags & SYN) !== 0;
    const options = decodeTcpOptions(b, o + HEADER, o + tcpHeaderLength(b, o));
    const list = options.ok ? options.value : [];
    if (isSyn && own.base !== seq) Object.assign(own, { base: seq, next: undefined, shift: shiftOf(list) });
    own.base ??= (seq - 1) >>> 0;
    if ((flags & ACK) !== 0) other.base ??= (ack - 1) >>> 0;
    const again = this.isAgain(own, seq, length, flags) ? "[TCP Retransmission] " : "";
    const scaled = !isSyn && own.shift !== undefined && other.shift !== undefined;
    const window = tcpWindow(b, o) * (scaled ? 2 ** (own.shift ?? 0) : 1);
    const names = FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0).join(", ");
    const acked = (flags & ACK) === 0 ? "" : ` Ack=${(ack - (other.base ?? 0)) >>> 0}`;
    return (
      `${again}${from} → ${to} [${names === "" ? "<None>" : names}] Seq=${(seq - own.base) >>> 0}${acked}` +
      ` Win=${window} Len=${length}${list.map(optionText).join("")}`
    );
  }

  /** Bytes behind the header, as the IP header counts them. */
  private payload(b: Uint8Array, layer: Layer, ip: Layer | undefined): number {
    const o = layer.offset;
    const end =
      ip?.protocol === "ipv4"
        ? ip.offset + getU16(b, ip.offset + 2)
        : ip?.protocol === "ipv6"
          ? ip.offset + 40 + getU16(b, ip.offset + 4)
          : b.length;
    return Math.max(0, end - o - tcpHeaderLength(b, o));
  }

  private end(ip: Layer | undefined, side: "src" | "dst"): string {
    return ip?.fields.find(({ name }) => name === `${ip.protocol}.${side}`)?.value ?? "";
  }

  private half(key: string): Half {
    let half = this.halves.get(key);
    if (half === undefined) {
      half = { base: undefined, shift: undefined, next: undefined };
      this.halves.set(key, half);
    }
    return half;
  }

  /** Whether all of a segment was seen before; notes how far this one goes. */
  private isAgain(own: Half, seq: number, length: number, flags: number): boolean {
    const size = length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    const next = (seq + size) >>> 0;
    const again = size > 0 && own.next !== undefined && behind(seq, own.next) && !behind(own.next, next);
    if (own.next === undefined || behind(own.next, next)) own.next = next;
    return again;
  }
}

function shiftOf(options: readonly TcpOption[]): number | undefined {
  for (const option of options) if (option.kind === "wscale") return option.shift;
  return undefined;
}
