import { getU16, getU32 } from "../../../../base/bytes.ts";
import { formatIpv4, formatMac, type Ipv4, readMac } from "../../../../wire/address.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../../../wire/ipv4.ts";
import { ipv6ExtensionLength, isIpv6Extension } from "../../../../wire/ipv6.ts";
import type { XtTarget } from "../../../uapi/index.ts";
import type { PacketView } from "../view.ts";

/** Bits of a LOG rule's flags. Models: NF_LOG_*. */
const LOG_TCP_SEQUENCE = 1;
const LOG_TCP_OPTIONS = 2;
const LOG_IP_OPTIONS = 4;
const LOG_UID = 8;
const LOG_MAC = 32;

const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;
/** The order in which the kernel prints them. */
const TCP_FLAG_ORDER = [7, 6, 5, 4, 3, 2, 1, 0] as const;

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

function hexBytes(b: Uint8Array, from: number, to: number, separator: string): string {
  return Array.from(b.subarray(from, to), (x) => x.toString(16).padStart(2, "0")).join(separator);
}

/** The line that LOG writes to the kernel's log. Models: nf_log_ip_packet, nf_log_ip6_packet. */
export function logLine(v: PacketView, target: Extract<XtTarget, { kind: "LOG" }>): string {
  const { flags } = target;
  const { in: inDev, out: outDev } = v.state;
  let s = `${target.prefix}IN=${inDev?.name ?? ""} OUT=${outDev?.name ?? ""} `;
  if (v.skb.physIn !== null) s += `PHYSIN=${v.skb.physIn.name} `;
  if (v.skb.physOut !== null) s += `PHYSOUT=${v.skb.physOut.name} `;
  if (inDev !== null) s += macText(v, flags);
  s += v.v6 ? packet6(v.b, v.net, v.end, flags, true) : packet4(v.b, v.net, v.end, flags, true);
  if ((flags & LOG_UID) !== 0 && v.skb.socket > 0) s += "UID=0 GID=0 ";
  if (v.skb.mark !== 0) s += `MARK=0x${v.skb.mark.toString(16)} `;
  return s;
}

function macText(v: PacketView, flags: number): string {
  const { skb, b, net } = v;
  const there = skb.mac + 14 <= net && skb.mac < net && skb.mac > 0;
  if ((flags & LOG_MAC) !== 0 && there) {
    const source = formatMac(readMac(b, skb.mac + 6));
    const dest = formatMac(readMac(b, skb.mac));
    return `MACSRC=${source} MACDST=${dest} MACPROTO=${hexBytes(b, skb.mac + 12, skb.mac + 14, "")} `;
  }
  return `MAC=${there ? hexBytes(b, skb.mac, skb.mac + 14, ":") : ""} `;
}

/** Models: dump_ipv4_packet. */
function packet4(b: Uint8Array, net: number, end: number, flags: number, outer: boolean): string {
  if (end - net < 20) return "TRUNCATED";
  const tos = b[net + 1]!;
  const piece = getU16(b, net + 6);
  const l4 = net + ((b[net]! & 15) << 2);
  let s =
    `SRC=${formatIpv4(getU32(b, net + 12) as Ipv4)} DST=${formatIpv4(getU32(b, net + 16) as Ipv4)} ` +
    `LEN=${getU16(b, net + 2)} TOS=0x${hex(tos & 0x1e, 2)} PREC=0x${hex(tos & 0xe0, 2)} ` +
    `TTL=${b[net + 8]!} ID=${getU16(b, net + 4)} `;
  if ((piece & 0x8000) !== 0) s += "CE ";
  if ((piece & 0x4000) !== 0) s += "DF ";
  if ((piece & 0x2000) !== 0) s += "MF ";
  const offset = piece & 0x1fff;
  if (offset !== 0) s += `FRAG:${offset} `;
  if ((flags & LOG_IP_OPTIONS) !== 0 && l4 > net + 20)
    s += `OPT (${hexBytes(b, net + 20, l4, "").toUpperCase()}) `;
  const protocol = b[net + 9]!;
  if (protocol === IPPROTO_ICMP) return s + icmp4(b, l4, end, flags, offset !== 0, outer);
  return s + transport(b, l4, end, protocol, flags, offset !== 0);
}

