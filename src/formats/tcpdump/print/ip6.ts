import { protocolText } from "./ip.ts";
import { type IpHeader, printPayload } from "./payload.ts";
import { hexNumber, type Printer } from "./printer.ts";

/** Internet Protocol version 6 with its extension headers (RFC 8200). */

const HEADER = 40;
const [HOP_BY_HOP, ROUTING, FRAGMENT, NO_NEXT, DESTINATION] = [0, 43, 44, 59, 60];
const OWN_ADDRESSES: ReadonlySet<number> = new Set([6, 17, 33, 132]);

/** The table of names does not hold these two. */
function nextHeaderText(protocol: number): string {
  return protocol === NO_NEXT || protocol === DESTINATION ? `unknown (${protocol})` : protocolText(protocol);
}

export function printIp6(p: Printer, o: number, length: number): void {
  p.protocol = "ip6";
  if (length < HEADER) {
    p.truncated();
    return;
  }
  p.need(o, HEADER);
  if (!p.options.link) p.out += "IP6 ";
  const first = p.u32(o);
  if (first >>> 28 !== 6) {
    p.out += `version error: ${first >>> 28} != 6`;
    return;
  }
  const size = p.u16(o + 4);
  const total = size + HEADER;
  if (length < total) p.out += `truncated-ip6 - ${total - length} bytes missing!`;
  const protocol = p.u8(o + 6);
  if (p.verbose > 0) p.out += headerText(p, o, first, protocol, size);
  const end = p.end;
  if (o + total < p.end) p.end = o + total;
  if (!OWN_ADDRESSES.has(protocol)) p.out += `${p.ipv6(o + 8)} > ${p.ipv6(o + 24)}: `;
  printChain(p, { version: 6, at: o, protocol }, o + HEADER, size);
  p.end = end;
}

function headerText(p: Printer, o: number, first: number, protocol: number, size: number): string {
  const [tclass, label] = [(first >>> 20) & 0xff, first & 0xfffff];
  let text = "(";
  if (tclass !== 0) text += `class 0x${hexNumber(tclass, 2)}, `;
  if (label !== 0) text += `flowlabel 0x${hexNumber(label, 5)}, `;
  return `${text}hlim ${p.u8(o + 7)}, next-header ${nextHeaderText(protocol)} payload length: ${size}) `;
}

/** Extension headers up to what they announce. */
function printChain(p: Printer, header: IpHeader, from: number, size: number): void {
  let next = header.protocol;
  let at = from;
  let fragment = false;
  const left = (): number => size - (at - from);
  for (;;) {
    switch (next) {
      case HOP_BY_HOP:
      case DESTINATION:
        p.protocol = next === HOP_BY_HOP ? "hbhopt" : "dstopt";
        p.out += next === HOP_BY_HOP ? "HBH " : "DSTOPT ";
        p.out += optionsText(p, at);
        break;
      case ROUTING:
        p.refuse("IPv6 routing headers");
        break;
      case FRAGMENT: {
        p.protocol = "frag6";
        const offset = p.u16(at + 2);
        const id = p.verbose > 0 ? `0x${hexNumber(p.u32(at + 4), 8)}:` : "";
        p.out += `frag (${id}${offset & 0xfff8}|${left() - 8})`;
        if ((offset & 0xfff8) !== 0) return;
        p.out += " ";
        fragment = true;
        break;
      }
      case NO_NEXT:
        p.out += "no next header";
        return;
      default:
        printPayload(p, { protocol: next, at, length: left(), header, fragment });
        return;
    }
    const extension = next === FRAGMENT ? 8 : (p.u8(at + 1) + 1) * 8;
    next = p.u8(at);
    at += extension;
  }
}

const OPTIONS: ReadonlyMap<number, (p: Printer, o: number) => string> = new Map([
  [5, (p: Printer, o: number) => `(rtalert: 0x${hexNumber(p.u16(o + 2), 4)})`],
]);

/** With `-v`, the options of a hop-by-hop or destination header. */
function optionsText(p: Printer, at: number): string {
  const end = at + (p.u8(at + 1) + 1) * 8;
  p.need(at, end - at);
  if (p.verbose === 0) return "";
  const parts: string[] = [];
  for (let o = at + 2; o < end;) {
    const type = p.u8(o);
    if (type === 0) {
      parts.push("(pad1)");
      o++;
      continue;
    }
    const length = p.u8(o + 1);
    if (type === 1) parts.push("(padn)");
    else parts.push(OPTIONS.get(type)?.(p, o) ?? `(opt_type 0x${hexNumber(type, 2)}: len=${length})`);
    o += 2 + length;
  }
  return joinOptions(parts);
}

/** tcpdump puts a blank behind known options, none behind unknown ones and single pads. */
function joinOptions(parts: readonly string[]): string {
  const spaced = parts.map((part) => (part.startsWith("(rtalert") ? `${part} ` : part));
  return `${spaced.join("")} `;
}
