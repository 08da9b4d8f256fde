import type { Ipv4 } from "../../../../wire/address.ts";
import type { Ipv6 } from "../../../../wire/address6.ts";
import { selectAddress } from "../../../ipv4/address.ts";
import type { Netns } from "../../../netns.ts";
import { SCOPE_UNIVERSE, type NatRange, type XtTarget } from "../../../uapi/index.ts";
import {
  HOOK_INPUT,
  HOOK_OUTPUT,
  HOOK_POSTROUTING,
  NF_ACCEPT,
  NF_DROP,
  type NfVerdict,
} from "../../hooks.ts";
import { MANIP_DST, MANIP_SRC, type Manip, type NatTarget } from "../../nat/range.ts";
import { natSetup } from "../../nat/setup.ts";
import { masqueradeSource6, redirectDest6 } from "../ipv6.ts";
import type { PacketView } from "../view.ts";

/** Targets that bind a new flow to other addresses. The nat hooks ask only for such flows; the packet is rewritten by them. */
type NatFunction = (v: PacketView) => NfVerdict;

/** An address in the numbers that conntrack uses. */
function numberOf(ns: Netns, address: Ipv4 | Ipv6 | undefined): number {
  if (address === undefined) return 0;
  return typeof address === "number" ? address : ns.kernel.addresses.numberOf(address);
}

function targetOf(range: NatRange, min: number, max: number, hasAddress: boolean): NatTarget {
  return {
    hasAddress,
    minAddress: min,
    maxAddress: max,
    hasPort: range.minPort !== undefined,
    minPort: range.minPort ?? 0,
    maxPort: range.maxPort ?? range.minPort ?? 0,
    random: range.random ?? false,
    randomFully: range.randomFully ?? false,
    persistent: range.persistent ?? false,
  };
}

function bind(v: PacketView, target: NatTarget, manip: Manip): NfVerdict {
  const { ct } = v.skb;
  return ct === null ? NF_ACCEPT : natSetup(v.ns, ct, target, manip);
}

/** Models: xt_snat_target_v2, xt_dnat_target_v2. */
function fixed(range: NatRange, manip: Manip): NatFunction {
  let target: NatTarget | null = null;
  return (v) => {
    if (target === null) {
      const min = numberOf(v.ns, range.minAddress);
      const max = range.maxAddress === undefined ? min : numberOf(v.ns, range.maxAddress);
      target = targetOf(range, min, max, range.minAddress !== undefined);
    }
    return bind(v, target, manip);
  };
}

/** The source becomes the address of the device that the packet leaves by, as seen from the next hop. Models: nf_nat_masquerade_ipv4. */
function masquerade(range: NatRange): NatFunction {
  return (v) => {
    const { out } = v.state;
    const { ct } = v.skb;
    if (out === null || ct === null) return NF_ACCEPT;
    if (v.v6) {
      const source = masqueradeSource6(v, out);
      if (source < 0) return NF_DROP;
      ct.masqIndex = out.index;
      return bind(v, targetOf(range, source, source, true), MANIP_SRC);
    }
    if (ct.original.src === 0) return NF_ACCEPT;
    const nexthop = v.skb.nexthop === 0 ? v.dst : v.skb.nexthop;
    const source = selectAddress(v.ns, out, nexthop as Ipv4, SCOPE_UNIVERSE);
    if (source === 0) return NF_DROP;
    ct.masqIndex = out.index;
    return bind(v, targetOf(range, source, source, true), MANIP_SRC);
  };
}

const LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 1] as const;

/** To this host itself: 127.0.0.1, or the first address of the device that the packet came in by. Models: nf_nat_redirect_ipv4. */
function redirect(range: NatRange): NatFunction {
  return (v) => {
    const { in: dev, hook } = v.state;
    let address = 0;
    if (hook === HOOK_OUTPUT) address = v.v6 ? v.ns.kernel.addresses.numberOf(LOOPBACK6) : 0x7f000001;
    else if (v.v6) {
      address = dev === null ? -1 : redirectDest6(v, dev);
      if (address < 0) return NF_DROP;
    } else {
      address = dev?.addresses.find((a) => !a.secondary)?.local ?? 0;
      if (address === 0) return NF_DROP;
    }
    return bind(v, targetOf(range, address, address, true), MANIP_DST);
  };
}

/** The network part is replaced, the host part kept. Models: netmap_tg4, netmap_tg6. */
function netmap(range: NatRange): NatFunction {
  return (v) => {
    const source = v.state.hook === HOOK_POSTROUTING || v.state.hook === HOOK_INPUT;
    const { minAddress: min, maxAddress: max } = range;
    if (min === undefined || max === undefined) return NF_ACCEPT;
    let address = 0;
    if (typeof min === "number" || typeof max === "number") {
      const low = typeof min === "number" ? min : 0;
      const host = low ^ (typeof max === "number" ? max : 0);
      address = (((source ? v.src : v.dst) & host) | low) >>> 0;
    } else {
      const at = v.net + (source ? 8 : 24);
      const groups = min.map((group, i) => {
        const own = (v.b[at + 2 * i]! << 8) | v.b[at + 2 * i + 1]!;
        return (own & (group ^ max[i]!)) | group;
      });
      address = v.ns.kernel.addresses.numberOf(groups);
    }
    return bind(v, targetOf(range, address, address, true), source ? MANIP_SRC : MANIP_DST);
  };
}

export function natFunction(
  target: Extract<XtTarget, { kind: "DNAT" | "SNAT" | "MASQUERADE" | "REDIRECT" | "NETMAP" }>,
): NatFunction {
  switch (target.kind) {
    case "DNAT":
      return fixed(target.range, MANIP_DST);
    case "SNAT":
      return fixed(target.range, MANIP_SRC);
    case "MASQUERADE":
      return masquerade(target.range);
    case "REDIRECT":
      return redirect(target.range);
    case "NETMAP":
      return netmap(target.range);
  }
}
