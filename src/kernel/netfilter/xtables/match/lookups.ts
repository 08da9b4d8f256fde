import { getU16 } from "../../../../base/bytes.ts";
import type { Nanos } from "../../../../sim/time.ts";
import { type Ipv4, IPV4_ANY } from "../../../../wire/address.ts";
import { ICMP_HEADER, icmpIsError } from "../../../../wire/icmp.ts";
import { isAnyAddress } from "../../../../wire/ip-address.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Source,
} from "../../../../wire/ipv4.ts";
import type { Skb } from "../../../skb.ts";
import type { XtMatch } from "../../../uapi/index.ts";
import {
  type Conntrack,
  CT_ESTABLISHED_REPLY,
  CT_RELATED_REPLY,
  IPS_DYING,
  IPS_SRC_NAT_DONE,
} from "../../conntrack/entry.ts";
import { TCP_CLOSE, TCP_TIME_WAIT } from "../../conntrack/tcp.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";
import { masked } from "./rate.ts";

const IPV4_HEADER = 20;

/** Matches that ask other tables: `socket` the sockets, `connlimit` the flows. */

/**
 * A socket of this host would take the packet, or sent what an ICMP error quotes. A connection is found before its
 * listener; who listens on every address counts with --nowildcard only. No socket here is transparent. Models: socket_mt,
 * nf_sk_lookup_slow_v4. IPv6 is refused by name before a rule gets here.
 */
export function socketMatcher(m: Extract<XtMatch, { kind: "socket" }>): Matcher {
  return (v) => {
    if (v.v6 || v.fragment || m.transparent === true) return false;
    const end = v.protocol === IPPROTO_ICMP ? quotedEnd(v) : receivingEnd(v);
    if (end === undefined) return false;
    const bound = boundTo(v, end);
    return bound !== undefined && (m.nowildcard === true || bound !== IPV4_ANY);
  };
}

/** The two sides of a packet as a socket of this host would name them. */
interface SocketEnd {
  readonly protocol: number;
  local: Ipv4;
  localPort: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
}

/** What masquerading hides is seen: of a reply, the address that the flow's sender has. */
function receivingEnd({ protocol, src, dst, sport, dport, skb }: PacketView): SocketEnd | undefined {
  if (dport < 0 || (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP)) return undefined;
  const end = { protocol, local: dst as Ipv4, localPort: dport, remote: src as Ipv4, remotePort: sport };
  if (skb.ctInfo === CT_ESTABLISHED_REPLY) sender(skb, end);
  return end;
}

function quotedEnd({ b, l4, end: stop, skb }: PacketView): SocketEnd | undefined {
  const quote = l4 + ICMP_HEADER;
  if (quote + IPV4_HEADER > stop || !icmpIsError(b[l4]!)) return undefined;
  const at = quote + ipv4HeaderLength(b, quote);
  const protocol = b[quote + 9]!;
  if (at + 4 > stop || (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP)) return undefined;
  const end = {
    protocol,
    local: ipv4Source(b, quote),
    localPort: getU16(b, at),
    remote: ipv4Dest(b, quote),
    remotePort: getU16(b, at + 2),
  };
  if (skb.ctInfo === CT_RELATED_REPLY) sender(skb, end);
  return end;
}

function sender({ ct }: Skb, end: SocketEnd): void {
  if (ct === null || (ct.status & IPS_SRC_NAT_DONE) === 0) return;
  end.local = ct.original.src as Ipv4;
  end.localPort = ct.original.sport;
}

/** The address that the socket is bound to; undefined where there is none. */
function boundTo({ ns, skb, state }: PacketView, end: SocketEnd): Ipv4 | undefined {
  const { protocol, local, localPort, remote, remotePort } = end;
  const dev = (skb.iif ?? state.in)?.index ?? 0;
  if (protocol === IPPROTO_UDP)
    return ns.sockets.findUdp(remote, remotePort, local, localPort, dev)?.source.address;
  const { tcp } = ns.sockets;
  if (
    tcp.find(local, localPort, remote, remotePort) !== undefined ||
    tcp.findRequest(local, localPort, remote, remotePort) !== undefined
  )
    return local;
  const listener = tcp.findListener(tcp.v4, local, localPort, dev, 0);
  if (listener === undefined) return undefined;
  return isAnyAddress(listener.localAddress) ? IPV4_ANY : local;
}

/** How many flows there are from (or to) the packet's own network, its own included. Models: connlimit_mt. */
export function connlimitMatcher(m: Extract<XtMatch, { kind: "connlimit" }>): Matcher {
  const { above, mask, side, invert = false } = m;
  const seen = new Map<string, Set<Conntrack>>();
  return (v) => {
    const key = masked(v, side === "source", mask);
    let flows = seen.get(key);
    if (flows === undefined) {
      flows = new Set();
      seen.set(key, flows);
    }
    for (const flow of flows) if (isOver(flow, v.ns.kernel.queue.now)) flows.delete(flow);
    if (v.skb.ct !== null) flows.add(v.skb.ct);
    return flows.size > above !== invert;
  };
}

/** Models: already_closed, and what gc_worker would find. */
function isOver(flow: Conntrack, now: Nanos): boolean {
  if (!flow.confirmed || (flow.status & IPS_DYING) !== 0 || flow.expires <= now) return true;
  return flow.protocol === IPPROTO_TCP && (flow.tcpState === TCP_TIME_WAIT || flow.tcpState === TCP_CLOSE);
}
