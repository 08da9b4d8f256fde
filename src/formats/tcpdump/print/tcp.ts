import { BGP_PORT } from "../../../wire/bgp.ts";
import { tcpFlagsText } from "../../../wire/tcp.ts";
import { transportSum } from "./checksum.ts";
import { printDomain } from "./dns.ts";
import { repaired } from "./ip.ts";
import type { IpHeader, Payload } from "./payload.ts";
import { hexNumber, type Printer } from "./printer.ts";
import type { Origin } from "./streams.ts";
import { printSsh, printText, TEXT_PROTOCOLS } from "./text.ts";

/** Transmission Control Protocol (RFC 9293). */

const HEADER = 20;
const [FIN, SYN, RST, ACK, URG] = [0x01, 0x02, 0x04, 0x10, 0x20];

/** `10.0.0.1.40000 > 10.0.0.2.80: `, or the ports alone behind an extension header. */
export function portsText(
  p: Printer,
  protocol: "tcp" | "udp",
  header: IpHeader,
  source: number,
  destination: number,
): string {
  const [from, to] = [p.port(protocol, source), p.port(protocol, destination)];
  if (header.protocol !== (protocol === "tcp" ? 6 : 17)) return `${from} > ${to}: `;
  const [a, b] = addresses(p, header);
  return `${a}.${from} > ${b}.${to}: `;
}

export function addresses(p: Printer, header: IpHeader): readonly [string, string] {
  return header.version === 4
    ? [p.ipv4(header.at + 12), p.ipv4(header.at + 16)]
    : [p.ipv6(header.at + 8), p.ipv6(header.at + 24)];
}

export function printTcp(p: Printer, payload: Payload): void {
  const { at, length, header } = payload;
  p.protocol = "tcp";
  if (!p.has(at, 4)) {
    p.out += `${addresses(p, header).join(" > ")}:`;
    p.truncated();
    return;
  }
  const [source, destination] = [p.u16(at), p.u16(at + 2)];
  p.out += portsText(p, "tcp", header, source, destination);
  p.need(at, HEADER);
  const headerLength = (p.u8(at + 12) >>> 4) * 4;
  if (headerLength < HEADER) {
    p.out += ` tcp ${length - headerLength} [bad hdr length ${headerLength} - too short, < ${HEADER}]`;
    return;
  }
  const size = length - headerLength;
  if (p.options.quiet) {
    p.out += `tcp ${size}`;
    if (headerLength > length) p.out += ` [bad hdr length ${headerLength} - too long, > ${length}]`;
    return;
  }
  const origin = originOf(p, payload, source, destination);
  p.out += segmentText(p, payload, headerLength, origin);
  if (headerLength > HEADER && !printOptions(p, at + HEADER, at + headerLength, origin)) return;
  p.out += `, length ${size}`;
  if (size > 0) printData(p, at + headerLength, size, source, destination);
}

function originOf(p: Printer, payload: Payload, source: number, destination: number): Origin {
  const { at, header } = payload;
  const flags = p.u8(at + 13);
  if (p.options.absoluteSequence || (flags & ACK) === 0) return { sequence: 0, acknowledgement: 0, sack: 0 };
  const [from, to] = addresses(p, header);
  const key = (address: string, port: number): string => `${address} ${String(port).padStart(5, "0")}`;
  return p.streams.origin(
    key(from, source),
    key(to, destination),
    p.u32(at + 4),
    p.u32(at + 8),
    (flags & SYN) !== 0,
  );
}

function segmentText(p: Printer, payload: Payload, headerLength: number, origin: Origin): string {
  const { at, length } = payload;
  const flags = p.u8(at + 13);
  const size = length - headerLength;
  const sequence = (p.u32(at + 4) - origin.sequence) >>> 0;
  let text = `Flags [${tcpFlagsText(flags)}]`;
  if (p.verbose > 0 && !p.options.noChecksums && !payload.fragment && p.has(at, length))
    text += `, ${checksumText(p, payload)}`;
  if (p.verbose > 1 || size > 0 || (flags & (FIN | SYN | RST)) !== 0) {
    text += `, seq ${sequence}`;
    if (size > 0) text += `:${(sequence + size) >>> 0}`;
  }
  if ((flags & ACK) !== 0) text += `, ack ${(p.u32(at + 8) - origin.acknowledgement) >>> 0}`;
  text += `, win ${p.u16(at + 14)}`;
  if ((flags & URG) !== 0) text += `, urg ${p.u16(at + 18)}`;
  return text;
}

