import type { Netns } from "../netns.ts";
import type { FibEntry, FibHop } from "./fib-table.ts";

/**
 * Routes that say the same but for whom they are for are one to Linux: what ICMP taught by one of them holds for packets by
 * the others. Models: fib_find_info, nh_comp.
 */
export function sharesNextHop(a: FibHop, b: FibHop): boolean {
  if (a === b) return true;
  const [one, other] = [a.entry, b.entry];
  return sameInfo(one, other) && one.hops.indexOf(a) === other.hops.indexOf(b);
}

function sameInfo(a: FibEntry, b: FibEntry): boolean {
  return (
    a.table === b.table &&
    a.type === b.type &&
    a.protocol === b.protocol &&
    a.scope === b.scope &&
    a.prefSrc === b.prefSrc &&
    a.metric === b.metric &&
    a.mtu === b.mtu &&
    a.mtuLocked === b.mtuLocked &&
    a.advmss === b.advmss &&
    a.hops.length === b.hops.length &&
    a.hops.every((hop, at) => sameHop(hop, b.hops[at]!))
  );
}

function sameHop(a: FibHop, b: FibHop): boolean {
  return a.dev === b.dev && a.gateway === b.gateway && a.onlink === b.onlink && a.weight === b.weight;
}

/** The routes that a listing shows an exception of `hop` under. */
export function sharers(ns: Netns, hop: FibHop): readonly FibEntry[] {
  return ns.fib.list().filter((entry) => sameInfo(entry, hop.entry));
}

/** A route goes: what was learnt by it stays with a route that shares its next hops, or goes too. */
export function bequeath(ns: Netns, gone: FibEntry): void {
  if (ns.exceptions.size === 0) return;
  const next = ns.fib.list().find((entry) => sameInfo(entry, gone));
  for (const [dst, learnt] of ns.exceptions) {
    if (learnt.hop?.entry !== gone) continue;
    const hop = next?.hops[gone.hops.indexOf(learnt.hop)];
    if (hop === undefined) ns.exceptions.delete(dst);
    else learnt.hop = hop;
  }
}
