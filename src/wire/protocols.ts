import type { Result } from "../base/result.ts";
import { arpSummary, decodeArp, encodeArp } from "./arp.ts";
import { bgpSummary, decodeBgp, encodeBgp } from "./bgp.ts";
import { decodeDns, dnsSummary, encodeDns } from "./dns.ts";
import { decodeEsp, encodeEsp, espSummary } from "./esp.ts";
import { decodeEthernet, encodeEthernet, ethernetSummary } from "./ethernet.ts";
import { decodeGre, encodeGre, greSummary } from "./gre.ts";
import { decodeHttp, encodeHttp, httpSummary, type HttpHead } from "./http.ts";
import { decodeHttp2Frame, encodeHttp2Frame, type Http2Frame, http2Summary } from "./http2.ts";
import { decodeIcmp, encodeIcmp, icmpSummary } from "./icmp.ts";
import { decodeIcmpv6, encodeIcmpv6, icmpv6Summary } from "./icmpv6.ts";
import { decodeIpv4, encodeIpv4, ipv4Summary } from "./ipv4.ts";
import { decodeIpv6, encodeIpv6, ipv6Summary } from "./ipv6.ts";
import { decodePcap, encodePcap, pcapSummary } from "./pcap.ts";
import { decodePcapng, encodePcapng, pcapngSummary } from "./pcapng.ts";
import { decodeTcp, encodeTcp, tcpSummary } from "./tcp.ts";
import { decodeTls, encodeTlsRecord, tlsSummary } from "./tls.ts";
import { decodeUdp, encodeUdp, udpSummary } from "./udp.ts";
import { decodeVlan, encodeVlan, vlanSummary } from "./vlan.ts";
import { decodeVxlan, encodeVxlan, vxlanSummary } from "./vxlan.ts";

/** What every protocol file offers for its legal values, under one shape whatever their type. */
export interface Protocol {
  readonly name: string;
  readonly decode: (b: Uint8Array) => Result<Readable, string>;
}

/** A decoded value, its line, and the way back to bytes. */
export interface Readable {
  readonly value: unknown;
  readonly summary: string;
  readonly encode: () => Uint8Array;
}

function protocol<T>(
  name: string,
  decode: (b: Uint8Array) => Result<T, string>,
  encode: (value: T) => Uint8Array,
  summary: (value: T) => string,
): Protocol {
  return {
    name,
    decode: (b) => {
      const read = decode(b);
      if (!read.ok) return read;
      const value = read.value;
      return { ok: true, value: { value, summary: summary(value), encode: () => encode(value) } };
    },
  };
}

function decodeHttp2(b: Uint8Array): Result<Http2Frame, string> {
  const read = decodeHttp2Frame(b);
  if (read === undefined) return { ok: false, error: "truncated" };
  return read === "oversized" ? { ok: false, error: "oversized" } : { ok: true, value: read.frame };
}

function decodeHttpHead(b: Uint8Array): Result<HttpHead, string> {
  const read = decodeHttp(b);
  return read.ok ? { ok: true, value: read.value.head } : read;
}

/** Every protocol and file format of this layer; a new one is one more line. */
export const PROTOCOLS: readonly Protocol[] = [
  protocol("arp", decodeArp, encodeArp, arpSummary),
  protocol("bgp", decodeBgp, encodeBgp, bgpSummary),
  protocol("dns", decodeDns, encodeDns, dnsSummary),
  protocol("esp", decodeEsp, encodeEsp, espSummary),
  protocol("ethernet", decodeEthernet, encodeEthernet, ethernetSummary),
  protocol("gre", decodeGre, encodeGre, greSummary),
  protocol("http", decodeHttpHead, encodeHttp, httpSummary),
  protocol("http2", decodeHttp2, encodeHttp2Frame, http2Summary),
  protocol("icmp", decodeIcmp, encodeIcmp, icmpSummary),
  protocol("icmpv6", decodeIcmpv6, encodeIcmpv6, icmpv6Summary),
  protocol("ipv4", decodeIpv4, encodeIpv4, ipv4Summary),
  protocol("ipv6", decodeIpv6, encodeIpv6, ipv6Summary),
  protocol("pcap", decodePcap, encodePcap, pcapSummary),
  protocol("pcapng", decodePcapng, encodePcapng, pcapngSummary),
  protocol("tcp", decodeTcp, encodeTcp, tcpSummary),
  protocol("tls", decodeTls, encodeTlsRecord, tlsSummary),
  protocol("udp", decodeUdp, encodeUdp, udpSummary),
  protocol("vlan", decodeVlan, encodeVlan, vlanSummary),
  protocol("vxlan", decodeVxlan, encodeVxlan, vxlanSummary),
];