function checksumText(p: Printer, payload: Payload): string {
  const given = p.u16(payload.at + 16);
  const rest = transportSum(p, payload.header, 6, payload.at, payload.length);
  const verdict = rest === 0 ? "correct" : `incorrect -> 0x${hexNumber(repaired(given, rest), 4)}`;
  return `cksum 0x${hexNumber(given, 4)} (${verdict})`;
}

/** False when an option is broken: the line ends there. */
function printOptions(p: Printer, from: number, to: number, origin: Origin): boolean {
  p.out += ", options [";
  for (let o = from; o < to;) {
    if (o > from) p.out += ",";
    const kind = p.u8(o);
    if (kind === 0) {
      p.out += "eol";
      break;
    }
    if (kind === 1) {
      p.out += "nop";
      o++;
      continue;
    }
    const length = o + 1 < to ? p.u8(o + 1) : 0;
    if (length < 2 || o + length > to) {
      p.out += `${o + 1 < to && length >= 2 ? (OPTION_NAMES[kind] ?? "") : ""}[bad opt]`;
      if (o > from) p.out += "]";
      return false;
    }
    p.out += optionText(p, o, kind, length, origin);
    o += OPTION_SIZES[kind] ?? length;
  }
  p.out += "]";
  return true;
}

/** Options of one length: it counts, whatever they say of themselves. */
const OPTION_SIZES: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 8: 10 };

const OPTION_NAMES: Readonly<Record<number, string>> = { 7: "echoreply" };

function optionText(p: Printer, o: number, kind: number, length: number, origin: Origin): string {
  const wrongLength = (wanted: number): string => (length === wanted ? "" : `[len ${length}]`);
  switch (kind) {
    case 2:
      return `mss ${length === 4 ? p.u16(o + 2) : 0}${wrongLength(4)}`;
    case 3:
      return `wscale ${p.u8(o + 2)}${wrongLength(3)}`;
    case 4:
      return `sackOK${wrongLength(2)}`;
    case 5:
      return sackText(p, o, length, origin);
    case 8:
      return length === 10
        ? `TS val ${p.u32(o + 2)} ecr ${p.u32(o + 6)}`
        : p.refuse("a broken TCP timestamp");
    case 28: {
      // tcpdump takes the lowest bit for the granularity, where RFC 5482 has the highest.
      const timeout = p.u16(o + 2);
      return `uto 0x${hexNumber(timeout)} ${(timeout >>> 1) * ((timeout & 1) === 0 ? 1 : 60)}`;
    }
    case 34:
      return length === 2 ? "tfo  cookiereq" : `tfo  cookie ${bytesText(p, o + 2, length - 2)}`;
    case 6:
    case 7:
    case 19:
    case 29:
    case 30:
      return p.refuse(`TCP option ${kind}`);
    case 254:
      return length >= 4 ? `exp-${bytesText(p, o + 2, length - 2)}` : p.refuse("a broken TCP option");
    default:
      return `unknown-${kind} 0x${bytesText(p, o + 2, length - 2)}`;
  }
}

function bytesText(p: Printer, o: number, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += hexNumber(p.u8(o + i), 2);
  return text;
}

function sackText(p: Printer, o: number, length: number, origin: Origin): string {
  const count = Math.floor((length - 2) / 8);
  let text = `sack ${count} `;
  for (let i = 0; i < count; i++) {
    const [left, right] = [p.u32(o + 2 + 8 * i), p.u32(o + 6 + 8 * i)];
    text += `{${(left - origin.sack) >>> 0}:${(right - origin.sack) >>> 0}}`;
  }
  return text;
}

/** Ports whose protocols tcpdump looks into and we do not. */
const NOT_PRINTED: ReadonlyMap<number, string> = new Map([
  [23, "telnet"],
  [1723, "PPTP"],
  [6379, "RESP"],
  [6653, "OpenFlow"],
  [10288, "BEEP"],
]);

function printData(p: Printer, at: number, size: number, source: number, destination: number): void {
  for (const port of [source, destination]) {
    const refused = NOT_PRINTED.get(port);
    if (refused !== undefined) p.refuse(refused);
    const protocol = TEXT_PROTOCOLS.find(({ ports }) => ports.includes(port));
    if (protocol !== undefined) {
      printText(p, protocol, at, size);
      return;
    }
    if (port === BGP_PORT) {
      if (p.verbose > 0) p.refuse("BGP in detail");
      p.out += ": BGP";
      return;
    }
    if (port === 22) {
      printSsh(p, at, size);
      return;
    }
    if (port === 53) {
      if (size < 2) p.out += ` [DNS over TCP: length ${size} < 2] (invalid)`;
      else {
        p.out += " ";
        printDomain(p, at + 2, p.u16(at), false);
      }
      return;
    }
  }
}
