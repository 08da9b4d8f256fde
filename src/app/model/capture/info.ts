import { getU16 } from "../../../base/bytes.ts";
import type { Layer } from "../../../wire/dissect.ts";
import { decodeHttp, httpField } from "../../../wire/http.ts";
import { dnsInfo } from "./info-dns.ts";
import { TcpStreams } from "./info-tcp.ts";
import { valueOf } from "./layers.ts";

/** The column Info: tshark 4.0's words. Not modelled: messages over several segments are told where they begin. */

const UNREACHABLE = [
  "Network unreachable",
  "Host unreachable",
  "Protocol unreachable",
  "Port unreachable",
  "Fragmentation needed",
  "Source route failed",
  "Destination network unknown",
  "Destination host unknown",
  "Source host isolated",
  "Network administratively prohibited",
  "Host administratively prohibited",
  "Network unreachable for TOS",
  "Host unreachable for TOS",
  "Communication administratively filtered",
  "Host precedence violation",
  "Precedence cutoff in effect",
];
const REDIRECTS = [
  "Redirect for network",
  "Redirect for host",
  "Redirect for TOS and network",
  "Redirect for TOS and host",
];
const EXCEEDED = ["Time to live exceeded in transit", "Fragment reassembly time exceeded"];
const UNREACHABLE6 = [
  "no route to destination",
  "Administratively prohibited",
  "Beyond scope of source address",
  "Address unreachable",
  "Port unreachable",
];

const ECHO = { request: 8, reply: 0 };
const ECHO6 = { request: 128, reply: 129 };
const NO_ANSWER = " (no response found!)";

export interface Correction {
  readonly at: number;
  readonly text: string;
}

/** What was asked and not yet answered. */
interface Asked {
  readonly number: number;
  readonly text: string;
}

