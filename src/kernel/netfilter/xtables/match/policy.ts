import type { PolicyElement, XtAddress, XtMatch } from "../../../uapi/index.ts";
import { IPPROTO_ESP } from "../../../../wire/ipv4.ts";
import type { XfrmState } from "../../../xfrm/state.ts";
import type { Matcher } from "../header.ts";

/**
 * Whether IPsec protected the packet (`in`) or is about to (`out`). At most one state is in the way of a packet, so one
 * element decides, strictly or not. Models: policy_mt.
 */
export function policyMatcher(m: Extract<XtMatch, { kind: "policy" }>): Matcher {
  const { dir, pol, element = {} } = m;
  return ({ skb }) => {
    const state = dir === "in" ? skb.secpath : (skb.xfrm?.state ?? null);
    if (state === null) return pol === "none";
    return pol === "ipsec" && fits(state, element);
  };
}

/** Models: match_xfrm_state. */
function fits({ spec }: XfrmState, e: PolicyElement): boolean {
  const is = (asked: Asked<number | string> | undefined, value: number | string): boolean =>
    asked === undefined || (asked.value === value) !== (asked.invert ?? false);
  const within = (asked: PolicyElement["tunnelSrc"], address: typeof spec.src): boolean =>
    asked === undefined || sameUnder(address, asked.value) !== (asked.invert ?? false);
  return (
    within(e.tunnelSrc, spec.src) &&
    within(e.tunnelDst, spec.dst) &&
    is(e.protocol, IPPROTO_ESP) &&
    is(e.mode, spec.mode) &&
    is(e.spi, swapped(spec.spi)) &&
    is(e.reqid, spec.reqid)
  );
}

/** States have IPv4 addresses only. */
function sameUnder(own: number, { address, mask }: Omit<XtAddress, "invert">): boolean {
  return typeof address === "number" && typeof mask === "number" && ((own ^ address) & mask) === 0;
}

/** The kernel compares the SPI as it lies in the packet with a number as iptables(8) wrote it on a little-endian machine. */
function swapped(spi: number): number {
  return ((spi << 24) | ((spi & 0xff00) << 8) | ((spi >>> 8) & 0xff00) | (spi >>> 24)) >>> 0;
}

interface Asked<T> {
  readonly value: T;
  readonly invert?: boolean;
}
