import { getU16, getU32 } from "../../base/bytes.ts";
import { formatIpv4 } from "../address.ts";
import { formatIpv6 } from "../address6.ts";
import * as ip from "../ipv4.ts";
import * as ip6 from "../ipv6.ts";
import {
  bitNames,
  checksumText,
  cutShort,
  field,
  hexText,
  type Addresses,
  type Dissector,
  type Field,
  type LayerName,
  type Next,
  type Span,
} from "./layer.ts";

/** Dissectors of the network layer: IPv4 and IPv6. */

const PROTOCOLS: ReadonlyMap<number, LayerName> = new Map<number, LayerName>([
  [ip.IPPROTO_ICMP, "icmp"],
  [ip.IPPROTO_IPIP, "ipv4"],
  [ip.IPPROTO_TCP, "tcp"],
  [ip.IPPROTO_UDP, "udp"],
  [ip.IPPROTO_IPV6, "ipv6"],
  [ip.IPPROTO_GRE, "gre"],
  [ip.IPPROTO_ESP, "esp"],
  [ip.IPPROTO_ICMPV6, "icmpv6"],
]);

/** What follows an IP header; another IP header means a tunnel. A later fragment is the middle of something. */
function follows(
  protocol: number,
  from: number,
  to: number,
  addresses: Addresses,
  fragment: "no" | "first" | "later",
): Next {
  const layer = fragment === "later" ? "payload" : (PROTOCOLS.get(protocol) ?? "payload");
  const deeper = layer === "ipv4" || layer === "ipv6";
  if (fragment !== "no") return { protocol: layer, from, to, deeper, partial: true };
  return { protocol: layer, from, to, deeper, addresses };
}

const IPV4_FLAGS = [
  [ip.IPV4_DF, "Don't fragment"],
  [ip.IPV4_MF, "More fragments"],
] as const;

function ipv4Fields(b: Uint8Array, o: number, headerLength: number): Field[] {
  const protocol = ip.ipv4Protocol(b, o);
  const tos = ip.ipv4Tos(b, o);
  const list = [
    field("ipv4.version", "Version", 4, o, 1),
    field("ipv4.header_length", "Header Length", headerLength, o, 1),
    field("ipv4.dscp", "Differentiated Services Codepoint", tos >>> 2, o + 1, 1),
    field("ipv4.ecn", "Explicit Congestion Notification", tos & 3, o + 1, 1),
    field("ipv4.total_length", "Total Length", ip.ipv4TotalLength(b, o), o + 2, 2),
    field("ipv4.id", "Identification", hexText(ip.ipv4Id(b, o), 4), o + 4, 2),
    field("ipv4.flags", "Flags", bitNames(ip.ipv4Flags(b, o), IPV4_FLAGS), o + 6, 1),
    field("ipv4.fragment_offset", "Fragment Offset", ip.ipv4FragmentOffset(b, o), o + 6, 2),
    field("ipv4.ttl", "Time to Live", ip.ipv4Ttl(b, o), o + 8, 1),
    field("ipv4.protocol", "Protocol", `${ip.ipProtocolName(protocol)} (${protocol})`, o + 9, 1),
    field(
      "ipv4.checksum",
      "Header Checksum",
      checksumText(ip.ipv4Checksum(b, o), ip.ipv4ChecksumOk(b, o)),
      o + 10,
      2,
    ),
    field("ipv4.src", "Source Address", formatIpv4(ip.ipv4Source(b, o)), o + 12, 4),
    field("ipv4.dst", "Destination Address", formatIpv4(ip.ipv4Dest(b, o)), o + 16, 4),
  ];
  const options = headerLength - ip.IPV4_HEADER;
  if (options > 0)
    list.push(field("ipv4.options", "Options", `${options} bytes`, o + ip.IPV4_HEADER, options));
  return list;
}

function ipv4Line(b: Uint8Array, o: number): string {
  const offset = ip.ipv4FragmentOffset(b, o);
  const more = ip.ipv4MoreFragments(b, o);
  const piece = offset > 0 || more ? `, id ${ip.ipv4Id(b, o)}, offset ${offset}${more ? "+" : ""}` : "";
  const df = ip.ipv4DontFragment(b, o) ? ", DF" : "";
  const between = `${formatIpv4(ip.ipv4Source(b, o))} > ${formatIpv4(ip.ipv4Dest(b, o))}`;
  const protocol = ip.ipProtocolName(ip.ipv4Protocol(b, o));
  return `IP ${between}: ${protocol}, ttl ${ip.ipv4Ttl(b, o)}${df}${piece}, length ${ip.ipv4TotalLength(b, o)}`;
}