/** Models: dump_ipv6_packet; extension headers are passed over. */
function packet6(b: Uint8Array, net: number, end: number, flags: number, outer: boolean): string {
  if (end - net < 40) return "TRUNCATED";
  const first = getU32(b, net);
  const s =
    `SRC=${fullIpv6(b, net + 8)} DST=${fullIpv6(b, net + 24)} LEN=${getU16(b, net + 4) + 40} ` +
    `TC=${(first >>> 20) & 0xff} HOPLIMIT=${b[net + 7]!} FLOWLBL=${first & 0xfffff} `;
  let protocol = b[net + 6]!;
  let l4 = net + 40;
  while (isIpv6Extension(protocol) && l4 + 8 <= end) {
    const next = b[l4]!;
    l4 += ipv6ExtensionLength(b, l4, protocol);
    protocol = next;
  }
  return (
    s +
    (protocol === IPPROTO_ICMPV6
      ? icmp6(b, l4, end, flags, outer)
      : transport(b, l4, end, protocol, flags, false))
  );
}

function icmp6(b: Uint8Array, l4: number, end: number, flags: number, outer: boolean): string {
  if (end - l4 < 8) return `PROTO=ICMPv6 INCOMPLETE [${end - l4} bytes] `;
  const type = b[l4]!;
  let s = `PROTO=ICMPv6 TYPE=${type} CODE=${b[l4 + 1]!} `;
  if (type === 128 || type === 129) s += `ID=${getU16(b, l4 + 4)} SEQ=${getU16(b, l4 + 6)} `;
  if (type === 4)
    s += `POINTER=${getU32(b, l4 + 4)
      .toString(16)
      .padStart(8, "0")} `;
  if (outer && type >= 1 && type <= 4) s += `[${packet6(b, l4 + 8, end, flags, false)}] `;
  if (outer && type === 2) s += `MTU=${getU32(b, l4 + 4)} `;
  return s;
}

/** All eight groups of four digits. Models: %pI6. */
function fullIpv6(b: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    getU16(b, at + 2 * i)
      .toString(16)
      .padStart(4, "0"),
  );
  return groups.join(":");
}

function transport(
  b: Uint8Array,
  l4: number,
  end: number,
  protocol: number,
  flags: number,
  fragment: boolean,
): string {
  if (protocol === IPPROTO_TCP) return fragment ? "PROTO=TCP " : tcp(b, l4, end, flags);
  if (protocol === IPPROTO_UDP) {
    if (fragment) return "PROTO=UDP ";
    if (end - l4 < 8) return `PROTO=UDP INCOMPLETE [${end - l4} bytes] `;
    return `PROTO=UDP SPT=${getU16(b, l4)} DPT=${getU16(b, l4 + 2)} LEN=${getU16(b, l4 + 4)} `;
  }
  return `PROTO=${protocol} `;
}

/** Models: nf_log_dump_tcp_header. */
function tcp(b: Uint8Array, l4: number, end: number, flags: number): string {
  if (end - l4 < 20) return `PROTO=TCP INCOMPLETE [${end - l4} bytes] `;
  let s = `PROTO=TCP SPT=${getU16(b, l4)} DPT=${getU16(b, l4 + 2)} `;
  if ((flags & LOG_TCP_SEQUENCE) !== 0) s += `SEQ=${getU32(b, l4 + 4)} ACK=${getU32(b, l4 + 8)} `;
  s += `WINDOW=${getU16(b, l4 + 14)} RES=0x${hex((b[l4 + 12]! & 15) << 2, 2)} `;
  for (const bit of TCP_FLAG_ORDER) if ((b[l4 + 13]! & (1 << bit)) !== 0) s += `${TCP_FLAGS[bit]} `;
  s += `URGP=${getU16(b, l4 + 18)} `;
  const header = (b[l4 + 12]! >>> 4) << 2;
  if ((flags & LOG_TCP_OPTIONS) !== 0 && header > 20)
    s += `OPT (${hexBytes(b, l4 + 20, Math.min(l4 + header, end), "").toUpperCase()}) `;
  return s;
}

function icmp4(
  b: Uint8Array,
  l4: number,
  end: number,
  flags: number,
  fragment: boolean,
  outer: boolean,
): string {
  if (fragment) return "PROTO=ICMP ";
  if (end - l4 < 8) return `PROTO=ICMP INCOMPLETE [${end - l4} bytes] `;
  const type = b[l4]!;
  const code = b[l4 + 1]!;
  let s = `PROTO=ICMP TYPE=${type} CODE=${code} `;
  if (type === 0 || type === 8) s += `ID=${getU16(b, l4 + 4)} SEQ=${getU16(b, l4 + 6)} `;
  if (type === 12) s += `PARAMETER=${getU32(b, l4 + 4) >>> 24} `;
  if (type === 5) s += `GATEWAY=${formatIpv4(getU32(b, l4 + 4) as Ipv4)} `;
  if (outer && (type === 3 || type === 4 || type === 5 || type === 11 || type === 12)) {
    s += `[${packet4(b, l4 + 8, end, flags, false)}] `;
    if (type === 3 && code === 4) s += `MTU=${getU16(b, l4 + 6)} `;
  }
  return s;
}
