import { transportSum } from "./checksum.ts";
import { hexDump } from "./hexdump.ts";
import { repaired } from "./ip.ts";
import { printNdOptions } from "./ndisc.ts";
import type { IpHeader } from "./payload.ts";
import { bitNames, hexNumber, type Printer } from "./printer.ts";

/** Internet Control Message Protocol for IPv6 (RFC 4443), neighbour discovery (RFC 4861), listener discovery (RFC 2710, 3810). */

const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "destination unreachable"],
  [2, "packet too big"],
  [3, "time exceeded in-transit"],
  [4, "parameter problem"],
  [128, "echo request"],
  [129, "echo reply"],
  [130, "multicast listener query"],
  [131, "multicast listener report"],
  [132, "multicast listener done"],
  [133, "router solicitation"],
  [134, "router advertisement"],
  [135, "neighbor solicitation"],
  [136, "neighbor advertisement"],
  [137, "redirect"],
  [143, "multicast listener report v2"],
]);

/** Types of whose neighbours tcpdump says more than we do. */
const NOT_PRINTED: ReadonlySet<number> = new Set([138, 139, 140, 141, 142, 144, 145, 146, 147, 200, 201]);

/** Messages that name their length at once when `-v` is given. */
const LENGTH_FIRST: ReadonlySet<number> = new Set([133, 134, 135, 136, 137]);

export function printIcmp6(p: Printer, o: number, length: number, header: IpHeader, fragment: boolean): void {
  p.protocol = "icmp6";
  p.need(o, p.verbose > 0 ? 4 : 1);
  if (p.verbose > 0 && !fragment && !p.options.noChecksums && p.has(o, length)) {
    const rest = transportSum(p, header, 58, o, length);
    const given = p.u16(o + 2);
    p.out +=
      rest === 0
        ? "[icmp6 sum ok] "
        : `[bad icmp6 cksum 0x${hexNumber(given, 4)} -> 0x${hexNumber(repaired(given, rest), 4)}!] `;
  }
  const type = p.u8(o);
  const name = TYPES.get(type);
  if (NOT_PRINTED.has(type)) p.refuse(`ICMPv6 type ${type}`);
  p.out += `ICMP6, ${name ?? `unknown icmp6 type (${type})`}`;
  if (p.verbose > 0 && LENGTH_FIRST.has(type)) p.out += `, length ${length}`;
  const code = p.u8(o + 1);
  printBody(p, o, length, type, code);
  if (p.verbose === 0 && !(type === 1 && code > 4)) p.out += `, length ${length}`;
}

function printBody(p: Printer, o: number, length: number, type: number, code: number): void {
  switch (type) {
    case 1:
      printUnreachable(p, o, code);
      return;
    case 2:
      p.out += `, mtu ${p.u32(o + 4)}`;
      return;
    case 3:
      p.out += code === 0 ? ` for ${p.ipv6(o + 8 + 24)}` : code === 1 ? " (reassembly)" : ` (code ${code})`;
      return;
    case 4:
      p.out += `, ${PROBLEMS[code] ?? `code-#${code}`} - octet ${p.u32(o + 4)}`;
      return;
    case 128:
    case 129:
      p.out += `, id ${p.u16(o + 4)}, seq ${p.u16(o + 6)}`;
      return;
    case 130:
      if (length > 24) printQuery(p, o);
      else printOldListener(p, o);
      return;
    case 131:
    case 132:
      printOldListener(p, o);
      return;
    case 143:
      printReport(p, o);
      return;
    default:
      printDiscovery(p, o, length, type);
  }
}

const PROBLEMS = ["erroneous", "next header", "option", "incomplete header chain"];

function printUnreachable(p: Printer, o: number, code: number): void {
  const inner = o + 8;
  const to = p.ipv6(inner + 24);
  switch (code) {
    case 0:
      p.out += `, unreachable route ${to}`;
      return;
    case 1:
      p.out += `,  unreachable prohibited ${to}`;
      return;
    case 2:
      p.out += `, beyond scope ${to}, source address ${p.ipv6(inner + 8)}`;
      return;
    case 3:
      p.out += `, unreachable address ${to}`;
      return;
    case 4: {
      const protocol = p.u8(inner + 6);
      const port = p.u16(inner + 42);
      if (protocol !== 6 && protocol !== 17) p.refuse("an unreachable port of another protocol");
      const name = protocol === 6 ? "tcp" : "udp";
      p.out += `, unreachable port, ${to} ${name} port ${p.port(name, port)}`;
      return;
    }
    default:
      p.out += `, unknown unreach code (${code})`;
      if (p.verbose < 2) p.out += hexDump(p.bytes, o, p.end, false);
  }
}

