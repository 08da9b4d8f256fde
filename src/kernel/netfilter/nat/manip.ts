import { getU16, getU32, setU16 } from "../../../base/bytes.ts";
import { checksumAdjust16, checksumAdjust32, crc32c } from "../../../wire/checksum.ts";
import {
  setIpv4Dest,
  setIpv4Source,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from "../../../wire/ipv4.ts";
import { formatIpv6, type Ipv6 } from "../../../wire/address6.ts";
import { ipv4 } from "../../../wire/address.ts";
import type { Netns } from "../../netns.ts";
import type { Skb } from "../../skb.ts";
import { NF_IP, type NfFamily } from "../hooks.ts";
import { IpView } from "../packet.ts";
import { type Manip, MANIP_SRC } from "./range.ts";

/** The address and port that a packet is to carry on one side. */
export interface Endpoint {
  readonly address: number;
  readonly port: number;
}

const view = new IpView();

/** Whether the quoted header of an ICMP error is meant, whose checksums nobody need trust. */
interface Part {
  readonly net: number;
  readonly inner: boolean;
}

/**
 * Rewrites one side of the packet whose IP header is at `net`, with all checksums that cover it.
 * Models: nf_nat_manip_pkt.
 */
export function manipulate(
  ns: Netns,
  skb: Skb,
  family: NfFamily,
  part: Part,
  to: Endpoint,
  manip: Manip,
): void {
  const { buf } = skb;
  if (!view.look(ns.kernel.addresses, family, buf, part.net, skb.end)) return;
  const { l4, protocol } = view;
  const old = manip === MANIP_SRC ? view.src : view.dst;
  if (!view.fragment) rewritePort(ns, skb, protocol, l4, to.port, manip, part.inner);
  if (old === to.address) return;
  const at = checksumAt(protocol, l4, skb.end);
  const covered = !view.fragment && at !== 0 && !(protocol === IPPROTO_UDP && getU16(buf, at) === 0);
  if (family === NF_IP) {
    if (covered && protocol !== IPPROTO_ICMP) {
      let sum = checksumAdjust32(getU16(buf, at), old, to.address);
      if (sum === 0 && protocol === IPPROTO_UDP) sum = 0xffff;
      setU16(buf, at, sum);
    }
    if (manip === MANIP_SRC) setIpv4Source(buf, part.net, ipv4(to.address));
    else setIpv4Dest(buf, part.net, ipv4(to.address));
  } else rewriteAddress6(ns, skb, part.net + (manip === MANIP_SRC ? 8 : 24), to.address, covered ? at : 0);
  if (part.inner || ns.kernel.trace === null) return;
  const field = manip === MANIP_SRC ? "src" : "dst";
  if (family === NF_IP) ns.kernel.trace.rewrite(ns.id, skb.id, field, old, to.address);
  else ns.kernel.trace.rewriteText(ns.id, skb.id, field, text6(ns, old), text6(ns, to.address));
}

function text6(ns: Netns, address: number): string {
  return formatIpv6(ns.kernel.addresses.groups(address) as readonly number[] as Ipv6);
}

function rewriteAddress6(ns: Netns, skb: Skb, at: number, address: number, sumAt: number): void {
  const bytes = ns.kernel.addresses.bytes(address);
  const { buf } = skb;
  if (sumAt !== 0) {
    let sum = getU16(buf, sumAt);
    for (let i = 0; i < 16; i += 4) sum = checksumAdjust32(sum, getU32(buf, at + i), getU32(bytes, i));
    setU16(buf, sumAt, sum === 0 ? 0xffff : sum);
  }
  buf.set(bytes, at);
}

/** Where the transport checksum stands; 0 when there is none, or it is cut off (in a quoted packet). */
function checksumAt(protocol: number, l4: number, end: number): number {
  const at =
    protocol === IPPROTO_TCP
      ? l4 + 16
      : protocol === IPPROTO_UDP
        ? l4 + 6
        : protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6
          ? l4 + 2
          : 0;
  return at !== 0 && at + 2 <= end ? at : 0;
}

function rewritePort(
  ns: Netns,
  skb: Skb,
  protocol: number,
  l4: number,
  port: number,
  manip: Manip,
  inner: boolean,
): void {
  let at: number;
  switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_SCTP:
      at = manip === MANIP_SRC ? l4 : l4 + 2;
      break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      at = l4 + 4;
      break;
    default:
      return;
  }
  const { buf } = skb;
  if (at + 2 > skb.end) return;
  const old = getU16(buf, at);
  if (old === port) return;
  if ((protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) && !hasId(protocol, buf[l4]!)) return;
  const sumAt = checksumAt(protocol, l4, skb.end);
  if (sumAt !== 0 && !(protocol === IPPROTO_UDP && getU16(buf, sumAt) === 0)) {
    let sum = checksumAdjust16(getU16(buf, sumAt), old, port);
    if (sum === 0 && protocol === IPPROTO_UDP) sum = 0xffff;
    setU16(buf, sumAt, sum);
  }
  setU16(buf, at, port);
  if (protocol === IPPROTO_SCTP && !inner && l4 + 12 <= skb.end) setSctpChecksum(buf, l4, skb.end);
  if (inner || ns.kernel.trace === null) return;
  const field =
    protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6
      ? "icmp-id"
      : manip === MANIP_SRC
        ? "sport"
        : "dport";
  ns.kernel.trace.rewrite(ns.id, skb.id, field, old, port);
}

function setSctpChecksum(b: Uint8Array, l4: number, end: number): void {
  b.fill(0, l4 + 8, l4 + 12);
  const sum = crc32c(b, l4, end);
  for (let i = 0; i < 4; i++) b[l4 + 8 + i] = sum >>> (8 * i);
}

function hasId(protocol: number, type: number): boolean {
  if (protocol === IPPROTO_ICMPV6) return type === 128 || type === 129;
  return type === 0 || type === 8 || (type >= 13 && type <= 18);
}
