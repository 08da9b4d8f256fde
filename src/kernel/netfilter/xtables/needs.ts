import type { Netns } from "../../netns.ts";
import type { XtFamily, XtRule } from "../../uapi/index.ts";
import { familyNumber } from "./register.ts";

/** What a rule holds on to while it is there: conntrack, sets, lists of recent addresses. Models: the checkentry and destroy functions. */

const TRACKING_MATCHES: ReadonlySet<string> = new Set(["conntrack", "state", "connmark", "connlimit"]);
const TRACKING_TARGETS: ReadonlySet<string> = new Set([
  "CONNMARK",
  "CT",
  "DNAT",
  "SNAT",
  "MASQUERADE",
  "REDIRECT",
  "NETMAP",
]);

export function tracks(rule: XtRule): boolean {
  const { target } = rule;
  const notrack = target?.kind === "CT" && target.notrack === true;
  if (target !== undefined && TRACKING_TARGETS.has(target.kind) && !notrack) return true;
  return rule.matches.some((match) => TRACKING_MATCHES.has(match.kind));
}

/** Names of the sets that a rule asks or changes. */
export function setsOf(rule: XtRule): readonly string[] {
  const { matches, target } = rule;
  let names: string[] | null = null;
  for (const match of matches) if (match.kind === "set") (names ??= []).push(match.name);
  if (target?.kind === "SET") (names ??= []).push(target.name);
  return names ?? NONE;
}

const NONE: readonly string[] = [];

export function hold(ns: Netns, family: XtFamily, rule: XtRule): void {
  if (tracks(rule)) ns.netfilter.holdConntrack(familyNumber(family));
  for (const name of setsOf(rule)) ns.ipset.refer(name, 1);
  for (const match of rule.matches)
    if (match.kind === "recent") ns.xtables.recent.hold(match.name, match.hitcount);
}

export function release(ns: Netns, family: XtFamily, rule: XtRule): void {
  if (tracks(rule)) ns.netfilter.releaseConntrack(familyNumber(family));
  for (const name of setsOf(rule)) ns.ipset.refer(name, -1);
  for (const match of rule.matches) if (match.kind === "recent") ns.xtables.recent.release(match.name);
}
