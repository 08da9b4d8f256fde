import { hex } from "../base/bytes.ts";
import { parseIpv4, parseMac, formatIpv4, formatMac, type Ipv4, type Mac } from "../wire/address.ts";
import * as arpWire from "../wire/arp.ts";
import * as eth from "../wire/ethernet.ts";
import * as icmpWire from "../wire/icmp.ts";
import * as ip from "../wire/ipv4.ts";
import * as tcpWire from "../wire/tcp.ts";
import * as udpWire from "../wire/udp.ts";
import * as vxlanWire from "../wire/vxlan.ts";

/**
 * Composable checks on a frame, layer by layer (in the manner of gVisor's checker package). A check looks only at
 * what it is asked about; that a header is whole and its checksum right is always asked.
 *
 *     checkFrame(frame, ethernet({ dst: "aa:00:00:00:00:02" }), ipv4({ src: "10.0.0.1", ttl: 63 }), icmp({ type: 8 }))
 */

/** Where the next layer stands, or what is wrong with this one. Lines are `field: expected X, got Y`. */
type Step = { readonly next: Span } | { readonly wrong: readonly string[] };

/** A stretch of a frame and, below a transport, the addresses its checksum covers. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly src?: Ipv4;
  readonly dst?: Ipv4;
}

export interface LayerCheck {
  readonly layer: string;
  readonly run: (b: Uint8Array, span: Span) => Step;
}

/** Text of everything that differs, or undefined when the frame is as expected. */
export function mismatch(frame: Uint8Array, checks: readonly LayerCheck[]): string | undefined {
  let span: Span = { from: 0, to: frame.length };
  for (const [i, check] of checks.entries()) {
    const step = check.run(frame, span);
    if ("wrong" in step) {
      const lines = step.wrong.map((w) => `  ${w}`).join("\n");
      return `layer ${i + 1} (${check.layer}) at byte ${span.from}:\n${lines}\nframe: ${hex(frame)}`;
    }
    span = step.next;
  }
  return undefined;
}

/** Throws with the text of `mismatch` when the frame is missing or not as expected. */
export function checkFrame(frame: Uint8Array | undefined, ...checks: readonly LayerCheck[]): void {
  const wrong = frame === undefined ? "there is no frame" : mismatch(frame, checks);
  if (wrong !== undefined) throw new Error(wrong);
}

/** Collects the differences of one layer. */
class Differences {
  readonly lines: string[] = [];

  /** Compares when something was expected; `show` makes both sides readable. */
  is<T>(field: string, expected: T | undefined, got: T, show: (v: T) => string = String): void {
    if (expected !== undefined && expected !== got)
      this.lines.push(`${field}: expected ${show(expected)}, got ${show(got)}`);
  }

  fault(reason: string | undefined): boolean {
    if (reason !== undefined) this.lines.push(`not a legal header: ${reason}`);
    return reason !== undefined;
  }

  step(next: Span): Step {
    return this.lines.length > 0 ? { wrong: this.lines } : { next };
  }
}

function ipOf(a: Ipv4 | string | undefined): Ipv4 | undefined {
  if (typeof a !== "string") return a;
  const parsed = parseIpv4(a);
  if (parsed === undefined) throw new Error(`bug in the test: ${a} is no IPv4 address`);
  return parsed;
}

function macOf(a: Mac | string | undefined): Mac | undefined {
  if (typeof a !== "string") return a;
  const parsed = parseMac(a);
  if (parsed === undefined) throw new Error(`bug in the test: ${a} is no Ethernet address`);
  return parsed;
}

const hex16 = (v: number): string => `0x${v.toString(16).padStart(4, "0")}`;

export interface EthernetExpectation {
  readonly dst?: Mac | string;
  readonly src?: Mac | string;
  readonly type?: number;
}

export function ethernet(e: EthernetExpectation = {}): LayerCheck {
  return {
    layer: "ethernet",
    run: (b, { from, to }) => {
      const d = new Differences();
      if (to - from < eth.ETHERNET_HEADER) return { wrong: ["not a legal header: truncated"] };
      d.is("dst", macOf(e.dst), eth.ethDest(b, from), formatMac);
      d.is("src", macOf(e.src), eth.ethSource(b, from), formatMac);
      d.is("type", e.type, eth.ethType(b, from), hex16);
      return d.step({ from: from + eth.ETHERNET_HEADER, to });
    },
  };
}

