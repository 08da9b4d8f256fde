import { hash } from "../kube-proxy/names.ts";

/** Names of chains and sets. Models: kube-router pkg/controllers/netpol, v2.11.1. */

export const INPUT_CHAIN = "KUBE-ROUTER-INPUT";
export const FORWARD_CHAIN = "KUBE-ROUTER-FORWARD";
export const OUTPUT_CHAIN = "KUBE-ROUTER-OUTPUT";
export const DEFAULT_CHAIN = "KUBE-NWPLCY-DEFAULT";
export const COMMON_CHAIN = "KUBE-NWPLCY-COMMON";
export const TAIL_CHAIN = "KUBE-NWPLCY-TAIL";

/** Each built-in chain with the one that kube-router hangs into it. */
export const TOP_CHAINS = [
  ["INPUT", INPUT_CHAIN],
  ["FORWARD", FORWARD_CHAIN],
  ["OUTPUT", OUTPUT_CHAIN],
] as const;

const POD_CHAIN = "KUBE-POD-FW-";
const POLICY_CHAIN = "KUBE-NWPLCY-";
const SOURCE_SET = "KUBE-SRC-";
const TARGET_SET = "KUBE-DST-";
const LENGTH = 16;
/** The family is part of what is hashed. */
const FAMILY = "IPv4";

export interface Named {
  readonly namespace: string;
  readonly name: string;
}

export type Direction = "ingress" | "egress";

/** `version` is the sync's: every sync makes its chains anew. Models: networkPolicyChainName. */
export function policyChain({ namespace, name }: Named, version: string): string {
  return POLICY_CHAIN + hash(namespace + name + version + FAMILY, LENGTH);
}

/** Models: podFirewallChainName. */
export function podChain({ namespace, name }: Named, version: string): string {
  return POD_CHAIN + hash(namespace + name + version, LENGTH);
}

/** Made for one sync: it goes with the next. */
export function isSyncedChain(chain: string): boolean {
  const fixed: readonly string[] = [DEFAULT_CHAIN, COMMON_CHAIN, TAIL_CHAIN];
  return (chain.startsWith(POLICY_CHAIN) && !fixed.includes(chain)) || chain.startsWith(POD_CHAIN);
}

export function isPodChain(chain: string): boolean {
  return chain.startsWith(POD_CHAIN);
}

export function isPolicySet(set: string): boolean {
  return set.startsWith(SOURCE_SET) || set.startsWith(TARGET_SET);
}

/** The pods that a policy selects: where its ingress rules lead to, or where its egress rules come from. */
export function selectedSet({ namespace, name }: Named, direction: Direction): string {
  const prefix = direction === "ingress" ? TARGET_SET : SOURCE_SET;
  return prefix + hash(namespace + name + FAMILY, LENGTH);
}

/** The peers of one rule, counted from 0. */
export function peerSet(
  { namespace, name }: Named,
  direction: Direction,
  rule: number,
  kind: "pod" | "ipblock",
): string {
  const prefix = direction === "ingress" ? SOURCE_SET : TARGET_SET;
  return prefix + hash(`${namespace}${name}${direction}rule${rule}${FAMILY}${kind}`, LENGTH);
}

/** The pods behind one number of a named port of a rule. */
export function namedPortSet(
  { namespace, name }: Named,
  direction: Direction,
  rule: number,
  port: number,
): string {
  return TARGET_SET + hash(`${namespace}${name}${direction}rule${rule}${port}${FAMILY}namedport`, LENGTH);
}
