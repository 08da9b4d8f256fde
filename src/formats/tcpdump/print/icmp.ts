import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { internetChecksum } from "../../../wire/checksum.ts";
import { printIp, repaired } from "./ip.ts";
import { hexNumber, type Printer } from "./printer.ts";

/** Internet Control Message Protocol (RFC 792, 950, 1191, 1256, 1812). */

const HEADER = 8;
const UNREACHABLE = 3;
const ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** Names of messages that have no more to say. */
const PLAIN: ReadonlyMap<number, string> = new Map([
  [4, "source quench"],
  [10, "router solicitation"],
  [15, "information request"],
  [16, "information reply"],
  [17, "address mask request"],
]);

/** By code of "unreachable", with the destination at `%`. */
const UNREACHABLE_TEXTS: readonly string[] = [
  "net % unreachable",
  "host % unreachable",
  "",
  "",
  "",
  "% unreachable - source route failed",
  "net % unreachable - unknown",
  "host % unreachable - unknown",
  "% unreachable - source host isolated",
  "net % unreachable - admin prohibited",
  "host % unreachable - admin prohibited",
  "net % unreachable - tos prohibited",
  "host % unreachable - tos prohibited",
  "host % unreachable - admin prohibited filter",
  "host % unreachable - host precedence violation",
  "host % unreachable - precedence cutoff",
];

export function printIcmp(p: Printer, o: number, length: number, fragment: boolean): void {
  p.protocol = "icmp";
  const type = p.u8(o);
  const text = messageText(p, o, type, p.u8(o + 1));
  p.out += `ICMP ${text}, length ${length}`;
  if (p.verbose === 0 || fragment) return;
  if (!p.options.noChecksums && p.has(o, length)) {
    const rest = internetChecksum(p.bytes, o, o + length);
    const given = p.u16(o + 2);
    if (rest !== 0)
      p.out += ` (wrong icmp cksum ${hexNumber(given)} (->${hexNumber(repaired(given, rest))})!)`;
  }
  if (ERRORS.has(type) && p.has(o, HEADER + 1)) printQuoted(p, o + HEADER);
}

/** The packet that an error is about. It was cut off by the sender of the error, which is nothing to complain about. */
function printQuoted(p: Printer, o: number): void {
  p.out += "\n\t";
  printIp(p, o, p.u16(o + 2));
}

function messageText(p: Printer, o: number, type: number, code: number): string {
  switch (type) {
    case 0:
    case 8:
      return `echo ${type === 8 ? "request" : "reply"}, id ${p.u16(o + 4)}, seq ${p.u16(o + 6)}`;
    case UNREACHABLE:
      return unreachableText(p, o, code);
    case 5: {
      const [what, to] = redirectWords(code);
      return `${what} ${p.ipv4(o + HEADER + 16)} ${to}${p.ipv4(o + 4)}`;
    }
    case 9:
      return routersText(p, o);
    case 11:
      if (code === 0) return "time exceeded in-transit";
      return code === 1 ? "ip reassembly time exceeded" : `time exceeded-#${code}`;
    case 12:
      return `parameter problem - ${code === 0 ? `octet ${p.u8(o + 4)}` : `code ${code}`}`;
    case 13:
      return `time stamp query id ${p.u16(o + 4)} seq ${p.u16(o + 6)}`;
    case 14: {
      const times = [8, 12, 16].map((at) => timeOfDay(p.u32(o + at)));
      return `time stamp reply id ${p.u16(o + 4)} seq ${p.u16(o + 6)}: org ${times[0]}, recv ${times[1]}, xmit ${times[2]}`;
    }
    case 18:
      return `address mask is 0x${hexNumber(p.u32(o + 8), 8)}`;
    default:
      return PLAIN.get(type) ?? `type-#${type}`;
  }
}

function redirectWords(code: number): readonly [string, string] {
  const known = [
    ["redirect", "to net "],
    ["redirect", "to host "],
    ["redirect-tos", "to net "],
    ["redirect-tos", "to host "],
  ] as const;
  return known[code] ?? [`redirect-#${code}`, "to "];
}

function unreachableText(p: Printer, o: number, code: number): string {
  const inner = o + HEADER;
  const destination = p.ipv4(inner + 16);
  switch (code) {
    case 2:
      return `${destination} protocol ${p.u8(inner + 9)} unreachable`;
    case 3:
      return `${destination} ${portText(p, inner)} unreachable`;
    case 4: {
      const mtu = p.u16(o + 6);
      return `${destination} unreachable - need to frag${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
    }
    default:
      return (UNREACHABLE_TEXTS[code] ?? `% unreachable - #${code}`).replace("%", destination);
  }
}

function portText(p: Printer, inner: number): string {
  const at = inner + (p.u8(inner) & 15) * 4;
  const port = p.u16(at + 2);
  const protocol = p.u8(inner + 9);
  if (protocol === 6) return `tcp port ${p.port("tcp", port)}`;
  if (protocol === 17) return `udp port ${p.port("udp", port)}`;
  return `protocol ${protocol} port ${port}`;
}

/** RFC 1256. */
function routersText(p: Printer, o: number): string {
  const [count, size, lifetime] = [p.u8(o + 4), p.u8(o + 5), p.u16(o + 6)];
  let text = "router advertisement lifetime ";
  const two = (n: number): string => String(n).padStart(2, "0");
  if (lifetime < 60) text += String(lifetime);
  else if (lifetime < 3600) text += `${Math.floor(lifetime / 60)}:${two(lifetime % 60)}`;
  else
    text += `${Math.floor(lifetime / 3600)}:${two(Math.floor((lifetime % 3600) / 60))}:${two(lifetime % 60)}`;
  text += ` ${count}:`;
  if (size !== 2) return `${text} [size ${size}]`;
  for (let i = 0; i < count; i++) {
    const at = o + HEADER + 8 * i;
    text += ` {${formatIpv4(p.u32(at) as Ipv4)} ${p.u32(at + 4)}}`;
  }
  return text;
}

/** Milliseconds since midnight. */
function timeOfDay(value: number): string {
  const seconds = Math.floor(value / 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  return `${clock}.${String(value % 1000).padStart(3, "0")}`;
}