export interface ArpExpectation {
  readonly operation?: number;
  readonly senderMac?: Mac | string;
  readonly senderIp?: Ipv4 | string;
  readonly targetMac?: Mac | string;
  readonly targetIp?: Ipv4 | string;
}

export function arp(e: ArpExpectation = {}): LayerCheck {
  return {
    layer: "arp",
    run: (b, { from, to }) => {
      const d = new Differences();
      if (d.fault(arpWire.arpFault(b, from, to))) return { wrong: d.lines };
      d.is("operation", e.operation, arpWire.arpOperation(b, from));
      d.is("senderMac", macOf(e.senderMac), arpWire.arpSenderMac(b, from), formatMac);
      d.is("senderIp", ipOf(e.senderIp), arpWire.arpSenderIp(b, from), formatIpv4);
      d.is("targetMac", macOf(e.targetMac), arpWire.arpTargetMac(b, from), formatMac);
      d.is("targetIp", ipOf(e.targetIp), arpWire.arpTargetIp(b, from), formatIpv4);
      return d.step({ from: from + arpWire.ARP_LENGTH, to });
    },
  };
}

export interface Ipv4Expectation {
  readonly src?: Ipv4 | string;
  readonly dst?: Ipv4 | string;
  readonly ttl?: number;
  readonly protocol?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** In bytes. */
  readonly fragmentOffset?: number;
  readonly totalLength?: number;
  /** The packet stands in an ICMP error and may be cut short: the total length is not held against the bytes there. */
  readonly quoted?: boolean;
}

export function ipv4(e: Ipv4Expectation = {}): LayerCheck {
  return {
    layer: "ipv4",
    run: (b, { from, to }) => {
      const d = new Differences();
      const fault = ip.ipv4Fault(b, from, to);
      const cut = e.quoted === true && fault === "truncated" && to - from >= ip.IPV4_HEADER;
      if (!cut && d.fault(fault)) return { wrong: d.lines };
      const [src, dst] = [ip.ipv4Source(b, from), ip.ipv4Dest(b, from)];
      const total = ip.ipv4TotalLength(b, from);
      d.is("src", ipOf(e.src), src, formatIpv4);
      d.is("dst", ipOf(e.dst), dst, formatIpv4);
      d.is("ttl", e.ttl, ip.ipv4Ttl(b, from));
      d.is("protocol", e.protocol, ip.ipv4Protocol(b, from));
      d.is("tos", e.tos, ip.ipv4Tos(b, from));
      d.is("id", e.id, ip.ipv4Id(b, from));
      d.is("dontFragment", e.dontFragment, ip.ipv4DontFragment(b, from));
      d.is("moreFragments", e.moreFragments, ip.ipv4MoreFragments(b, from));
      d.is("fragmentOffset", e.fragmentOffset, ip.ipv4FragmentOffset(b, from));
      d.is("totalLength", e.totalLength, total);
      const body = { from: from + ip.ipv4HeaderLength(b, from), to: Math.min(to, from + total) };
      // A piece or a quotation does not hold the whole segment, so its checksum proves nothing.
      const whole = e.quoted !== true && !ip.ipv4IsFragment(b, from);
      return d.step(whole ? { ...body, src, dst } : body);
    },
  };
}

export interface IcmpExpectation {
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  readonly sequence?: number;
  readonly mtu?: number;
  readonly gateway?: Ipv4 | string;
}

export function icmp(e: IcmpExpectation = {}): LayerCheck {
  return {
    layer: "icmp",
    run: (b, { from, to, src }) => {
      const d = new Differences();
      const fault = icmpWire.icmpFault(b, from, to);
      if ((src !== undefined || fault !== "bad-checksum") && d.fault(fault)) return { wrong: d.lines };
      d.is("type", e.type, icmpWire.icmpType(b, from));
      d.is("code", e.code, icmpWire.icmpCode(b, from));
      d.is("id", e.id, icmpWire.icmpEchoId(b, from));
      d.is("sequence", e.sequence, icmpWire.icmpEchoSequence(b, from));
      d.is("mtu", e.mtu, icmpWire.icmpMtu(b, from));
      d.is("gateway", ipOf(e.gateway), icmpWire.icmpGateway(b, from), formatIpv4);
      return d.step({ from: from + icmpWire.ICMP_HEADER, to });
    },
  };
}

