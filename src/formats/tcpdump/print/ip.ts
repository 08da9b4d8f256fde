import { internetChecksum } from "../../../wire/checksum.ts";
import { printPayload } from "./payload.ts";
import { bitNames, hexNumber, type Printer } from "./printer.ts";

/** Internet Protocol version 4 (RFC 791). */

const HEADER = 20;
const ECN = ["", ",ECT(1)", ",ECT(0)", ",CE"];

const FLAGS = [
  [0x2000, "+"],
  [0x4000, "DF"],
  [0x8000, "rsvd"],
] as const;

/** tcpdump's names of protocols; others are "unknown". */
const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "Options"],
  [1, "ICMP"],
  [2, "IGMP"],
  [4, "IPIP"],
  [6, "TCP"],
  [8, "EGP"],
  [9, "IGRP"],
  [17, "UDP"],
  [33, "DCCP"],
  [41, "IPv6"],
  [43, "Routing"],
  [44, "Fragment"],
  [46, "RSVP"],
  [47, "GRE"],
  [50, "ESP"],
  [51, "AH"],
  [55, "Mobile IP"],
  [58, "ICMPv6"],
  [88, "EIGRP"],
  [89, "OSPF"],
  [103, "PIM"],
  [108, "Compressed IP"],
  [112, "VRRP"],
  [113, "PGM"],
  [132, "SCTP"],
  [135, "Mobility"],
]);

export function protocolText(protocol: number): string {
  return `${PROTOCOL_NAMES.get(protocol) ?? "unknown"} (${protocol})`;
}

/** The packet at `o`, of which `length` bytes belong to it on the wire. */
export function printIp(p: Printer, o: number, length: number): void {
  p.protocol = "ip";
  const first = p.u8(o);
  if (first >>> 4 !== 4) {
    p.out += first >>> 4 === 6 ? "IP6 wrong link-layer encapsulation? " : `IP${first >>> 4} `;
    p.out += "(invalid)";
    return;
  }
  if (!p.options.link) p.out += "IP ";
  p.need(o, HEADER);
  const headerLength = (first & 15) * 4;
  const total = p.u16(o + 2);
  if (length < HEADER) p.out += `truncated-ip ${length}`;
  else if (headerLength < HEADER) p.out += `bad-hlen ${headerLength}`;
  else {
    if (length < total) p.out += `truncated-ip - ${total - length} bytes missing! `;
    if (total < headerLength) p.out += `bad-len ${total}`;
    else printValid(p, o, headerLength, total);
  }
}

function printValid(p: Printer, o: number, headerLength: number, total: number): void {
  const end = p.end;
  if (o + total < p.end) p.end = o + total;
  const fragment = p.u16(o + 6);
  const protocol = p.u8(o + 9);
  if (p.verbose > 0) p.out += `${headerText(p, o, headerLength, total, fragment, protocol)}\n    `;
  const offset = (fragment & 0x1fff) * 8;
  const source = p.ipv4(o + 12);
  const destination = p.ipv4(o + 16);
  if (offset > 0) {
    const name = p.options.names.protocol(protocol);
    p.out += `${source} > ${destination}: ${name ?? `ip-proto-${protocol}`}`;
    p.end = end;
    return;
  }
  const payload = {
    protocol,
    at: o + headerLength,
    length: total - headerLength,
    header: { version: 4, at: o, protocol } as const,
    addresses: { source, destination },
    fragment: (fragment & 0x2000) !== 0,
  };
  if (protocol !== 6 && protocol !== 17 && protocol !== 132) p.out += `${source} > ${destination}: `;
  printPayload(p, payload);
  p.end = end;
}

function headerText(
  p: Printer,
  o: number,
  headerLength: number,
  total: number,
  fragment: number,
  protocol: number,
): string {
  const tos = p.u8(o + 1);
  const ttl = p.u8(o + 8);
  let text = `(tos 0x${hexNumber(tos)}${ECN[tos & 3]!}`;
  if (ttl > 0) text += `, ttl ${ttl}`;
  text += `, id ${p.u16(o + 4)}, offset ${(fragment & 0x1fff) * 8}, flags [${bitNames(fragment, FLAGS)}]`;
  text += `, proto ${protocolText(protocol)}, length ${total}`;
  if (headerLength > HEADER) text += `, options (${optionsText(p, o + HEADER, o + headerLength)})`;
  if (!p.options.noChecksums && p.has(o, headerLength)) {
    const sum = internetChecksum(p.bytes, o, o + headerLength);
    const given = p.u16(o + 10);
    if (sum !== 0) text += `, bad cksum ${hexNumber(given)} (->${hexNumber(repaired(given, sum))})!`;
  }
  return `${text})`;
}

/** The checksum that should stand where `given` stands, when summing up everything left `rest`. */
export function repaired(given: number, rest: number): number {
  const sum = given + rest;
  return sum > 0xffff ? sum - 0xffff : sum;
}

const OPTION_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "EOL"],
  [1, "NOP"],
  [7, "RR"],
  [68, "timestamp"],
  [130, "security"],
  [131, "LSRR"],
  [137, "SSRR"],
  [148, "RA"],
]);

function optionsText(p: Printer, from: number, to: number): string {
  const parts: string[] = [];
  for (let o = from; o < to;) {
    const type = p.u8(o);
    const name = OPTION_NAMES.get(type) ?? `unknown ${type}`;
    if (type < 2) {
      parts.push(name);
      if (type === 0) break;
      o++;
      continue;
    }
    const length = o + 1 < to ? p.u8(o + 1) : 0;
    if (length < 2 || o + length > to) return [...parts, `${name} [bad length ${length}]`].join(",");
    if (type === 7 || type === 131 || type === 137) parts.push(name + routeText(p, o, length));
    else if (type === 68) p.refuse("the IP timestamp option");
    else parts.push(name);
    o += length;
  }
  return parts.join(",");
}

/** The addresses of a record or source route; the pointer counts from the option's first byte, from 1. */
function routeText(p: Printer, o: number, length: number): string {
  const pointer = p.u8(o + 2) - 1;
  let text = "";
  for (let i = 3; i + 4 <= length; i += 4) text += ` ${p.ipv4(o + i)}${pointer > i ? "," : ""}`;
  return text;
}
