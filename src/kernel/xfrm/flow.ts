import { getU16 } from "../../base/bytes.ts";
import { inPrefix, type Ipv4 } from "../../wire/address.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4Dest,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from "../../wire/ipv4.ts";
import type { Skb } from "../skb.ts";
import type { XfrmSelector } from "../uapi/index.ts";

/** What selectors look at. `dev` is the device that it leaves or came in by. Models: struct flowi4. */
export interface XfrmFlow {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly protocol: number;
  /** Of ICMP: the type, and the code. */
  readonly sport: number;
  readonly dport: number;
  readonly dev: number;
}

/** The flow of the packet at `skb.net`. Models: decode_session4. */
export function flowOf(skb: Skb, dev: number): XfrmFlow {
  const { buf, net } = skb;
  const protocol = ipv4Protocol(buf, net);
  const at = net + ipv4HeaderLength(buf, net);
  let sport = 0;
  let dport = 0;
  if (ipv4FragmentOffset(buf, net) === 0 && skb.end - at >= 4) {
    if (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || protocol === IPPROTO_SCTP) {
      sport = getU16(buf, at);
      dport = getU16(buf, at + 2);
    } else if (protocol === IPPROTO_ICMP) {
      sport = buf[at]!;
      dport = buf[at + 1]!;
    }
  }
  return { src: ipv4Source(buf, net), dst: ipv4Dest(buf, net), protocol, sport, dport, dev };
}

/** Models: __xfrm4_selector_match. */
export function selects(s: XfrmSelector, flow: XfrmFlow): boolean {
  if (!inPrefix(flow.dst, s.dst.address, s.dst.length)) return false;
  if (!inPrefix(flow.src, s.src.address, s.src.length)) return false;
  if (s.protocol !== 0 && s.protocol !== flow.protocol) return false;
  if (s.sport !== undefined && s.sport !== flow.sport) return false;
  if (s.dport !== undefined && s.dport !== flow.dport) return false;
  return s.dev === undefined || s.dev === flow.dev;
}

export function sameSelector(a: XfrmSelector, b: XfrmSelector): boolean {
  const same = (x: XfrmSelector["src"], y: XfrmSelector["src"]): boolean =>
    x.address === y.address && x.length === y.length;
  return (
    same(a.src, b.src) &&
    same(a.dst, b.dst) &&
    a.protocol === b.protocol &&
    a.sport === b.sport &&
    a.dport === b.dport &&
    a.dev === b.dev
  );
}
