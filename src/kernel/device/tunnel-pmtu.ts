import { getU16, setU32 } from "../../base/bytes.ts";
import { IPV4_BROADCAST, IPV4_ANY, isMulticast } from "../../wire/address.ts";
import {
  ETH_P_IP,
  ETH_P_IPV6,
  ethDest,
  ETHERNET_HEADER,
  ethSource,
  ethType,
  writeEthernet,
} from "../../wire/ethernet.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_HEADER,
  icmpIsError,
  setIcmpChecksum,
  writeIcmpHeader,
} from "../../wire/icmp.ts";
import { ICMPV6_PKT_TOOBIG, icmpv6IsError, setIcmpv6Checksum } from "../../wire/icmpv6.ts";
import {
  IPPROTO_ICMP,
  IPV4_DF,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  writeIpv4Header,
} from "../../wire/ipv4.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const IPPROTO_ICMPV6 = 58;
const IPV6_HOP_LIMIT = 64;
/** What every host must be able to take: an error is no longer (RFC 1812, section 4.3.2.3; RFC 4443, section 2.4). */
const MOST = 576;
const MOST6 = 1280;

/**
 * A tunnel that is a bridge's port has no sender of its own to tell that the frame in `skb` is too big, nor a route to
 * it: it answers, in the name of whom the frame was for, what is longer than `mtu`. The answer stands at its Ethernet header; undefined where the
 * frame may be cut, or must not be answered. Models: skb_tunnel_check_pmtu, iptunnel_pmtud_check_icmp.
 */
export function tooBigAnswer(ns: Netns, skb: Skb, mtu: number): Skb | undefined {
  const net = skb.data + ETHERNET_HEADER;
  const type = ethType(skb.buf, skb.data);
  if (type === ETH_P_IP) return mayAnswer(skb, net, mtu) ? answer(ns, skb, net, mtu) : undefined;
  if (type === ETH_P_IPV6) return mayAnswer6(skb, net, mtu) ? answer6(ns, skb, net, mtu) : undefined;
  return undefined;
}

function mayAnswer({ buf, end }: Skb, net: number, mtu: number): boolean {
  if (mtu < MOST || getU16(buf, net + 6) !== IPV4_DF) return false;
  const source = ipv4Source(buf, net);
  const dest = ipv4Dest(buf, net);
  if (isMulticast(dest) || dest === IPV4_BROADCAST) return false;
  if (source === IPV4_ANY || source >>> 24 === 127 || isMulticast(source) || source === IPV4_BROADCAST)
    return false;
  const at = net + ipv4HeaderLength(buf, net);
  return ipv4Protocol(buf, net) !== IPPROTO_ICMP || (at < end && !icmpIsError(buf[at]!));
}

/** A frame back to who sent the one in `about`, with room for `length` bytes behind its Ethernet header. */
function frameBack(ns: Netns, about: Skb, length: number, type: number): Skb {
  const skb = ns.kernel.alloc(ns, ETHERNET_HEADER + length, "icmp-error", "", about.id);
  skb.end = skb.data + ETHERNET_HEADER + length;
  writeEthernet(skb.buf, skb.data, ethSource(about.buf, about.data), ethDest(about.buf, about.data), type);
  skb.mark = about.mark;
  return skb;
}

/** Models: iptunnel_pmtud_build_icmp. */
function answer(ns: Netns, about: Skb, net: number, mtu: number): Skb {
  const quoted = Math.min(about.end - net, MOST - IPV4_HEADER - ICMP_HEADER);
  const length = IPV4_HEADER + ICMP_HEADER + quoted;
  const skb = frameBack(ns, about, length, ETH_P_IP);
  const { buf } = skb;
  const ip = skb.data + ETHERNET_HEADER;
  const [to, from] = [ipv4Source(about.buf, net), ipv4Dest(about.buf, net)];
  writeIpv4Header(buf, ip, length, 0, IPV4_DF, ns.ipv4.defaultTtl, IPPROTO_ICMP, from, to);
  const icmp = ip + IPV4_HEADER;
  writeIcmpHeader(buf, icmp, ICMP_DEST_UNREACH, 4, mtu);
  buf.set(about.buf.subarray(net, net + quoted), icmp + ICMP_HEADER);
  setIcmpChecksum(buf, icmp, skb.end);
  return skb;
}

function mayAnswer6({ buf, end }: Skb, net: number, mtu: number): boolean {
  if (mtu < MOST6 || buf[net + 24] === 0xff || buf[net + 8] === 0xff) return false;
  if (getU16(buf, net + 8) === 0) return false;
  const at = net + IPV6_HEADER;
  return buf[net + 6] !== IPPROTO_ICMPV6 || (at < end && !icmpv6IsError(buf[at]!));
}

/** Models: iptunnel_pmtud_build_icmpv6. */
function answer6(ns: Netns, about: Skb, net: number, mtu: number): Skb {
  const quoted = Math.min(about.end - net, MOST6 - IPV6_HEADER - ICMP_HEADER);
  const skb = frameBack(ns, about, IPV6_HEADER + ICMP_HEADER + quoted, ETH_P_IPV6);
  const { buf } = skb;
  const ip = skb.data + ETHERNET_HEADER;
  setU32(buf, ip, 6 << 28);
  setU32(buf, ip + 4, (((ICMP_HEADER + quoted) << 16) | (IPPROTO_ICMPV6 << 8) | IPV6_HOP_LIMIT) >>> 0);
  buf.set(about.buf.subarray(net + 24, net + 40), ip + 8);
  buf.set(about.buf.subarray(net + 8, net + 24), ip + 24);
  const icmp = ip + IPV6_HEADER;
  writeIcmpHeader(buf, icmp, ICMPV6_PKT_TOOBIG, 0, mtu);
  buf.set(about.buf.subarray(net, net + quoted), icmp + ICMP_HEADER);
  setIcmpv6Checksum(buf, icmp, skb.end, ip + 8);
  return skb;
}
