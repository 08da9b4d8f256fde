import type { HookName } from "../../trace/record.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";

/** Verdicts of include/uapi/linux/netfilter.h. STOLEN: whoever says so owns the skb from here on. */
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NF_STOLEN = 2;
/** One of these, or a queue's (`queue.ts`). */
export type NfVerdict = number;

/** Protocol families that hooks are registered for. */
export const NF_IP = 0;
export const NF_IP6 = 1;
export const NF_BRIDGE = 2;
export type NfFamily = typeof NF_IP | typeof NF_IP6 | typeof NF_BRIDGE;

/** Hook numbers, in the kernel's order. */
export const HOOK_PREROUTING = 0;
export const HOOK_INPUT = 1;
export const HOOK_FORWARD = 2;
export const HOOK_OUTPUT = 3;
export const HOOK_POSTROUTING = 4;

export const HOOK_NUMBER: Readonly<Record<HookName, number>> = {
  PREROUTING: HOOK_PREROUTING,
  INPUT: HOOK_INPUT,
  FORWARD: HOOK_FORWARD,
  OUTPUT: HOOK_OUTPUT,
  POSTROUTING: HOOK_POSTROUTING,
};

/** Priorities of include/uapi/linux/netfilter_ipv4.h. */
export const PRI_DEFRAG = -400;
export const PRI_RAW = -300;
export const PRI_CONNTRACK = -200;
export const PRI_MANGLE = -150;
export const PRI_NAT_DST = -100;
export const PRI_FILTER = 0;
export const PRI_SECURITY = 50;
export const PRI_NAT_SRC = 100;
export const PRI_CONFIRM = 0x7fffffff;

/** Where a packet stands when hook functions look at it. Models: struct nf_hook_state. */
export interface HookState {
  readonly ns: Netns;
  readonly family: NfFamily;
  readonly hook: number;
  readonly in: NetDevice | null;
  readonly out: NetDevice | null;
}

/** A function at a hook. Models: struct nf_hook_ops. */
export interface HookOps {
  readonly family: NfFamily;
  readonly hook: number;
  readonly priority: number;
  /** For lists and the trace: "conntrack", "iptables filter", "nft inet mytable mychain". */
  readonly name: string;
  run(state: HookState, skb: Skb): NfVerdict;
}

/** The functions at the hooks of one namespace, by priority; same priority: first come, first served. */
export class NfHooks {
  private readonly lists: HookOps[][] = Array.from({ length: 15 }, () => []);

  /** Models: nf_register_net_hook. */
  register(ops: HookOps): void {
    const list = [...this.at(ops.family, ops.hook)];
    let at = list.length;
    while (at > 0 && list[at - 1]!.priority > ops.priority) at--;
    list.splice(at, 0, ops);
    this.lists[ops.family * 5 + ops.hook] = list;
  }

  unregister(ops: HookOps): void {
    const at = ops.family * 5 + ops.hook;
    this.lists[at] = this.lists[at]!.filter((other) => other !== ops);
  }

  at(family: NfFamily, hook: number): readonly HookOps[] {
    return this.lists[family * 5 + hook]!;
  }
}
