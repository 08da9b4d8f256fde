import { getU16, setU16 } from "../../../../base/bytes.ts";
import type { Ipv4 } from "../../../../wire/address.ts";
import {
  checksumAdjust16,
  internetChecksum,
  pseudoHeaderSum,
  pseudoHeaderSum6,
} from "../../../../wire/checksum.ts";
import { IPPROTO_TCP, setIpv4Tos, setIpv4TotalLength, setIpv4Ttl } from "../../../../wire/ipv4.ts";
import { tcpHeaderLength } from "../../../../wire/tcp.ts";
import { routeOutput } from "../../../ipv4/route.ts";
import type { XtTarget } from "../../../uapi/index.ts";
import { tosOf } from "../match/transport.ts";
import { reverseMtu6 } from "../ipv6.ts";
import type { PacketView } from "../view.ts";

/** Targets that rewrite a header and go on. */
type Change = (v: PacketView) => void;

/** Models: ttl_tg, hl_tg6. */
export function ttlChange(target: Extract<XtTarget, { kind: "TTL" | "HL" }>): Change {
  const { op, value } = target;
  return (v) => {
    const at = v.net + (v.v6 ? 7 : 8);
    const before = v.b[at]!;
    const wanted = op === "set" ? value : op === "inc" ? before + value : before - value;
    const after = Math.min(255, Math.max(0, wanted));
    if (after === before) return;
    if (v.v6) v.b[at] = after;
    else setIpv4Ttl(v.b, v.net, after);
    v.ns.kernel.trace?.ttl(v.ns.id, v.skb.id, before, after);
  };
}

function setTos(v: PacketView, tos: number): void {
  if (!v.v6) {
    setIpv4Tos(v.b, v.net, tos);
    return;
  }
  v.b[v.net] = (v.b[v.net]! & 0xf0) | (tos >>> 4);
  v.b[v.net + 1] = (v.b[v.net + 1]! & 0x0f) | ((tos & 15) << 4);
}

/** Models: tos_tg. */
export function tosChange(value: number, mask: number): Change {
  return (v) => {
    const before = tosOf(v);
    const after = ((before & ~mask) ^ value) & 0xff;
    if (after !== before) setTos(v, after);
  };
}

/** Models: dscp_tg: the two bits of ECN stay. */
export function dscpChange(value: number): Change {
  return (v) => setTos(v, (value << 2) | (tosOf(v) & 3));
}

const OPTION_MSS = 2;
const OPTION_MSS_LENGTH = 4;

/** Lowers the MSS that a TCP header offers, or adds one. Models: tcpmss_mangle_packet. */
export function mssChange(mss: number | undefined): Change {
  return (v) => {
    const { b, l4 } = v;
    const length = v.end - l4;
    if (v.fragment || length < 20) return;
    const header = tcpHeaderLength(b, l4);
    if (header < 20 || length < header) return;
    const headers = (v.v6 ? 40 : 20) + 20;
    let wanted = mss;
    if (wanted === undefined) {
      const mtu = pathMtu(v);
      if (mtu <= headers) return;
      wanted = mtu - headers;
    }
    for (let at = l4 + 20; at <= l4 + header - OPTION_MSS_LENGTH; at += optionLength(b, at)) {
      if (b[at] !== OPTION_MSS || b[at + 1] !== OPTION_MSS_LENGTH) continue;
      const before = getU16(b, at + 2);
      if (before <= wanted) return;
      setU16(b, l4 + 16, checksumAdjust16(getU16(b, l4 + 16), before, wanted));
      setU16(b, at + 2, wanted);
      return;
    }
    if (length > header || header >= 60) return;
    insertMss(v, Math.min(wanted, v.v6 ? 1220 : 536), header);
  };
}

function optionLength(b: Uint8Array, at: number): number {
  const kind = b[at]!;
  if (kind <= 1 || b[at + 1] === undefined || b[at + 1] === 0) return 1;
  return b[at + 1]!;
}

/** Puts the option before the others; a segment with data keeps its header (the caller saw to that). */
function insertMss(v: PacketView, mss: number, header: number): void {
  const { skb } = v;
  if (skb.end + OPTION_MSS_LENGTH > skb.buf.length) return;
  const { b, l4 } = v;
  b.copyWithin(l4 + 24, l4 + 20, l4 + header);
  b.set([OPTION_MSS, OPTION_MSS_LENGTH, mss >>> 8, mss & 255], l4 + 20);
  b[l4 + 12] = (((header + OPTION_MSS_LENGTH) >>> 2) << 4) | (b[l4 + 12]! & 15);
  skb.end += OPTION_MSS_LENGTH;
  v.end = skb.end;
  if (v.v6) setU16(b, v.net + 4, getU16(b, v.net + 4) + OPTION_MSS_LENGTH);
  else setIpv4TotalLength(b, v.net, getU16(b, v.net + 2) + OPTION_MSS_LENGTH);
  setU16(b, l4 + 16, 0);
  const length = v.end - l4;
  const sum = v.v6
    ? pseudoHeaderSum6(b, v.net + 8, IPPROTO_TCP, length)
    : pseudoHeaderSum(v.src as Ipv4, v.dst as Ipv4, IPPROTO_TCP, length);
  setU16(b, l4 + 16, internetChecksum(b, l4, v.end, sum));
}

/** The smaller MTU of the ways there and back. Models: dst_mtu, tcpmss_reverse_mtu. */
function pathMtu(v: PacketView): number {
  const { out } = v.state;
  let mtu = out === null ? 65535 : out.mtu;
  const routed = v.skb.hop?.entry.mtu ?? 0;
  if (routed !== 0) mtu = Math.min(mtu, routed);
  if (v.v6) return Math.min(mtu, reverseMtu6(v));
  const back = routeOutput(v.ns, { dst: v.src as Ipv4 });
  return typeof back === "string" ? mtu : Math.min(mtu, back.mtu);
}
