import { setU16 } from "../../../base/bytes.ts";
import { internetChecksum, pseudoHeaderSum6 } from "../../../wire/checksum.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from "../../../wire/ipv4.ts";
import type { Netns } from "../../netns.ts";
import type { Skb } from "../../skb.ts";
import { routeMeHarder } from "../../ipv4/reroute.ts";
import { routeMeHarder6 } from "../../ipv6/reroute.ts";
import {
  type Conntrack,
  CT_INVALID,
  CT_IS_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_RELATED_REPLY,
  CT_UNTRACKED,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
} from "../conntrack/entry.ts";
import {
  HOOK_INPUT,
  HOOK_OUTPUT,
  HOOK_POSTROUTING,
  HOOK_PREROUTING,
  type HookOps,
  type HookState,
  NF_ACCEPT,
  NF_DROP,
  NF_IP,
  type NfFamily,
  type NfVerdict,
  PRI_NAT_DST,
  PRI_NAT_SRC,
} from "../hooks.ts";
import { IpView } from "../packet.ts";
import { manipulate } from "./manip.ts";
import { type Manip, MANIP_DST, MANIP_SRC } from "./range.ts";
import { natNull } from "./setup.ts";

const NAT_BOTH = IPS_SRC_NAT | IPS_DST_NAT;
const view = new IpView();

/** POSTROUTING and INPUT change the source, PREROUTING and OUTPUT the destination. Models: HOOK2MANIP. */
function manipOf(hook: number): Manip {
  return hook === HOOK_POSTROUTING || hook === HOOK_INPUT ? MANIP_SRC : MANIP_DST;
}

function initialised(ct: Conntrack, manip: Manip): boolean {
  return (ct.status & (manip === MANIP_SRC ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE)) !== 0;
}

/** The four places of NAT for one family; one set of functions per namespace, however many tables of rules there are. */
export function natHooks(family: NfFamily): HookOps[] {
  const ops = (hook: number, priority: number): HookOps => ({
    family,
    hook,
    priority,
    name: "nat",
    run: natHook,
  });
  return [
    ops(HOOK_PREROUTING, PRI_NAT_DST),
    ops(HOOK_POSTROUTING, PRI_NAT_SRC),
    ops(HOOK_OUTPUT, PRI_NAT_DST),
    ops(HOOK_INPUT, PRI_NAT_SRC),
  ];
}

/** Models: nf_nat_ipv4_fn and its siblings for the single hooks. */
function natHook(state: HookState, skb: Skb): NfVerdict {
  const { ct } = skb;
  if (ct === null || skb.ctInfo === CT_UNTRACKED || skb.ctInfo === CT_INVALID) return NF_ACCEPT;
  const { ns, family } = state;
  if (state.hook !== HOOK_OUTPUT) return translate(state, skb, ct);
  if (!view.look(ns.kernel.addresses, family, skb.buf, skb.net, skb.end)) return NF_ACCEPT;
  const { dst } = view;
  const verdict = translate(state, skb, ct);
  if (verdict !== NF_ACCEPT) return verdict;
  view.look(ns.kernel.addresses, family, skb.buf, skb.net, skb.end);
  if (view.dst !== dst && !reroute(state, skb)) return NF_DROP;
  return NF_ACCEPT;
}

/** A packet of this host was given another destination: its way is looked up again. */
export function reroute(state: HookState, skb: Skb): boolean {
  return state.family === NF_IP ? routeMeHarder(state.ns, skb) : routeMeHarder6(state.ns, skb);
}

function translate(state: HookState, skb: Skb, ct: Conntrack): NfVerdict {
  const { ns, family } = state;
  const manip = manipOf(state.hook);
  if (skb.ctInfo === CT_RELATED || skb.ctInfo === CT_RELATED_REPLY) {
    view.look(ns.kernel.addresses, family, skb.buf, skb.net, skb.end);
    if (view.protocol === IPPROTO_ICMP || view.protocol === IPPROTO_ICMPV6)
      return icmpReply(state, skb, ct, view.l4) ? NF_ACCEPT : NF_DROP;
  }
  if (skb.ctInfo === CT_NEW || skb.ctInfo === CT_RELATED) {
    if (!initialised(ct, manip)) {
      const verdict = bind(state, skb, ct, manip);
      if (verdict !== NF_ACCEPT) return verdict;
    } else if (leftElsewhere(state, skb, ct)) return kill(ns, ct);
  } else if (leftElsewhere(state, skb, ct)) return kill(ns, ct);
  natPacket(ns, skb, ct, family, manip);
  return NF_ACCEPT;
}

