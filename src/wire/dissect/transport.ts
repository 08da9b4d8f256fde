import { internetChecksum } from "../checksum.ts";
import { DNS_PORT } from "../dns.ts";
import { getU16 } from "../../base/bytes.ts";
import { looksLikeBgp } from "../bgp.ts";
import { looksLikeHttp } from "../http.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../ipv4.ts";
import { looksLikeTls } from "../tls.ts";
import * as tcp from "../tcp.ts";
import { decodeTcpOptions, tcpOptionText } from "../tcp-options.ts";
import * as udp from "../udp.ts";
import { VXLAN_PORT, VXLAN_PORT_LINUX } from "../vxlan.ts";
import {
  checksumText,
  cutShort,
  field,
  pseudoSum,
  type Dissector,
  type Field,
  type Found,
  type LayerName,
  type Next,
  type Span,
} from "./layer.ts";

/** Dissectors of the transports: UDP and TCP. */

/** True, false, or undefined where the addresses or the end of the segment are not there. */
function checksumRight(
  { b, from, addresses, partial }: Span,
  end: number,
  protocol: number,
): boolean | undefined {
  if (addresses === undefined || partial) return undefined;
  return internetChecksum(b, from, end, pseudoSum(b, addresses, protocol, end - from)) === 0;
}

function layerOfUdp(source: number, dest: number): LayerName {
  if (dest === VXLAN_PORT || dest === VXLAN_PORT_LINUX) return "vxlan";
  return source === DNS_PORT || dest === DNS_PORT ? "dns" : "payload";
}

export const dissectUdp: Dissector = (s) => {
  const { b, from, to, partial } = s;
  if (to - from < udp.UDP_HEADER) return cutShort("UDP header", udp.UDP_HEADER, to - from);
  const length = udp.udpLength(b, from);
  if (length < udp.UDP_HEADER) return { missing: `UDP length of ${length} bytes, less than its header's 8` };
  const [source, dest] = [udp.udpSourcePort(b, from), udp.udpDestPort(b, from)];
  const sum = udp.udpChecksum(b, from);
  const cut = from + length > to;
  const end = Math.min(to, from + length);
  const right = cut ? undefined : checksumRight(s, end, IPPROTO_UDP);
  const body = from + udp.UDP_HEADER;
  return {
    length: udp.UDP_HEADER,
    summary: `UDP ${source} > ${dest}, length ${length - udp.UDP_HEADER}`,
    fields: [
      field("udp.srcport", "Source Port", source, from, 2),
      field("udp.dstport", "Destination Port", dest, from + 2, 2),
      field("udp.length", "Length", length, from + 4, 2),
      field("udp.checksum", "Checksum", sum === 0 ? "0x0000 [none]" : checksumText(sum, right), from + 6, 2),
    ],
    ...(body < end ? { next: { protocol: layerOfUdp(source, dest), from: body, to: end } } : {}),
    ...(cut && !partial ? { cut: cutShort("UDP datagram", length, to - from).missing } : {}),
  };
};

/** The first 8 bytes, which is all that an error of the old kind quotes (RFC 792). */
function tcpStump({ b, from }: Span): Found {
  const [source, dest] = [tcp.tcpSourcePort(b, from), tcp.tcpDestPort(b, from)];
  return {
    length: 8,
    summary: `TCP ${source} > ${dest}, the rest not quoted`,
    fields: [
      field("tcp.srcport", "Source Port", source, from, 2),
      field("tcp.dstport", "Destination Port", dest, from + 2, 2),
      field("tcp.seq", "Sequence Number", tcp.tcpSequence(b, from), from + 4, 4),
    ],
  };
}

function tcpFields(s: Span, headerLength: number): Field[] {
  const { b, from: o } = s;
  const sum = checksumText(tcp.tcpChecksum(b, o), checksumRight(s, s.to, IPPROTO_TCP));
  const list = [
    field("tcp.srcport", "Source Port", tcp.tcpSourcePort(b, o), o, 2),
    field("tcp.dstport", "Destination Port", tcp.tcpDestPort(b, o), o + 2, 2),
    field("tcp.seq", "Sequence Number", tcp.tcpSequence(b, o), o + 4, 4),
    field("tcp.ack", "Acknowledgment Number", tcp.tcpAck(b, o), o + 8, 4),
    field("tcp.header_length", "Header Length", headerLength, o + 12, 1),
    field("tcp.flags", "Flags", tcp.tcpFlagNames(tcp.tcpFlags(b, o)), o + 13, 1),
    field("tcp.window", "Window", tcp.tcpWindow(b, o), o + 14, 2),
    field("tcp.checksum", "Checksum", sum, o + 16, 2),
    field("tcp.urgent", "Urgent Pointer", getU16(b, o + 18), o + 18, 2),
  ];
  const options = decodeTcpOptions(b, o + tcp.TCP_HEADER, o + headerLength);
  let at = o + tcp.TCP_HEADER;
  if (!options.ok) list.push(field("tcp.option", "Option", "unreadable", at, o + headerLength - at));
  else {
    for (const option of options.value) {
      const length = option.kind === "nop" ? 1 : tcpOptionLength(b, at, o + headerLength);
      list.push(field("tcp.option", "Option", tcpOptionText(option), at, length));
      at += length;
    }
  }
  return list;
}

/** Bytes of the option at `at`, which is known to be legal; end-of-list takes all that is left. */
function tcpOptionLength(b: Uint8Array, at: number, end: number): number {
  return b[at] === 0 ? end - at : b[at + 1]!;
}

/** What the stream carries, as far as one segment tells. */
function tcpNext(s: Span, body: number, to: number): Next {
  const { b, from } = s;
  const dns = tcp.tcpSourcePort(b, from) === DNS_PORT || tcp.tcpDestPort(b, from) === DNS_PORT;
  // Over TCP a message follows its length (RFC 1035, section 4.2.2).
  if (dns && to - body > 2 && getU16(b, body) === to - body - 2)
    return { protocol: "dns", from: body + 2, to };
  if (looksLikeBgp(b, body, to)) return { protocol: "bgp", from: body, to };
  if (to - body >= 5 && looksLikeTls(b.subarray(body, to))) return { protocol: "tls", from: body, to };
  return { protocol: looksLikeHttp(b, body, to) ? "http" : "payload", from: body, to };
}

export const dissectTcp: Dissector = (s) => {
  const { b, from, to, partial } = s;
  if (partial && to - from >= 8 && to - from < tcp.TCP_HEADER) return tcpStump(s);
  if (to - from < tcp.TCP_HEADER) return cutShort("TCP header", tcp.TCP_HEADER, to - from);
  const headerLength = tcp.tcpHeaderLength(b, from);
  if (headerLength < tcp.TCP_HEADER) return { missing: `TCP header that claims to be ${headerLength} bytes` };
  if (from + headerLength > to) return cutShort("TCP options", headerLength, to - from);
  const body = from + headerLength;
  return {
    length: headerLength,
    summary: tcp.tcpLine(b, from, to - body),
    fields: tcpFields(s, headerLength),
    ...(body < to ? { next: tcpNext(s, body, to) } : {}),
  };
};
