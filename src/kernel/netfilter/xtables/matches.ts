import type { XtMatch, XtRule } from "../../uapi/index.ts";
import { DEST, headerMatchers, type Matcher, rangeMatcher, SOURCE } from "./header.ts";
import {
  addrtypeMatcher,
  macMatcher,
  ownerMatcher,
  physdevMatcher,
  pkttypeMatcher,
  rpfilterMatcher,
} from "./match/place.ts";
import { hashlimitMatcher, limitMatcher, statisticMatcher } from "./match/rate.ts";
import { policyMatcher } from "./match/policy.ts";
import { recentMatcher } from "./match/recent.ts";
import { setMatcher } from "./match/set.ts";
import { connlimitMatcher, socketMatcher } from "./match/lookups.ts";
import { conntrackMatcher, connmarkMatcher, markMatcher, stateMatcher } from "./match/state.ts";
import {
  icmpMatcher,
  lengthMatcher,
  multiportMatcher,
  portsMatchers,
  tcpMatchers,
  tosOf,
  ttlMatcher,
} from "./match/transport.ts";

/** All that must hold for a rule, in the order in which it is asked. */
export function ruleMatchers(rule: XtRule): Matcher[] {
  const all = headerMatchers(rule);
  for (const match of rule.matches) all.push(...matchersOf(match));
  return all;
}

function matchersOf(m: XtMatch): readonly Matcher[] {
  switch (m.kind) {
    case "tcp":
      return tcpMatchers(m);
    case "udp":
    case "sctp":
      return portsMatchers(m);
    case "comment":
      return [];
    case "iprange":
      return [
        ...(m.source === undefined ? [] : [rangeMatcher(m.source, SOURCE)]),
        ...(m.dest === undefined ? [] : [rangeMatcher(m.dest, DEST)]),
      ];
    default:
      return [matcherOf(m)];
  }
}

function matcherOf(m: Exclude<XtMatch, { kind: "tcp" | "udp" | "sctp" | "comment" | "iprange" }>): Matcher {
  switch (m.kind) {
    case "icmp":
    case "icmp6":
      return icmpMatcher(m);
    case "multiport":
      return multiportMatcher(m);
    case "conntrack":
      return conntrackMatcher(m);
    case "state":
      return stateMatcher(m);
    case "mark":
      return markMatcher(m);
    case "connmark":
      return connmarkMatcher(m);
    case "addrtype":
      return addrtypeMatcher(m);
    case "statistic":
      return statisticMatcher(m);
    case "recent":
      return recentMatcher(m);
    case "set":
      return setMatcher(m);
    case "limit":
      return limitMatcher(m);
    case "hashlimit":
      return hashlimitMatcher(m);
    case "length":
      return lengthMatcher(m);
    case "ttl":
    case "hl":
      return ttlMatcher(m);
    default:
      return placeMatcher(m);
  }
}

type PlaceMatch = Extract<
  XtMatch,
  {
    kind:
      | "physdev"
      | "mac"
      | "owner"
      | "socket"
      | "pkttype"
      | "dscp"
      | "tos"
      | "rpfilter"
      | "connlimit"
      | "policy";
  }
>;

function placeMatcher(m: PlaceMatch): Matcher {
  switch (m.kind) {
    case "physdev":
      return physdevMatcher(m);
    case "mac":
      return macMatcher(m);
    case "owner":
      return ownerMatcher(m);
    case "socket":
      return socketMatcher(m);
    case "pkttype":
      return pkttypeMatcher(m);
    case "dscp": {
      const { value, invert = false } = m;
      return (v) => (tosOf(v) >>> 2 === value) !== invert;
    }
    case "tos": {
      const { value, mask, invert = false } = m;
      return (v) => ((tosOf(v) & mask) === value) !== invert;
    }
    case "rpfilter":
      return rpfilterMatcher(m);
    case "connlimit":
      return connlimitMatcher(m);
    case "policy":
      return policyMatcher(m);
  }
}