/** Router and neighbour discovery. */
function printDiscovery(p: Printer, o: number, length: number, type: number): void {
  const end = o + length;
  switch (type) {
    case 133:
      if (p.verbose > 0) printNdOptions(p, o + 8, end);
      return;
    case 134:
      if (p.verbose > 0) printRouter(p, o, end);
      return;
    case 135:
      p.out += `, who has ${p.ipv6(o + 8)}`;
      if (p.verbose > 0) printNdOptions(p, o + 24, end);
      return;
    case 136: {
      const flags = [
        [0x80, "router"],
        [0x40, "solicited"],
        [0x20, "override"],
      ] as const;
      p.out += `, tgt is ${p.ipv6(o + 8)}`;
      if (p.verbose === 0) return;
      p.out += `, Flags [${bitNames(p.u8(o + 4), flags)}]`;
      printNdOptions(p, o + 24, end);
      return;
    }
    case 137:
      p.out += `, ${p.ipv6(o + 24)} to ${p.ipv6(o + 8)}`;
      if (p.verbose > 0) printNdOptions(p, o + 40, end);
      return;
    default:
      p.refuse(`ICMPv6 type ${type}`);
  }
}

const PREFERENCES = ["medium", "high", "rsvd", "low"];

function printRouter(p: Printer, o: number, end: number): void {
  const flags = [
    [0x80, "managed"],
    [0x40, "other stateful"],
    [0x20, "home agent"],
  ] as const;
  p.out += `\n\thop limit ${p.u8(o + 4)}, Flags [${bitNames(p.u8(o + 5), flags)}]`;
  p.out += `, pref ${PREFERENCES[(p.u8(o + 5) >>> 3) & 3]}, router lifetime ${p.u16(o + 6)}s`;
  p.out += `, reachable time ${p.u32(o + 8)}ms, retrans timer ${p.u32(o + 12)}ms`;
  printNdOptions(p, o + 16, end);
}

function printOldListener(p: Printer, o: number): void {
  p.out += `max resp delay: ${p.u16(o + 4)} addr: ${p.ipv6(o + 8)}`;
}

/** The code of a v2 query is a floating-point number from 32768 on (RFC 3810, section 5.1.3). */
function printQuery(p: Printer, o: number): void {
  p.out += " v2";
  if (p.verbose > 0) {
    const code = p.u16(o + 4);
    const delay = code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3);
    p.out += ` [max resp delay=${delay}]`;
  }
  p.out += ` [gaddr ${p.ipv6(o + 8)}`;
  const flags = p.u8(o + 24);
  if (p.verbose > 0) {
    if ((flags & 8) !== 0) p.out += " sflag";
    if ((flags & 7) !== 0) p.out += ` robustness=${flags & 7}`;
    const interval = p.u8(o + 25);
    if (interval !== 0)
      p.out += ` qqi=${interval < 128 ? interval : ((interval & 15) | 16) << (((interval >>> 4) & 7) + 3)}`;
  }
  const count = p.u16(o + 26);
  if (count > 0) p.out += p.verbose > 1 ? sources(p, o + 28, count) : `, ${count} source(s)`;
  p.out += "]";
}

function sources(p: Printer, o: number, count: number): string {
  let text = " { ";
  for (let i = 0; i < count; i++) text += `${p.ipv6(o + 16 * i)} `;
  return `${text}}`;
}

const RECORDS = ["", "is_in", "is_ex", "to_in", "to_ex", "allow", "block"];

function printReport(p: Printer, o: number): void {
  const count = p.u16(o + 6);
  p.out += `, ${count} group record(s)`;
  if (p.verbose === 0) return;
  let at = o + 8;
  for (let i = 0; i < count; i++) {
    const number = p.u16(at + 2);
    p.out += ` [gaddr ${p.ipv6(at + 4)} ${RECORDS[p.u8(at)] ?? ""}`;
    p.out += p.verbose > 1 ? `${sources(p, at + 20, number)}]` : `, ${number} source(s)]`;
    at += 20 + 16 * number + 4 * p.u8(at + 1);
  }
}
