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
import { isQueue } from "./netfilter/queue.ts";
import type { Netns } from "./netns.ts";
import type { Skb } from "./skb.ts";

/** `nfVerdict`, for those who only ask whether the packet is still theirs. */
export function nfHook(
  ns: Netns,
  hook: HookName,
  skb: Skb,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  family: NfFamily = NF_IP,
): boolean {
  return nfVerdict(ns, hook, skb, inDev, outDev, family) === NF_ACCEPT;
}

/**
 * The five places of the IP path where netfilter looks at a packet (include/uapi/linux/netfilter.h):
 *
 *   in ─ PREROUTING ─ route ─┬─ FORWARD ─────────── POSTROUTING ─ out
 *                            └─ INPUT ─ socket ─ route ─ OUTPUT ┘
 *
 * NF_ACCEPT: go on. Else it was dropped or taken, and is no longer the caller's. Models: nf_hook.
 */
export function nfVerdict(
  ns: Netns,
  hook: HookName,
  skb: Skb,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  family: NfFamily = NF_IP,
): number {
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
  if (list.length === 0) return NF_ACCEPT;
  return walk({ ns, family, hook: number, in: inDev, out: outDev }, list, skb);
}

/** What the sender hears of a packet that a hook did not let go. Models: nf_hook_slow. */
export function refused(verdict: number): 0 | "EPERM" {
  return verdict === NF_DROP ? "EPERM" : 0;
}

/** A packet that a hook kept may have gone to a program: this is how it goes on when that lets it. */
export function whenAccepted(ns: Netns, skb: Skb, go: () => void): void {
  ns.netfilter.queues.onAccept(skb, go);
}

/** From the `from`-th function on. Models: nf_hook_slow. */
export function walk(state: HookState, list: readonly HookOps[], skb: Skb, from = 0): number {
  const { ns } = state;
  for (let i = from; i < list.length; i++) {
    const tracked = skb.ct;
    let verdict = list[i]!.run(state, skb);
    if (isQueue(verdict)) verdict = ns.netfilter.queues.enqueue(state, list, i, skb, verdict);
    if (verdict === NF_ACCEPT) {
      if (skb.ct !== tracked && ns.kernel.trace !== null) traceFlow(state, skb);
      continue;
    }
    if (verdict === NF_DROP) {
      const dev = state.out !== null && state.hook >= HOOK_OUTPUT ? state.out : state.in;
      ns.kernel.drop(ns, dev, skb, "NETFILTER_DROP", "nf_hook_slow");
    }
    return verdict;
  }
  return NF_ACCEPT;
}

/** Conntrack has made up its mind. */
function traceFlow(state: HookState, skb: Skb): void {
  const { ct } = skb;
  state.ns.kernel.trace?.conntrack(state.ns.id, skb.id, ct === null ? 0 : ct.id, skb.ctInfo);
}
