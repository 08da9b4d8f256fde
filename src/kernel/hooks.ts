import type { HookName } from "../trace/record.ts";
import type { NetDevice } from "./device/device.ts";
import {
  HOOK_NUMBER,
  HOOK_OUTPUT,
  type HookOps,
  type HookState,
  NF_ACCEPT,
  NF_DROP,
  NF_IP,
  type NfFamily,
} from "./netfilter/hooks.ts";
import type { Netns } from "./netns.ts";
import type { Skb } from "./skb.ts";

/**
 * The five places of the IP path where netfilter looks at a packet (include/uapi/linux/netfilter.h):
 *
 *   in ─ PREROUTING ─ route ─┬─ FORWARD ─────────── POSTROUTING ─ out
 *                            └─ INPUT ─ socket ─ route ─ OUTPUT ┘
 *
 * True: go on. False: the packet was dropped or taken; it is no longer the caller's. Models: nf_hook.
 */
export function nfHook(
  ns: Netns,
  hook: HookName,
  skb: Skb,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  family: NfFamily = NF_IP,
): boolean {
  const { trace } = ns.kernel;
  if (trace !== null)
    trace.hook(
      ns.id,
      family,
      hook,
      skb.id,
      inDev === null ? 0 : inDev.index,
      outDev === null ? 0 : outDev.index,
    );
  const number = HOOK_NUMBER[hook];
  const list = ns.netfilter.hooks.at(family, number);
  if (list.length === 0) return true;
  return walk({ ns, family, hook: number, in: inDev, out: outDev }, list, skb);
}

/** Models: nf_hook_slow. */
export function walk(state: HookState, list: readonly HookOps[], skb: Skb): boolean {
  const { ns } = state;
  for (const ops of list) {
    const tracked = skb.ct;
    const verdict = ops.run(state, skb);
    if (verdict === NF_ACCEPT) {
      if (skb.ct !== tracked && ns.kernel.trace !== null) traceFlow(state, skb);
      continue;
    }
    if (verdict === NF_DROP) {
      const dev = state.out !== null && state.hook >= HOOK_OUTPUT ? state.out : state.in;
      ns.kernel.drop(ns, dev, skb, "NETFILTER_DROP", "nf_hook_slow");
    }
    return false;
  }
  return true;
}

/** Conntrack has made up its mind. */
function traceFlow(state: HookState, skb: Skb): void {
  const { ct } = skb;
  state.ns.kernel.trace?.conntrack(state.ns.id, skb.id, ct === null ? 0 : ct.id, skb.ctInfo);
}