export interface UdpExpectation {
  readonly sourcePort?: number;
  readonly destPort?: number;
  /** Header and data, in bytes. */
  readonly length?: number;
  /** Asked as a number only to see that there is none: 0. */
  readonly checksum?: number;
}

export function udp(e: UdpExpectation = {}): LayerCheck {
  return {
    layer: "udp",
    run: (b, { from, to, src, dst }) => {
      const d = new Differences();
      const whole = src !== undefined && dst !== undefined;
      if (to - from < udpWire.UDP_HEADER) return { wrong: ["not a legal header: truncated"] };
      if (whole && d.fault(udpWire.udpFault(b, from, to))) return { wrong: d.lines };
      if (whole && !udpWire.udpChecksumOk(b, from, src, dst)) d.lines.push("checksum is wrong");
      d.is("sourcePort", e.sourcePort, udpWire.udpSourcePort(b, from));
      d.is("destPort", e.destPort, udpWire.udpDestPort(b, from));
      d.is("length", e.length, udpWire.udpLength(b, from));
      d.is("checksum", e.checksum, udpWire.udpChecksum(b, from), hex16);
      return d.step({ from: from + udpWire.UDP_HEADER, to: whole ? from + udpWire.udpLength(b, from) : to });
    },
  };
}

export interface TcpExpectation {
  readonly sourcePort?: number;
  readonly destPort?: number;
  readonly sequence?: number;
  readonly ack?: number;
  /** tcpdump's letters, such as `S.`, or the bits. */
  readonly flags?: string | number;
  readonly window?: number;
}

export function tcp(e: TcpExpectation = {}): LayerCheck {
  return {
    layer: "tcp",
    run: (b, { from, to, src, dst }) => {
      const d = new Differences();
      const whole = src !== undefined && dst !== undefined;
      if (d.fault(tcpWire.tcpFault(b, from, to))) return { wrong: d.lines };
      if (whole && !tcpWire.tcpChecksumOk(b, from, to, src, dst)) d.lines.push("checksum is wrong");
      const flags = typeof e.flags === "number" ? tcpWire.tcpFlagsText(e.flags) : e.flags;
      d.is("sourcePort", e.sourcePort, tcpWire.tcpSourcePort(b, from));
      d.is("destPort", e.destPort, tcpWire.tcpDestPort(b, from));
      d.is("sequence", e.sequence, tcpWire.tcpSequence(b, from));
      d.is("ack", e.ack, tcpWire.tcpAck(b, from));
      d.is("flags", flags, tcpWire.tcpFlagsText(tcpWire.tcpFlags(b, from)));
      d.is("window", e.window, tcpWire.tcpWindow(b, from));
      return d.step({ from: from + tcpWire.tcpHeaderLength(b, from), to });
    },
  };
}

export function vxlan(e: { readonly vni?: number } = {}): LayerCheck {
  return {
    layer: "vxlan",
    run: (b, { from, to }) => {
      const d = new Differences();
      if (d.fault(vxlanWire.vxlanFault(b, from, to))) return { wrong: d.lines };
      d.is("vni", e.vni, vxlanWire.vxlanVni(b, from));
      return d.step({ from: from + vxlanWire.VXLAN_HEADER, to });
    },
  };
}

/** What is left: its length, its bytes, or its bytes as text. */
export function payload(
  e: { readonly length?: number; readonly bytes?: Uint8Array; readonly text?: string } = {},
): LayerCheck {
  return {
    layer: "payload",
    run: (b, { from, to }) => {
      const d = new Differences();
      const rest = b.subarray(from, to);
      d.is("length", e.length, rest.length);
      if (e.bytes !== undefined) d.is("bytes", hex(e.bytes), hex(rest));
      if (e.text !== undefined)
        d.is("text", JSON.stringify(e.text), JSON.stringify(String.fromCharCode(...rest)));
      return d.step({ from: to, to });
    },
  };
}
