import { getU32 } from "../../../base/bytes.ts";
import { routeMeHarder } from "../../ipv4/reroute.ts";
import { routeMeHarder6 } from "../../ipv6/reroute.ts";
import type { Netns } from "../../netns.ts";
import type { Skb } from "../../skb.ts";
import type { XtFamily, XtHook, XtTableName } from "../../uapi/index.ts";
import {
  HOOK_NUMBER,
  HOOK_OUTPUT,
  type HookOps,
  type HookState,
  NF_ACCEPT,
  NF_DROP,
  NF_IP,
  NF_IP6,
  type NfVerdict,
  PRI_FILTER,
  PRI_MANGLE,
  PRI_NAT_DST,
  PRI_NAT_SRC,
  PRI_RAW,
  PRI_SECURITY,
} from "../hooks.ts";
import type { XtChain } from "./table.ts";
import type { Walk } from "./walk.ts";

/** How built-in chains come to be asked: at the hooks, or for nat as lookups for new flows. */

export function familyNumber(family: XtFamily): typeof NF_IP | typeof NF_IP6 {
  return family === "ip" ? NF_IP : NF_IP6;
}

function priority(table: XtTableName, hook: XtHook): number {
  switch (table) {
    case "raw":
      return PRI_RAW;
    case "mangle":
      return PRI_MANGLE;
    case "nat":
      return hook === "PREROUTING" || hook === "OUTPUT" ? PRI_NAT_DST : PRI_NAT_SRC;
    case "filter":
      return PRI_FILTER;
    case "security":
      return PRI_SECURITY;
  }
}

/** The hook function of a built-in chain. */
export function hookOf(
  family: XtFamily,
  table: XtTableName,
  chain: XtChain,
  hook: XtHook,
  walk: Walk,
): HookOps {
  const number = HOOK_NUMBER[hook];
  const reroutes = table === "mangle" && number === HOOK_OUTPUT;
  return {
    family: familyNumber(family),
    hook: number,
    priority: priority(table, hook),
    name: `iptables ${table}`,
    run: reroutes
      ? (state, skb) => rerouting(state, skb, walk, chain)
      : (state, skb) => walk.run(state, skb, chain),
  };
}

export function registerChain(ns: Netns, table: XtTableName, ops: HookOps): void {
  if (table === "nat") ns.netfilter.registerNatLookup(ops);
  else ns.netfilter.hooks.register(ops);
}

export function unregisterChain(ns: Netns, table: XtTableName, ops: HookOps): void {
  if (table === "nat") ns.netfilter.unregisterNatLookup(ops);
  else ns.netfilter.hooks.unregister(ops);
}

/** What a route depends on, of a packet that this host sends. */
const before = new Uint32Array(10);

function keep(skb: Skb, v6: boolean): number {
  const { buf, net } = skb;
  if (!v6) return getU32(buf, net + 12);
  for (let i = 0; i < 8; i++) before[i] = getU32(buf, net + 8 + 4 * i);
  return 0;
}

function moved(skb: Skb, v6: boolean, source: number, dest: number): boolean {
  const { buf, net } = skb;
  if (!v6) return getU32(buf, net + 12) !== source || getU32(buf, net + 16) !== dest;
  for (let i = 0; i < 8; i++) if (getU32(buf, net + 8 + 4 * i) !== before[i]) return true;
  return false;
}

/** mangle's OUTPUT may send a packet another way by its mark, TOS or addresses. Models: nf_route_table_hook4, _hook6. */
function rerouting(state: HookState, skb: Skb, walk: Walk, chain: XtChain): NfVerdict {
  const v6 = state.family === NF_IP6;
  const { mark } = skb;
  const source = keep(skb, v6);
  const dest = v6 ? 0 : getU32(skb.buf, skb.net + 16);
  const tos = getU32(skb.buf, skb.net) & 0x0fff_0000;
  const verdict = walk.run(state, skb, chain);
  if (verdict !== NF_ACCEPT) return verdict;
  const same =
    skb.mark === mark && (getU32(skb.buf, skb.net) & 0x0fff_0000) === tos && !moved(skb, v6, source, dest);
  if (same) return NF_ACCEPT;
  const routed = v6 ? routeMeHarder6(state.ns, skb) : routeMeHarder(state.ns, skb);
  return routed ? NF_ACCEPT : NF_DROP;
}
