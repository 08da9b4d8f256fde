import type { HashlimitMatch, Inverted, RecentMatch, XtMatch, XtRule } from "../../kernel/uapi/xtables.ts";
import { listPolicy } from "./match-policy.ts";
import { unreachable } from "../../base/result.ts";
import { formatMac } from "../../wire/address.ts";
import { serviceName, type ServiceProtocol } from "../services.ts";
import { formatAddress } from "./address.ts";
import { icmpNames, TOS_NAME_MASK, TOS_NAMES } from "./names.ts";
import { portProtocol } from "./match-ports.ts";
import { formatRate } from "./rate.ts";
import {
  colonRange,
  conntrackParts,
  flagNames,
  markText,
  physdevParts,
  probabilityText,
  rpfilterFlags,
  socketFlags,
} from "./save.ts";
import { groupName, userName } from "./users.ts";

/** Matches as `iptables -L` prints them behind the addresses. Models: the print functions of libxtables' extensions. */

const bang = (of: Inverted): string => (of.invert === true ? "!" : "");
const not = (of: Inverted): string => (of.invert === true ? "! " : "");

const hex2 = (n: number, upper = false): string => {
  const digits = n.toString(16).padStart(2, "0");
  return `0x${upper ? digits.toUpperCase() : digits}`;
};

/** The name of a port, unless `numeric`. */
function portText(port: number, protocol: ServiceProtocol | undefined, numeric: boolean): string {
  const name = numeric || protocol === undefined ? undefined : serviceName(port, protocol);
  return name ?? String(port);
}

type PortMatch = Extract<XtMatch, { kind: "tcp" | "udp" | "sctp" }>;

function ports(match: PortMatch, numeric: boolean): string {
  // libxt_sctp and libxt_udp look names up like libxt_tcp, but services(5) has few for them.
  const protocol = match.kind;
  const one = (name: string, range: PortMatch["sports"]): string => {
    if (range === undefined) return "";
    const low = portText(range.min, protocol, numeric);
    if (range.min === range.max) return ` ${name}:${bang(range)}${low}`;
    return ` ${name}s:${bang(range)}${low}:${portText(range.max, protocol, numeric)}`;
  };
  return one("spt", match.sports) + one("dpt", match.dports);
}

function tcp(match: Extract<XtMatch, { kind: "tcp" }>, numeric: boolean): string {
  const { option, flags } = match;
  let text = ` tcp${ports(match, numeric)}`;
  if (option !== undefined) text += ` option=${bang(option)}${option.number}`;
  if (flags === undefined) return text;
  const one = (bits: number): string => (numeric ? hex2(bits, true) : flagNames(bits));
  return `${text} flags:${bang(flags)}${one(flags.mask)}/${one(flags.compare)}`;
}

function icmp(match: Extract<XtMatch, { kind: "icmp" | "icmp6" }>, numeric: boolean): string {
  const label = match.kind === "icmp" ? " icmp" : " ipv6-icmp";
  const every = match.codeMin === 0 && match.codeMax === 255;
  if (!numeric) {
    const known = icmpNames(match.kind).find(
      ({ type, code }) =>
        type === match.type &&
        (code === undefined ? every : code === match.codeMin && code === match.codeMax),
    );
    if (known !== undefined) return `${label} ${bang(match)}${known.name}`;
  }
  const code = every ? "" : ` code ${match.codeMin}`;
  return `${label}${match.invert === true ? " !" : ""}type ${match.type}${code}`;
}

const MULTIPORT = { source: "sports", destination: "dports", either: "ports" } as const;

function multiport(match: Extract<XtMatch, { kind: "multiport" }>, rule: XtRule, numeric: boolean): string {
  const protocol = portProtocol(rule.protocol?.number);
  const one = (port: number): string => portText(port, protocol, numeric);
  const list = match.ranges.map(({ min, max }) => (min === max ? one(min) : `${one(min)}:${one(max)}`));
  return ` multiport ${MULTIPORT[match.side]} ${match.invert === true ? " !" : ""}${list.join(",")}`;
}

function addrtype(match: Extract<XtMatch, { kind: "addrtype" }>): string {
  const { source, dest } = match;
  let text = " ADDRTYPE match";
  if (source !== undefined) text += ` src-type ${bang(source)}${source.types.join(",")}`;
  if (dest !== undefined) text += ` dst-type ${bang(dest)}${dest.types.join(",")}`;
  if (match.limitIfaceIn === true) text += " limit-in";
  return match.limitIfaceOut === true ? `${text} limit-out` : text;
}

const RECENT = { set: "SET", rcheck: "CHECK", update: "UPDATE", remove: "REMOVE" } as const;

function recent(match: RecentMatch): string {
  const { seconds, hitcount, mask } = match;
  let text = ` ${not(match)}recent: ${RECENT[match.action]}`;
  if (seconds !== undefined) text += ` seconds: ${seconds}`;
  if (match.reap === true) text += " reap";
  if (hitcount !== undefined) text += ` hit_count: ${hitcount}`;
  if (match.rttl === true) text += " TTL-Match";
  text += ` name: ${match.name} side: ${match.side}`;
  return mask === undefined ? text : `${text} mask: ${formatAddress(mask)}`;
}

