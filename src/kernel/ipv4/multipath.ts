import type { Ipv4 } from "../../wire/address.ts";
import { icmpIsError } from "../../wire/icmp.ts";
import {
  IPPROTO_ICMP,
  ipv4Dest,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
} from "../../wire/ipv4.ts";
import type { Flow } from "../fib-rules.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { SCOPE_LINK } from "../uapi/index.ts";
import { type FibEntry, type FibHop, ignoresLinkdown } from "./fib-table.ts";

/** Equal-cost multipath: which of a route's hops a flow takes. */

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_SCTP = 132;

function mixed(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0xcc9e2d51);
  h = (h << 15) | (h >>> 17);
  h = Math.imul(h, 0x1b873593);
  return h ^ (h >>> 13);
}

/** 31 bits of a hash that the seed of the world gives, the same for the same values. Linux's own key is secret too. */
function hashOf(ns: Netns, a: number, b: number, ports: number, protocol: number): number {
  const { kernel } = ns;
  kernel.multipathKey ??= kernel.random.u32();
  let h = mixed(mixed(mixed(mixed(kernel.multipathKey, a), b), ports), protocol);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 1) & 0x7fffffff;
}

/** Policy 0: addresses only; an ICMP error goes the way of the packet that it is about. Models: ip_multipath_l3_keys. */
function addressHash(ns: Netns, skb: Skb | null, flow: Flow<Ipv4>): number {
  if (skb === null) return hashOf(ns, flow.src, flow.dst, 0, 0);
  const { buf, net } = skb;
  if (ipv4Protocol(buf, net) === IPPROTO_ICMP && ipv4FragmentOffset(buf, net) === 0) {
    const icmp = net + ipv4HeaderLength(buf, net);
    const quote = icmp + 8;
    if (quote + 20 <= skb.end && icmpIsError(buf[icmp]!))
      return hashOf(ns, ipv4Source(buf, quote), ipv4Dest(buf, quote), 0, 0);
  }
  return hashOf(ns, ipv4Source(buf, net), ipv4Dest(buf, net), 0, 0);
}

/** Policy 1: the 5-tuple; fragments count without ports. */
function flowHash(ns: Netns, skb: Skb | null, flow: Flow<Ipv4>): number {
  if (skb === null)
    return hashOf(ns, flow.src, flow.dst, ((flow.sport << 16) | flow.dport) >>> 0, flow.protocol);
  const { buf, net } = skb;
  const protocol = ipv4Protocol(buf, net);
  return hashOf(ns, ipv4Source(buf, net), ipv4Dest(buf, net), portsOf(skb, protocol), protocol);
}

/** Source and destination port in one word; 0 where there are none. */
export function portsOf(skb: Skb, protocol: number): number {
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP && protocol !== IPPROTO_SCTP) return 0;
  const { buf, net } = skb;
  if (ipv4FragmentOffset(buf, net) !== 0 || ipv4MoreFragments(buf, net)) return 0;
  const at = net + ipv4HeaderLength(buf, net);
  if (at + 4 > skb.end) return 0;
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

const IPPROTO_IPIP = 4;

/** Policy 2: addresses of the inner packet where there is one. */
function innerHash(ns: Netns, skb: Skb | null, flow: Flow<Ipv4>): number {
  if (skb === null) return addressHash(ns, skb, flow);
  const { buf, net } = skb;
  const inner = net + ipv4HeaderLength(buf, net);
  if (ipv4Protocol(buf, net) !== IPPROTO_IPIP || inner + 20 > skb.end) return addressHash(ns, skb, flow);
  return hashOf(ns, ipv4Source(buf, inner), ipv4Dest(buf, inner), 0, 0);
}

/**
 * The hop of a multipath route that a flow takes. `skb` is null for a packet still to be made; then a hop whose own source
 * address is the flow's is preferred. Models: fib_select_path, fib_select_multipath, fib_multipath_hash.
 */
export function selectPath(ns: Netns, first: FibHop, flow: Flow<Ipv4>, skb: Skb | null): FibHop {
  const { hops } = first.entry;
  const policy = ns.ipv4.multipathHashPolicy;
  const hash =
    policy === 1
      ? flowHash(ns, skb, flow)
      : policy === 2
        ? innerHash(ns, skb, flow)
        : addressHash(ns, skb, flow);
  const source = skb === null ? flow.src : 0;
  let best = first;
  let score = 0;
  for (const hop of hops) {
    if (hop.upperBound < 0 || (ns.ipv4.multipathUseNeigh !== 0 && !answers(hop))) continue;
    const own = source !== 0 && ns.fib.preferredSource(hop) === source;
    const points = (own ? 2 : 0) + (hash <= hop.upperBound ? 1 : 0);
    if (points <= score) continue;
    best = hop;
    if (points === 3 || (source === 0 && points === 1)) return hop;
    score = points;
  }
  return best;
}

/** Shares the hashes out among the hops that can be used, by weight. Models: fib_rebalance. */
export function rebalance(ns: Netns, entry: FibEntry): void {
  const { hops } = entry;
  if (hops.length < 2) return;
  const usable = (hop: FibHop): boolean => !hop.dead && !ignoresLinkdown(ns, hop);
  let total = 0;
  for (const hop of hops) if (usable(hop)) total += hop.weight;
  let sum = 0;
  for (const hop of hops) {
    if (usable(hop)) sum += hop.weight;
    hop.upperBound = usable(hop) ? Math.round((sum * 0x80000000) / total) - 1 : -1;
  }
}

/** Whether the gateway is known, or not known to be lost. Models: fib_good_nh. */
function answers(hop: FibHop): boolean {
  if (hop.scope !== SCOPE_LINK) return true;
  const neighbour = hop.dev?.neighbours.get(hop.gateway);
  return neighbour === undefined || neighbour.valid;
}
