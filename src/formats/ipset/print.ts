import type { IpsetElement, IpsetInfo, IpsetPart } from "../../kernel/uapi/index.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import { formatIpv6, type Ipv6 } from "../../wire/address6.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import { protocolName } from "../protocols.ts";
import { icmpText } from "./icmp.ts";

/** Sets as `ipset list` and `ipset save` print them. */

function addressText(address: Ipv4 | Ipv6): string {
  return typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
}

export function partText(part: IpsetPart, set: Pick<IpsetInfo, "type">): string {
  switch (part.kind) {
    case "set":
      return part.name;
    case "address":
      return addressText(part.address);
    case "net": {
      const host = part.length === (typeof part.address === "number" ? 32 : 128);
      return host ? addressText(part.address) : `${addressText(part.address)}/${part.length}`;
    }
    case "port": {
      if (set.type === "bitmap:port") return String(part.port);
      const name = protocolName(part.protocol) ?? String(part.protocol);
      const icmp = part.protocol === IPPROTO_ICMP || part.protocol === IPPROTO_ICMPV6;
      return `${name}:${icmp ? icmpText(part.port, part.protocol === IPPROTO_ICMPV6) : part.port}`;
    }
  }
}

export function keyText(parts: readonly IpsetPart[], set: Pick<IpsetInfo, "type">): string {
  return parts.map((part) => partText(part, set)).join(",");
}

export function elementText(element: IpsetElement, set: IpsetInfo): string {
  let s = keyText(element.parts, set);
  if (element.timeout !== undefined) s += ` timeout ${element.timeout}`;
  if (element.nomatch === true) s += " nomatch";
  if (element.packets !== undefined) s += ` packets ${element.packets} bytes ${element.bytes ?? 0}`;
  if (element.comment !== undefined) s += ` comment "${element.comment}"`;
  return s;
}

/** Buckets of the table: a power of two, 64 at least. */
function hashSize(wanted: number | undefined): number {
  let size = 64;
  while (size < (wanted ?? 1024)) size *= 2;
  return size;
}

function headerText(set: IpsetInfo): string {
  const words: string[] = [];
  const hash = set.type.startsWith("hash:");
  if (hash)
    words.push(`family ${set.family} hashsize ${hashSize(set.hashsize)} maxelem ${set.maxelem ?? 65536}`);
  if (set.range !== undefined) {
    const end = (n: number): string => (set.type === "bitmap:ip" ? formatIpv4(n as Ipv4) : String(n));
    words.push(`range ${end(set.range.from)}-${end(set.range.to)}`);
  }
  if (set.type === "list:set") words.push(`size ${set.size ?? 8}`);
  if (set.netmask !== undefined) words.push(`netmask ${set.netmask}`);
  if (set.timeout !== undefined) words.push(`timeout ${set.timeout}`);
  if (set.counters === true) words.push("counters");
  if (set.comment === true) words.push("comment");
  if (set.skbinfo === true) words.push("skbinfo");
  if (hash)
    words.push(`bucketsize ${set.bucketsize ?? 12} initval 0x${set.initval.toString(16).padStart(8, "0")}`);
  return words.join(" ");
}

export interface ListStyle {
  readonly sorted: boolean;
  readonly terse: boolean;
}

export function listText(set: IpsetInfo, style: ListStyle): string {
  const head =
    `Name: ${set.name}\nType: ${set.type}\nRevision: ${set.revision}\nHeader: ${headerText(set)}\n` +
    `Size in memory: ${set.memory}\nReferences: ${set.references}\nNumber of entries: ${set.elements.length}\n`;
  if (style.terse) return head;
  const members = membersOf(set, style.sorted).map((element) => `${elementText(element, set)}\n`);
  return `${head}Members:\n${members.join("")}`;
}

export function saveText(set: IpsetInfo, style: ListStyle): string {
  const head = `create ${set.name} ${set.type} ${headerText(set)}\n`;
  if (style.terse) return head;
  const members = membersOf(set, style.sorted).map(
    (element) => `add ${set.name} ${elementText(element, set)}\n`,
  );
  return head + members.join("");
}

function membersOf(set: IpsetInfo, sorted: boolean): readonly IpsetElement[] {
  if (!sorted || set.type === "list:set") return set.elements;
  return [...set.elements].sort((a, b) => compareParts(a.parts, b.parts, set));
}

function compareParts(a: readonly IpsetPart[], b: readonly IpsetPart[], set: IpsetInfo): number {
  for (const [d, part] of a.entries()) {
    const order = comparePart(part, b[d]!, set);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: IpsetPart, b: IpsetPart, set: IpsetInfo): number {
  if (a.kind === "port" && b.kind === "port") {
    // ICMP types have names, which do not count.
    if (a.protocol === b.protocol)
      return a.protocol === IPPROTO_ICMP || a.protocol === IPPROTO_ICMPV6 ? 0 : a.port - b.port;
    const [left, right] = [partText(a, set), partText(b, set)].map((text) => text.split(":")[0]!);
    return left!.length - right!.length || (left! < right! ? -1 : 1);
  }
  if (a.kind === "set" || b.kind === "set" || a.kind === "port" || b.kind === "port") return 0;
  const order = compareAddress(a.address, b.address);
  if (order !== 0) return order;
  // Prefix lengths by their text, the single address first.
  const [left, right] = [partText(a, set), partText(b, set)];
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareAddress(a: Ipv4 | Ipv6, b: Ipv4 | Ipv6): number {
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
