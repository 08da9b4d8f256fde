import type { Netns } from "../netns.ts";
import { ConntrackTable } from "./conntrack/table.ts";
import { TIMEOUT_DEFAULTS, type Timeouts } from "./conntrack/timeouts.ts";
import { conntrackConfirm, conntrackIn } from "./conntrack/track.ts";
import {
  HOOK_INPUT,
  HOOK_OUTPUT,
  HOOK_POSTROUTING,
  HOOK_PREROUTING,
  type HookOps,
  type NF_IP,
  type NF_IP6,
  type NfFamily,
  NfHooks,
  PRI_CONFIRM,
  PRI_CONNTRACK,
} from "./hooks.ts";
import { Ipvs } from "./ipvs/table.ts";
import { natHooks } from "./nat/hooks.ts";
import { NatState } from "./nat/state.ts";
import { NfQueues } from "./queue.ts";

/** Netfilter's share of a namespace: who is called at the hooks, the flows, NAT, its sysctls. */
export class Netfilter {
  readonly hooks: NfHooks = new NfHooks();
  readonly conntrack: ConntrackTable;
  readonly nat: NatState = new NatState();
  readonly ipvs: Ipvs;
  readonly queues: NfQueues = new NfQueues();
  readonly timeouts: Timeouts = { ...TIMEOUT_DEFAULTS };
  conntrackMax = 262_144;
  /** nf_conntrack_acct: packets and bytes are counted per direction. */
  accounting = false;
  /** nf_conntrack_tcp_loose: a connection may be picked up midway. */
  tcpLoose = true;
  /** net.bridge.bridge-nf-call-iptables and -ip6tables. */
  bridgeCallIptables = true;
  bridgeCallIp6tables = true;
  private readonly trackers: [number, number] = [0, 0];
  private readonly translators: [number, number] = [0, 0];
  private readonly lookups: HookOps[][] = Array.from({ length: 10 }, () => []);
  private readonly tracking: [HookOps[], HookOps[]] = [[], []];
  private readonly translating: [HookOps[], HookOps[]] = [[], []];

  constructor(ns: Netns) {
    this.conntrack = new ConntrackTable(ns);
    this.ipvs = new Ipvs(ns);
  }

  /**
   * Conntrack looks at packets of a family as long as somebody needs it: a nat table, a rule with a conntrack, state or
   * connmark match, IPVS. Everyone who does holds it once. Models: nf_ct_netns_get.
   */
  holdConntrack(family: typeof NF_IP | typeof NF_IP6): void {
    if (this.trackers[family]++ > 0) return;
    const ops = (hook: number, priority: number, name: string, run: HookOps["run"]): HookOps => ({
      family,
      hook,
      priority,
      name,
      run,
    });
    this.tracking[family] = [
      ops(HOOK_PREROUTING, PRI_CONNTRACK, "conntrack", conntrackIn),
      ops(HOOK_OUTPUT, PRI_CONNTRACK, "conntrack", conntrackIn),
      ops(HOOK_POSTROUTING, PRI_CONFIRM, "conntrack confirm", conntrackConfirm),
      ops(HOOK_INPUT, PRI_CONFIRM, "conntrack confirm", conntrackConfirm),
    ];
    for (const op of this.tracking[family]) this.hooks.register(op);
  }

  /** Models: nf_ct_netns_put. */
  releaseConntrack(family: typeof NF_IP | typeof NF_IP6): void {
    if (--this.trackers[family] > 0) return;
    for (const op of this.tracking[family]) this.hooks.unregister(op);
    this.tracking[family] = [];
  }

  /** Whether packets of this family are tracked, and so defragmented. */
  tracks(family: NfFamily): boolean {
    return family !== 2 && this.trackers[family] > 0;
  }

  /** NAT looks at packets while some nat chain is there; only rules that translate need conntrack. Models: nf_nat_register_fn. */
  holdNat(family: typeof NF_IP | typeof NF_IP6): void {
    if (this.translators[family]++ > 0) return;
    this.translating[family] = natHooks(family);
    for (const op of this.translating[family]) this.hooks.register(op);
  }

  releaseNat(family: typeof NF_IP | typeof NF_IP6): void {
    if (--this.translators[family] > 0) return;
    for (const op of this.translating[family]) this.hooks.unregister(op);
    this.translating[family] = [];
  }

  /** A nat chain, asked for new flows only; the first by priority that binds the flow has the say. */
  registerNatLookup(ops: HookOps): void {
    const at = ops.family * 5 + ops.hook;
    const list = [...this.lookups[at]!];
    let i = list.length;
    while (i > 0 && list[i - 1]!.priority > ops.priority) i--;
    list.splice(i, 0, ops);
    this.lookups[at] = list;
  }

  unregisterNatLookup(ops: HookOps): void {
    const at = ops.family * 5 + ops.hook;
    this.lookups[at] = this.lookups[at]!.filter((other) => other !== ops);
  }

  natLookups(family: NfFamily, hook: number): readonly HookOps[] {
    return this.lookups[family * 5 + hook]!;
  }

  /** A device went down or lost an address: flows masqueraded by it are over. Models: masq_device_event. */
  masqueradeGone(index: number, address?: number): void {
    this.conntrack.destroyWhere(
      (ct) => ct.masqIndex === index && (address === undefined || ct.reply.dst === address),
    );
  }

  close(): void {
    this.conntrack.close();
    this.ipvs.close();
  }
}