function hashlimit(match: HashlimitMatch): string {
  const { htableExpire, srcmask, dstmask } = match;
  let text = ` limit: ${match.above ? "above" : "up to"} ${formatRate(match)} burst ${match.burst}`;
  if (match.mode.length > 0) text += ` mode ${match.mode.join("-")}`;
  if (htableExpire !== undefined) text += ` htable-expire ${htableExpire}`;
  if (srcmask !== undefined) text += ` srcmask ${srcmask}`;
  return dstmask === undefined ? text : `${text} dstmask ${dstmask}`;
}

function owner(match: Extract<XtMatch, { kind: "owner" }>, numeric: boolean): string {
  const { socketExists, uid, gid } = match;
  const ids = (
    label: string,
    range: NonNullable<typeof uid>,
    nameOf: (id: number) => string | undefined,
  ): string => {
    const name = numeric ? undefined : nameOf(range.min);
    const text = range.min === range.max ? (name ?? String(range.min)) : `${range.min}-${range.max}`;
    return ` ${not(range)}owner ${label} match ${text}`;
  };
  return (
    (socketExists === undefined ? "" : ` ${not(socketExists)}owner socket exists`) +
    (uid === undefined ? "" : ids("UID", uid, userName)) +
    (gid === undefined ? "" : ids("GID", gid, groupName))
  );
}

/** The name that a value of the TOS field has under the mask that names have. */
export function tosName(value: number, mask: number): string | undefined {
  if (mask !== TOS_NAME_MASK) return undefined;
  return Object.entries(TOS_NAMES).find(([, known]) => known === value)?.[0];
}

function iprange(match: Extract<XtMatch, { kind: "iprange" }>): string {
  const one = (label: string, range: typeof match.source): string =>
    range === undefined
      ? ""
      : ` ${label} IP range ${not(range)}${formatAddress(range.min)}-${formatAddress(range.max)}`;
  return one("source", match.source) + one("destination", match.dest);
}

const COMPARE = { eq: "==", lt: "<", gt: ">" } as const;

/** One match, with a blank before each of its parts. */
export function listMatch(match: XtMatch, rule: XtRule, numeric: boolean): string {
  switch (match.kind) {
    case "tcp":
      return tcp(match, numeric);
    case "udp":
    case "sctp":
      return ` ${match.kind}${ports(match, numeric)}`;
    case "icmp":
    case "icmp6":
      return icmp(match, numeric);
    case "multiport":
      return multiport(match, rule, numeric);
    case "comment":
      return ` /* ${match.text} */`;
    case "conntrack":
      return ` ${conntrackParts(match, "").join(" ")}`;
    case "state":
      return ` ${not(match)}state ${match.states.join(",")}`;
    case "mark":
      return ` mark match ${not(match)}${markText(match)}`;
    case "connmark":
      return ` connmark match ${match.invert === true ? "!" : ""} ${markText(match)}`;
    case "addrtype":
      return addrtype(match);
    case "statistic":
      if (match.mode === "random")
        return ` statistic mode random ${not(match)}probability ${probabilityText(match.probability)}`;
      return ` statistic mode nth ${not(match)}every ${match.every}${match.packet === 0 ? "" : ` packet ${match.packet}`}`;
    case "recent":
      return recent(match);
    case "set":
      return ` ${not(match)}match-set ${match.name} ${match.dims.join(",")}`;
    case "physdev":
      return ` PHYSDEV match ${physdevParts(match).join(" ")}`;
    case "hashlimit":
      return hashlimit(match);
    default:
      return listOther(match, numeric);
  }
}

type Other = Extract<
  XtMatch,
  {
    kind:
      | "mac"
      | "length"
      | "limit"
      | "owner"
      | "socket"
      | "pkttype"
      | "dscp"
      | "tos"
      | "ttl"
      | "hl"
      | "iprange"
      | "rpfilter"
      | "connlimit"
      | "policy";
  }
>;

function listOther(match: Other, numeric: boolean): string {
  switch (match.kind) {
    case "mac":
      return ` MAC ${not(match)}${formatMac(match.source)}`;
    case "length":
      return ` length ${bang(match)}${colonRange(match)}`;
    case "limit":
      return ` limit: avg ${formatRate(match)} burst ${match.burst}`;
    case "owner":
      return owner(match, numeric);
    case "socket":
      return [" socket", ...socketFlags(match)].join(" ");
    case "pkttype":
      return ` PKTTYPE ${match.invert === true ? "!=" : "="} ${match.type}`;
    case "dscp":
      return ` DSCP match ${bang(match)}${hex2(match.value)}`;
    case "tos": {
      const name = numeric ? undefined : tosName(match.value, match.mask);
      if (name !== undefined) return ` tos match ${bang(match)}${name}`;
      return ` tos match${bang(match)}${hex2(match.value)}/${hex2(match.mask)}`;
    }
    case "ttl":
    case "hl": {
      const label = match.kind.toUpperCase();
      return ` ${label} match ${label} ${match.invert === true ? "!=" : COMPARE[match.op]} ${match.value}`;
    }
    case "iprange":
      return iprange(match);
    case "rpfilter":
      return [" rpfilter", ...rpfilterFlags(match)].join(" ");
    case "connlimit":
      return ` #conn ${match.side === "source" ? "src" : "dst"}/${match.mask} ${match.invert === true ? "<=" : ">"} ${match.above}`;
    case "policy":
      return listPolicy(match, numeric);
    default:
      return unreachable(match);
  }
}
