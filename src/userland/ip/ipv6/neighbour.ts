import type { Neigh6Info, Neigh6Spec } from "../../../kernel/uapi/index.ts";
import { formatIpv6, inPrefix6, type Ipv6 } from "../../../wire/address6.ts";
import { fail } from "../../args/exit.ts";
import { done } from "../../netlink/answer.ts";
import type { Ip } from "../context.ts";
import {
  ALL_BITS,
  bitsOf,
  type NeighSelector,
  type NeighTarget,
  NEEDS_ADDRESS,
  NOARP,
  PERMANENT,
  printNeigh,
  stateOf,
} from "../neighbour.ts";

/** `ip -6 neigh`. Models: ip/ipneigh.c. */

function selects(selector: NeighSelector, neigh: Neigh6Info, states: number): boolean {
  const { prefix6, prefix } = selector;
  const bits = bitsOf(neigh.state);
  if (neigh.proxy !== selector.proxy || prefix !== undefined) return false;
  if (selector.dev !== undefined && selector.dev !== neigh.dev) return false;
  if (prefix6 !== undefined && !inPrefix6(neigh.dst, prefix6.address, prefix6.length)) return false;
  if (selector.unused && neigh.refcount > 0) return false;
  return neigh.proxy || (bits === 0 ? selector.none : (bits & states) !== 0);
}

function chosen(ip: Ip, selector: NeighSelector, states: number): readonly Neigh6Info[] {
  if (ip.options.family === "inet" || ip.options.family === "link") return [];
  return ip.net.ipv6.neigh.list().filter((neigh) => selects(selector, neigh, selector.states ?? states));
}

function print(ip: Ip, neigh: Neigh6Info, withDevice: boolean): void {
  printNeigh(ip, { ...neigh, dst: formatIpv6(neigh.dst) }, withDevice);
}

export function showNeighbours6(ip: Ip, selector: NeighSelector): void {
  for (const neigh of chosen(ip, selector, ALL_BITS & ~NOARP)) print(ip, neigh, selector.dev === undefined);
}

/** How many were deleted. */
export function flushNeighbours6(ip: Ip, selector: NeighSelector): number {
  const list = chosen(ip, selector, ALL_BITS & ~(PERMANENT | NOARP));
  for (const neigh of list) ip.net.ipv6.neigh.delete(neigh.dev, neigh.dst, neigh.proxy);
  return list.length;
}

export function addNeighbour6(ip: Ip, target: NeighTarget<Ipv6>, verb: "add" | "replace" | "change"): void {
  const { dev, dst, proxy, lladdr } = target;
  const state = target.state ?? PERMANENT;
  if (!proxy && lladdr === undefined && (state & NEEDS_ADDRESS) !== 0)
    fail(2, "Error: No link layer address given.\n");
  const spec: Neigh6Spec = {
    dev,
    dst,
    ...(lladdr !== undefined && { lladdr }),
    ...(target.router && { router: true }),
    ...(proxy ? { proxy: true } : { state: stateOf(state) }),
  };
  done(ip.net.ipv6.neigh.add(spec, verb));
}

export function deleteNeighbour6(ip: Ip, target: NeighTarget<Ipv6>): void {
  done(ip.net.ipv6.neigh.delete(target.dev, target.dst, target.proxy));
}

export function getNeighbour6(ip: Ip, target: NeighTarget<Ipv6>): void {
  const text = formatIpv6(target.dst);
  const found = ip.net.ipv6.neigh
    .list()
    .find((n) => n.dev === target.dev && formatIpv6(n.dst) === text && n.proxy === target.proxy);
  if (found === undefined) fail(2, "Error: Neighbour entry not found.\n");
  print(ip, found, true);
}