export const dissectIpv4: Dissector = ({ b, from, to, partial }) => {
  if (to - from < ip.IPV4_HEADER) return cutShort("IPv4 header", ip.IPV4_HEADER, to - from);
  const version = ip.ipv4Version(b, from);
  if (version !== 4) return { missing: `IPv4 header with version ${version}` };
  const headerLength = ip.ipv4HeaderLength(b, from);
  if (headerLength < ip.IPV4_HEADER)
    return { missing: `IPv4 header that claims to be ${headerLength} bytes` };
  if (from + headerLength > to) return cutShort("IPv4 options", headerLength, to - from);
  const total = ip.ipv4TotalLength(b, from);
  if (total < headerLength) {
    return { missing: `IPv4 total length of ${total} bytes, less than the header's ${headerLength}` };
  }
  const cut = from + total > to && !partial;
  const fragment =
    ip.ipv4FragmentOffset(b, from) > 0 ? "later" : ip.ipv4MoreFragments(b, from) ? "first" : "no";
  const end = Math.min(to, from + total);
  const addresses = { version: 4, at: from + 12 } as const;
  return {
    length: headerLength,
    summary: ipv4Line(b, from),
    fields: ipv4Fields(b, from, headerLength),
    next: follows(ip.ipv4Protocol(b, from), from + headerLength, end, addresses, fragment),
    ...(cut ? { cut: cutShort("IPv4 packet", total, to - from).missing } : {}),
  };
};

const EXTENSIONS: ReadonlyMap<number, string> = new Map([
  [ip6.IPPROTO_HOPOPTS, "Hop-by-Hop Options"],
  [ip6.IPPROTO_ROUTING, "Routing Header"],
  [ip6.IPPROTO_FRAGMENT, "Fragment Header"],
  [ip6.IPPROTO_DSTOPTS, "Destination Options"],
]);

/** The chain of extension headers: their fields, the transport after them and where it stands. */
interface Chain {
  readonly fields: readonly Field[];
  readonly transport: number;
  readonly at: number;
  readonly fragment: "no" | "first" | "later";
  readonly cut?: string;
}

function extensions(b: Uint8Array, o: number, to: number): Chain {
  const fields: Field[] = [];
  let kind = ip6.ipv6NextHeader(b, o);
  let at = o + ip6.IPV6_HEADER;
  let fragment: Chain["fragment"] = "no";
  while (ip6.isIpv6Extension(kind) && fragment !== "later") {
    const label = EXTENSIONS.get(kind) ?? "Extension";
    const length = to - at < 8 ? 8 : ip6.ipv6ExtensionLength(b, at, kind);
    if (at + length > to) {
      const cut = cutShort(`IPv6 ${label}`, length, to - at).missing;
      return { fields, transport: ip6.IPPROTO_NONE, at: to, fragment, cut };
    }
    if (kind === ip6.IPPROTO_FRAGMENT) {
      const word = getU16(b, at + 2);
      fragment = word >>> 3 > 0 ? "later" : (word & 1) === 1 ? "first" : "no";
      const value = `offset ${word & 0xfff8}, id ${hexText(getU32(b, at + 4), 8)}`;
      fields.push(field("ipv6.fragment", label, value, at, length));
    } else fields.push(field("ipv6.extension", label, `${length} bytes`, at, length));
    kind = b[at]!;
    at += length;
  }
  return { fields, transport: kind, at, fragment };
}

function ipv6Fields(b: Uint8Array, o: number): Field[] {
  const next = ip6.ipv6NextHeader(b, o);
  const name = EXTENSIONS.get(next) ?? ip.ipProtocolName(next);
  return [
    field("ipv6.version", "Version", 6, o, 1),
    field("ipv6.traffic_class", "Traffic Class", hexText(ip6.ipv6TrafficClass(b, o), 2), o, 2),
    field("ipv6.flow_label", "Flow Label", hexText(ip6.ipv6FlowLabel(b, o), 5), o + 1, 3),
    field("ipv6.payload_length", "Payload Length", ip6.ipv6PayloadLength(b, o), o + 4, 2),
    field("ipv6.next_header", "Next Header", `${name} (${next})`, o + 6, 1),
    field("ipv6.hop_limit", "Hop Limit", ip6.ipv6HopLimit(b, o), o + 7, 1),
    field("ipv6.src", "Source Address", formatIpv6(ip6.ipv6Source(b, o)), o + 8, 16),
    field("ipv6.dst", "Destination Address", formatIpv6(ip6.ipv6Dest(b, o)), o + 24, 16),
  ];
}

export const dissectIpv6: Dissector = ({ b, from, to, partial }: Span) => {
  if (to - from < ip6.IPV6_HEADER) return cutShort("IPv6 header", ip6.IPV6_HEADER, to - from);
  const version = ip6.ipv6Version(b, from);
  if (version !== 6) return { missing: `IPv6 header with version ${version}` };
  const length = ip6.ipv6PayloadLength(b, from);
  const end = Math.min(to, from + ip6.IPV6_HEADER + length);
  const chain = extensions(b, from, end);
  const short = from + ip6.IPV6_HEADER + length > to;
  const cut = short ? cutShort("IPv6 packet", ip6.IPV6_HEADER + length, to - from).missing : chain.cut;
  const between = `${formatIpv6(ip6.ipv6Source(b, from))} > ${formatIpv6(ip6.ipv6Dest(b, from))}`;
  const transport = ip.ipProtocolName(chain.transport);
  const addresses = { version: 6, at: from + 8 } as const;
  return {
    length: chain.at - from,
    summary: `IP6 ${between}: ${transport}, hlim ${ip6.ipv6HopLimit(b, from)}, length ${length}`,
    fields: [...ipv6Fields(b, from), ...chain.fields],
    next: follows(chain.transport, chain.at, end, addresses, chain.fragment),
    ...(cut !== undefined && !partial ? { cut } : {}),
  };
};
