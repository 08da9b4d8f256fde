import { lengthLimited } from "../hash.ts";
import { CHAIN_NAME_LENGTH } from "./rule.ts";

/** Names of chains and sets. Models: felix/rules/rule_defs.go, v3.31. */

export const FORWARD_CHAIN = "cali-FORWARD";
export const INPUT_CHAIN = "cali-INPUT";
export const OUTPUT_CHAIN = "cali-OUTPUT";
export const PREROUTING_CHAIN = "cali-PREROUTING";
export const POSTROUTING_CHAIN = "cali-POSTROUTING";
export const FROM_WORKLOADS = "cali-from-wl-dispatch";
export const TO_WORKLOADS = "cali-to-wl-dispatch";
export const WORKLOAD_TO_HOST = "cali-wl-to-host";
export const FROM_HOST_ENDPOINT = "cali-from-host-endpoint";
export const TO_HOST_ENDPOINT = "cali-to-host-endpoint";
export const FROM_HEP_FORWARD = "cali-from-hep-forward";
export const TO_HEP_FORWARD = "cali-to-hep-forward";
export const CIDR_BLOCK = "cali-cidr-block";
export const FAILSAFE_IN = "cali-failsafe-in";
export const FAILSAFE_OUT = "cali-failsafe-out";
export const NAT_OUTGOING = "cali-nat-outgoing";
export const FIP_DNAT = "cali-fip-dnat";
export const FIP_SNAT = "cali-fip-snat";
export const RPF_SKIP = "cali-rpf-skip";
export const EGRESS_DSCP = "cali-egress-dscp";
export const FORWARD_CHECK = "cali-forward-check";
export const FORWARD_ENDPOINT_MARK = "cali-forward-endpoint-mark";
export const SET_ENDPOINT_MARK = "cali-set-endpoint-mark";
export const FROM_ENDPOINT_MARK = "cali-from-endpoint-mark";

/** Every chain of Felix's begins with this. */
export const CHAIN_PREFIX = "cali-";

/** Prefixes of the chains of one interface. */
export const ENDPOINT = {
  toWorkload: "cali-tw-",
  fromWorkload: "cali-fw-",
  toHost: "cali-th-",
  fromHost: "cali-fh-",
  toHostForward: "cali-thfw-",
  fromHostForward: "cali-fhfw-",
  setMark: "cali-sm-",
} as const;

export type Direction = "ingress" | "egress";

const POLICY = { ingress: "cali-pi-", egress: "cali-po-" } as const;
const PROFILE = { ingress: "cali-pri-", egress: "cali-pro-" } as const;
const GROUP = { ingress: "cali-gi-", egress: "cali-go-" } as const;

export function endpointChain(prefix: string, device: string): string {
  return lengthLimited(prefix, device, CHAIN_NAME_LENGTH);
}

/** `name` is `NAMESPACE/POLICY` or `POLICY`. Models: PolicyChainName. */
export function policyChain(direction: Direction, { tier, name }: { tier: string; name: string }): string {
  return lengthLimited(POLICY[direction], `${tier}/${name}`, CHAIN_NAME_LENGTH);
}

/** Models: ProfileChainName. */
export function profileChain(direction: Direction, profile: string): string {
  return lengthLimited(PROFILE[direction], profile, CHAIN_NAME_LENGTH);
}

export function groupChain(direction: Direction, id: string): string {
  const prefix = GROUP[direction];
  return prefix + id.slice(0, CHAIN_NAME_LENGTH - prefix.length);
}

const LONGEST_SET = 31;
const SET_PREFIX = "cali4";

/** `cali40` before the id of a set, cut to what the kernel takes. Models: NameForMainIPSet. */
export function setName(id: string): string {
  return `${SET_PREFIX}0${id}`.slice(0, LONGEST_SET);
}

export function isFelixSet(name: string): boolean {
  return name.startsWith(SET_PREFIX);
}

/** Ids of the sets that are always there. */
export const SETS = {
  allPools: "all-ipam-pools",
  masqueradePools: "masq-ipam-pools",
  allHosts: "all-hosts-net",
  vxlanHosts: "all-vxlan-net",
  thisHost: "this-host",
  dscp: "dscp-src-net",
} as const;