/** Asks the nat tables what to do with a new flow. */
function bind(state: HookState, skb: Skb, ct: Conntrack, manip: Manip): NfVerdict {
  for (const lookup of state.ns.netfilter.natLookups(state.family, state.hook)) {
    const verdict = lookup.run(state, skb);
    if (verdict !== NF_ACCEPT) return verdict;
    if (initialised(ct, manip)) return NF_ACCEPT;
  }
  return natNull(state.ns, ct, manip);
}

/** A masqueraded flow that leaves by another device than at first is wrong from then on. Models: nf_nat_oif_changed. */
function leftElsewhere(state: HookState, skb: Skb, ct: Conntrack): boolean {
  return (
    state.hook === HOOK_POSTROUTING &&
    skb.ctInfo < CT_IS_REPLY &&
    ct.masqIndex !== 0 &&
    state.out !== null &&
    state.out.index !== ct.masqIndex &&
    ct.confirmed
  );
}

function kill(ns: Netns, ct: Conntrack): NfVerdict {
  ns.netfilter.conntrack.destroy(ct);
  return NF_DROP;
}

/** The bit that says that the flow is translated on this side, seen from this packet's direction. */
function natBit(skb: Skb, manip: Manip): number {
  const bit = manip === MANIP_SRC ? IPS_SRC_NAT : IPS_DST_NAT;
  return skb.ctInfo >= CT_IS_REPLY ? bit ^ NAT_BOTH : bit;
}

/** Rewrites the packet as its flow says. Models: nf_nat_packet. */
function natPacket(ns: Netns, skb: Skb, ct: Conntrack, family: NfFamily, manip: Manip): void {
  if ((ct.status & natBit(skb, manip)) === 0) return;
  // What this direction becomes is the other direction turned round.
  const other = skb.ctInfo >= CT_IS_REPLY ? ct.original : ct.reply;
  const icmp = ct.protocol === IPPROTO_ICMP || ct.protocol === IPPROTO_ICMPV6;
  const to =
    manip === MANIP_SRC
      ? { address: other.dst, port: icmp ? other.sport : other.dport }
      : { address: other.src, port: other.sport };
  manipulate(ns, skb, family, { net: skb.net, inner: false }, to, manip);
}

/**
 * An ICMP error about a translated flow: the packet that it quotes is turned back into what its sender sent.
 * Models: nf_nat_icmp_reply_translation.
 */
function icmpReply(state: HookState, skb: Skb, ct: Conntrack, l4: number): boolean {
  const { ns, family } = state;
  const manip = manipOf(state.hook);
  const redirect = family === NF_IP ? skb.buf[l4] === 5 : skb.buf[l4] === 137;
  if (redirect) {
    const both = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
    if ((ct.status & both) !== both || (ct.status & NAT_BOTH) !== 0) return false;
  }
  if ((ct.status & natBit(skb, manip)) === 0) return true;
  const other = skb.ctInfo >= CT_IS_REPLY ? ct.original : ct.reply;
  const icmp = ct.protocol === IPPROTO_ICMP || ct.protocol === IPPROTO_ICMPV6;
  const quoted =
    manip === MANIP_SRC
      ? { address: other.dst, port: icmp ? other.sport : other.dport }
      : { address: other.src, port: other.sport };
  const inside = l4 + 8;
  manipulate(
    ns,
    skb,
    family,
    { net: inside, inner: true },
    quoted,
    manip === MANIP_SRC ? MANIP_DST : MANIP_SRC,
  );
  setU16(skb.buf, l4 + 2, 0);
  const initial = family === NF_IP ? 0 : pseudoHeaderSum6(skb.buf, skb.net + 8, IPPROTO_ICMPV6, skb.end - l4);
  setU16(skb.buf, l4 + 2, internetChecksum(skb.buf, l4, skb.end, initial));
  // The outer header becomes that of an answer on this side.
  const outer = { address: quoted.address, port: 0 };
  manipulate(ns, skb, family, { net: skb.net, inner: false }, outer, manip);
  return true;
}