function hex4(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

/** Words for the packets of one capture, which know of those before them. */
export class Info {
  private readonly tcp = new TcpStreams();
  private readonly pings = new Map<string, Asked>();
  private corrections: Correction[] = [];

  of(number: number, bytes: Uint8Array, layers: readonly Layer[], top: Layer | undefined): string {
    if (top === undefined) return "";
    const bad =
      layers.at(-1)?.protocol === "malformed" ? ` [Malformed Packet: ${layers.at(-1)?.summary ?? ""}]` : "";
    return this.words(number, bytes, layers, top) + bad;
  }

  /** Rows that read differently now. */
  takeCorrections(): readonly Correction[] {
    const made = this.corrections;
    this.corrections = [];
    return made;
  }

  private words(number: number, b: Uint8Array, layers: readonly Layer[], top: Layer): string {
    const tcp = layers.findLast(({ protocol }) => protocol === "tcp");
    const segment = tcp === undefined ? undefined : this.tcp.follow(b, tcp, layers);
    switch (top.protocol) {
      case "arp":
        return arpInfo(top);
      case "icmp":
        return this.icmpInfo(number, b, layers, top);
      case "icmpv6":
        return this.icmpv6Info(number, b, layers, top);
      case "tcp":
        return segment ?? top.summary;
      case "udp":
        return `${valueOf(top, "udp.srcport")} → ${valueOf(top, "udp.dstport")} Len=${Number(valueOf(top, "udp.length")) - 8}`;
      case "dns":
        return dnsInfo(b.subarray(top.offset, top.offset + top.length));
      case "http":
        return httpInfo(b, top);
      case "ipv4":
        return ipv4Info(b, top);
      case "esp":
        return `ESP (SPI=${valueOf(top, "esp.spi")})`;
      default:
        return top.summary;
    }
  }

  private icmpInfo(number: number, b: Uint8Array, layers: readonly Layer[], top: Layer): string {
    const type = b[top.offset] ?? 0;
    const code = b[top.offset + 1] ?? 0;
    if (type === ECHO.request || type === ECHO.reply)
      return this.echo(number, b, layers, top, type === ECHO.reply);
    if (type === 3) return `Destination unreachable (${UNREACHABLE[code] ?? `Unknown code ${code}`})`;
    if (type === 5) return `Redirect             (${REDIRECTS[code] ?? `Unknown code ${code}`})`;
    if (type === 11) return `Time-to-live exceeded (${EXCEEDED[code] ?? `Unknown code ${code}`})`;
    return top.summary;
  }

  private icmpv6Info(number: number, b: Uint8Array, layers: readonly Layer[], top: Layer): string {
    const type = b[top.offset] ?? 0;
    const code = b[top.offset + 1] ?? 0;
    const option = top.fields.findLast(({ name }) => name === "icmpv6.nd_option")?.value ?? "";
    const mac = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(option)?.[0];
    const target = valueOf(top, "icmpv6.nd_target");
    switch (type) {
      case 1:
        return `Destination Unreachable (${UNREACHABLE6[code] ?? `Unknown code ${code}`})`;
      case 2:
        return "Packet Too Big";
      case 3:
        return `Time Exceeded (${code === 0 ? "hop limit exceeded in transit" : "fragment reassembly time exceeded"})`;
      case ECHO6.request:
      case ECHO6.reply:
        return this.echo(number, b, layers, top, type === ECHO6.reply);
      case 143:
        return "Multicast Listener Report Message v2";
      case 133:
        return `Router Solicitation${sourceOption(b, top)}`;
      case 135:
        return `Neighbor Solicitation for ${target}${mac === undefined ? "" : ` from ${mac}`}`;
      case 136:
        return `Neighbor Advertisement ${target} (${neighbourFlags(b[top.offset + 4] ?? 0)})${mac === undefined ? "" : ` is at ${mac}`}`;
      default:
        return top.summary;
    }
  }

  private echo(
    number: number,
    b: Uint8Array,
    layers: readonly Layer[],
    top: Layer,
    isReply: boolean,
  ): string {
    const ip = layers.findLast(({ protocol, offset }) => /^ipv[46]$/.test(protocol) && offset < top.offset);
    const v6 = top.protocol === "icmpv6";
    const id = getU16(b, top.offset + 4);
    const sequence = getU16(b, top.offset + 6);
    const swapped = ((sequence & 255) << 8) | (sequence >>> 8);
    const ttl = v6 ? `hop limit=${valueOf(ip, "ipv6.hop_limit")}` : `ttl=${valueOf(ip, "ipv4.ttl")}`;
    const seq = v6 ? `seq=${sequence}` : `seq=${sequence}/${swapped}`;
    const kind = v6 ? (isReply ? "reply" : "request") : isReply ? "reply   " : "request ";
    const text = `Echo (ping) ${kind} id=${hex4(id)}, ${seq}, ${ttl}`;
    const family = v6 ? "ipv6" : "ipv4";
    const [src, dst] = [valueOf(ip, `${family}.src`), valueOf(ip, `${family}.dst`)];
    const key = isReply ? `${dst} ${src} ${id} ${sequence}` : `${src} ${dst} ${id} ${sequence}`;
    if (!isReply) {
      if (!this.pings.has(key)) this.pings.set(key, { number, text });
      return text + NO_ANSWER;
    }
    const asked = this.pings.get(key);
    if (asked === undefined) return text;
    this.corrections.push({ at: asked.number, text: `${asked.text} (reply in ${number})` });
    return `${text} (request in ${asked.number})`;
  }
}

/** The sender's link-layer address in a router solicitation. */
function sourceOption(b: Uint8Array, top: Layer): string {
  const at = top.offset + 8;
  if (b[at] !== 1 || b[at + 1] !== 1 || at + 8 > b.length) return "";
  return ` from ${[...b.subarray(at + 2, at + 8)].map((x) => x.toString(16).padStart(2, "0")).join(":")}`;
}

function neighbourFlags(bits: number): string {
  const names = [
    [0x80, "rtr"],
    [0x40, "sol"],
    [0x20, "ovr"],
  ] as const;
  return names
    .filter(([bit]) => (bits & bit) !== 0)
    .map(([, name]) => name)
    .join(", ");
}

function arpInfo(layer: Layer): string {
  const [sender, target] = [valueOf(layer, "arp.sender_ip"), valueOf(layer, "arp.target_ip")];
  const isReply = valueOf(layer, "arp.operation").includes("(2)");
  if (sender === target) {
    const announces = valueOf(layer, "arp.target_mac") === "00:00:00:00:00:00";
    if (announces && !isReply) return `ARP Announcement for ${sender}`;
    return `Gratuitous ARP for ${sender} (${isReply ? "Reply" : "Request"})`;
  }
  if (isReply) return `${sender} is at ${valueOf(layer, "arp.sender_mac")}`;
  return sender === "0.0.0.0" ? `Who has ${target}? (ARP Probe)` : `Who has ${target}? Tell ${sender}`;
}

/** A packet of which only a piece is here, or whose transport nobody knows. */
function ipv4Info(b: Uint8Array, layer: Layer): string {
  const protocol = valueOf(layer, "ipv4.protocol").replace(/ \(/, " ").replace(/\)$/, "").toUpperCase();
  const offset = valueOf(layer, "ipv4.fragment_offset");
  const id = getU16(b, layer.offset + 4)
    .toString(16)
    .padStart(4, "0");
  if (offset !== "0" || valueOf(layer, "ipv4.flags").includes("More"))
    return `Fragmented IP protocol (proto=${protocol}, off=${offset}, ID=${id})`;
  return layer.summary;
}

function httpInfo(b: Uint8Array, layer: Layer): string {
  const read = decodeHttp(b, layer.offset, b.length);
  const start = valueOf(layer, "http.start_line");
  const type =
    read.ok && !("method" in read.value.head) ? httpField(read.value.head, "content-type") : undefined;
  return `${start} ${type === undefined ? "" : ` (${type.replace(/;.*$/, "").trim()})`}`;
}
