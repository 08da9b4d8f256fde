import type {
  ConntrackMatch,
  HashlimitMatch,
  Inverted,
  RecentMatch,
  XtAddress,
  XtInterface,
  XtMatch,
  XtRule,
} from "../../kernel/uapi/xtables.ts";
import { savePolicy } from "./match-policy.ts";
import { unreachable } from "../../base/result.ts";
import { formatMac } from "../../wire/address.ts";
import { protocolName } from "../protocols.ts";
import { formatAddress, formatInterface, formatMask, maskLength } from "./address.ts";
import { TCP_FLAGS } from "./names.ts";
import { formatRate } from "./rate.ts";
import { saveTarget } from "./save-target.ts";
import { quoteWord } from "./words.ts";

/** Rules as `iptables-save` and `iptables -S` print them. Models: the save functions of libxtables' extensions. */

const not = (of: Inverted): string => (of.invert === true ? "! " : "");

const hex = (n: number): string => `0x${n.toString(16)}`;
const hex2 = (n: number): string => `0x${n.toString(16).padStart(2, "0")}`;

/** `80` or `80:90`. */
export function colonRange({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? String(min) : `${min}:${max}`;
}

/** A mark, with its mask when that is not all ones. */
export function markText({ mark, mask }: { readonly mark: number; readonly mask: number }): string {
  return mask === 0xffffffff ? hex(mark) : `${hex(mark)}/${hex(mask)}`;
}

/** An address of an extension's option: the mask only where it is not a host's. */
export function hostMask({ address, mask }: XtAddress): string {
  const full = typeof address === "number" ? 32 : 128;
  return maskLength(mask) === full ? formatAddress(address) : `${formatAddress(address)}${formatMask(mask)}`;
}

export function flagNames(bits: number): string {
  const names = TCP_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0);
  return names.length === 0 ? "NONE" : names.join(",");
}

function portsOf(match: Extract<XtMatch, { kind: "tcp" | "udp" | "sctp" }>): string[] {
  const parts: string[] = [];
  if (match.sports !== undefined) parts.push(`${not(match.sports)}--sport ${colonRange(match.sports)}`);
  if (match.dports !== undefined) parts.push(`${not(match.dports)}--dport ${colonRange(match.dports)}`);
  return parts;
}

function tcp(match: Extract<XtMatch, { kind: "tcp" }>): string[] {
  const parts = portsOf(match);
  const { option, flags } = match;
  if (option !== undefined) parts.push(`${not(option)}--tcp-option ${option.number}`);
  if (flags !== undefined)
    parts.push(`${not(flags)}--tcp-flags ${flagNames(flags.mask)} ${flagNames(flags.compare)}`);
  return parts;
}

function icmp(match: Extract<XtMatch, { kind: "icmp" | "icmp6" }>): string {
  const option = match.kind === "icmp" ? "--icmp-type" : "--icmpv6-type";
  const any = match.kind === "icmp" && match.type === 255 && match.codeMin === 0 && match.codeMax === 255;
  const code = match.codeMin === 0 && match.codeMax === 255 ? "" : `/${match.codeMin}`;
  return `${not(match)}${option} ${any ? "any" : `${match.type}${code}`}`;
}

/** The parts of a conntrack match, each behind `dash`: "--" in rules, nothing in listings. */
export function conntrackParts(match: ConntrackMatch, dash: string): string[] {
  const parts: string[] = [];
  const add = (of: Inverted | undefined, name: string, text: () => string): void => {
    if (of !== undefined) parts.push(`${not(of)}${dash}${name} ${text()}`);
  };
  const { state, protocol, status, direction } = match;
  if (state !== undefined) add(state, "ctstate", () => state.states.join(","));
  if (protocol !== undefined) add(protocol, "ctproto", () => String(protocol.protocol));
  const addresses = [
    ["ctorigsrc", match.origSrc],
    ["ctorigdst", match.origDst],
    ["ctreplsrc", match.replSrc],
    ["ctrepldst", match.replDst],
  ] as const;
  for (const [name, address] of addresses)
    if (address !== undefined) add(address, name, () => hostMask(address));
  const ports = [
    ["ctorigsrcport", match.origSrcPort],
    ["ctorigdstport", match.origDstPort],
    ["ctreplsrcport", match.replSrcPort],
    ["ctrepldstport", match.replDstPort],
  ] as const;
  for (const [name, range] of ports) if (range !== undefined) add(range, name, () => colonRange(range));
  if (status !== undefined) add(status, "ctstatus", () => status.status.join(","));
  const { expire } = match;
  if (expire !== undefined) add(expire, "ctexpire", () => colonRange(expire));
  if (direction !== undefined) parts.push(`${dash}ctdir ${direction}`);
  return parts;
}

function addrtype(match: Extract<XtMatch, { kind: "addrtype" }>): string[] {
  const { source, dest } = match;
  return [
    ...(source === undefined ? [] : [`${not(source)}--src-type ${source.types.join(",")}`]),
    ...(dest === undefined ? [] : [`${not(dest)}--dst-type ${dest.types.join(",")}`]),
    ...(match.limitIfaceIn === true ? ["--limit-iface-in"] : []),
    ...(match.limitIfaceOut === true ? ["--limit-iface-out"] : []),
  ];
}

export function probabilityText(probability: number): string {
  return (probability / 0x80000000).toFixed(11);
}

function recent(match: RecentMatch): string[] {
  const { seconds, hitcount, mask } = match;
  return [
    `${not(match)}--${match.action}`,
    ...(seconds === undefined ? [] : [`--seconds ${seconds}`]),
    ...(match.reap === true ? ["--reap"] : []),
    ...(hitcount === undefined ? [] : [`--hitcount ${hitcount}`]),
    ...(match.rttl === true ? ["--rttl"] : []),
    `--name ${match.name}`,
    ...(mask === undefined ? [] : [`--mask ${formatAddress(mask)}`]),
    match.side === "source" ? "--rsource" : "--rdest",
  ];
}

/** The parts of a physdev match, which read alike in rules and in listings. */
export function physdevParts(match: Extract<XtMatch, { kind: "physdev" }>): string[] {
  const device = (name: string, of: XtInterface | undefined): string[] =>
    of === undefined ? [] : [`${not(of)}--${name} ${formatInterface(of)}`];
  const flag = (name: string, of: Inverted | undefined): string[] =>
    of === undefined ? [] : [`${not(of)}--${name}`];
  return [
    ...flag("physdev-is-in", match.isIn),
    ...device("physdev-in", match.in),
    ...flag("physdev-is-out", match.isOut),
    ...device("physdev-out", match.out),
    ...flag("physdev-is-bridged", match.isBridged),
  ];
}

function hashlimit(match: HashlimitMatch): string[] {
  const { srcmask, dstmask, htableExpire } = match;
  return [
    `--hashlimit-${match.above ? "above" : "upto"} ${formatRate(match)}`,
    `--hashlimit-burst ${match.burst}`,
    ...(match.mode.length === 0 ? [] : [`--hashlimit-mode ${match.mode.join(",")}`]),
    `--hashlimit-name ${match.name}`,
    ...(htableExpire === undefined ? [] : [`--hashlimit-htable-expire ${htableExpire}`]),
    ...(srcmask === undefined ? [] : [`--hashlimit-srcmask ${srcmask}`]),
    ...(dstmask === undefined ? [] : [`--hashlimit-dstmask ${dstmask}`]),
  ];
}

const idRange = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? String(min) : `${min}-${max}`;

function owner(match: Extract<XtMatch, { kind: "owner" }>): string[] {
  const { socketExists, uid, gid } = match;
  return [
    ...(socketExists === undefined ? [] : [`${not(socketExists)}--socket-exists`]),
    ...(uid === undefined ? [] : [`${not(uid)}--uid-owner ${idRange(uid)}`]),
    ...(gid === undefined ? [] : [`${not(gid)}--gid-owner ${idRange(gid)}`]),
  ];
}

function iprange(match: Extract<XtMatch, { kind: "iprange" }>): string[] {
  const { source, dest } = match;
  const range = (of: { min: XtAddress["address"]; max: XtAddress["address"] }): string =>
    `${formatAddress(of.min)}-${formatAddress(of.max)}`;
  return [
    ...(source === undefined ? [] : [`${not(source)}--src-range ${range(source)}`]),
    ...(dest === undefined ? [] : [`${not(dest)}--dst-range ${range(dest)}`]),
  ];
}

const MULTIPORT = { source: "sports", destination: "dports", either: "ports" } as const;

/** The options of one match, as a list of parts. */
function matchOptions(match: XtMatch): readonly string[] {
  switch (match.kind) {
    case "tcp":
      return tcp(match);
    case "udp":
    case "sctp":
      return portsOf(match);
    case "icmp":
    case "icmp6":
      return [icmp(match)];
    case "multiport":
      return [`${not(match)}--${MULTIPORT[match.side]} ${match.ranges.map(colonRange).join(",")}`];
    case "comment":
      return [`--comment ${quoteWord(match.text)}`];
    case "conntrack":
      return conntrackParts(match, "--");
    case "state":
      return [`${not(match)}--state ${match.states.join(",")}`];
    case "mark":
    case "connmark":
      return [`${not(match)}--mark ${markText(match)}`];
    case "addrtype":
      return addrtype(match);
    case "recent":
      return recent(match);
    case "set":
      return [`${not(match)}--match-set ${match.name} ${match.dims.join(",")}`];
    case "physdev":
      return physdevParts(match);
    case "mac":
      return [`${not(match)}--mac-source ${formatMac(match.source)}`];
    case "length":
      return [`${not(match)}--length ${colonRange(match)}`];
    case "hashlimit":
      return hashlimit(match);
    case "owner":
      return owner(match);
    case "iprange":
      return iprange(match);
    default:
      return otherOptions(match);
  }
}

type Other = Extract<
  XtMatch,
  {
    kind:
      | "statistic"
      | "limit"
      | "socket"
      | "pkttype"
      | "dscp"
      | "tos"
      | "ttl"
      | "hl"
      | "rpfilter"
      | "connlimit"
      | "policy";
  }
>;

function otherOptions(match: Other): readonly string[] {
  switch (match.kind) {
    case "statistic":
      if (match.mode === "random")
        return [`--mode random ${not(match)}--probability ${probabilityText(match.probability)}`];
      return [`--mode nth ${not(match)}--every ${match.every} --packet ${match.packet}`];
    case "limit":
      return [
        `--limit ${formatRate(match)}`,
        ...(match.burst === DEFAULT_BURST ? [] : [`--limit-burst ${match.burst}`]),
      ];
    case "socket":
      return socketFlags(match);
    case "pkttype":
      return [`${not(match)}--pkt-type ${match.type}`];
    case "dscp":
      return [`${not(match)}--dscp ${hex2(match.value)}`];
    case "tos":
      return [`${not(match)}--tos ${hex2(match.value)}/${hex2(match.mask)}`];
    case "ttl":
    case "hl":
      return [`${not(match)}--${match.kind}-${match.op} ${match.value}`];
    case "rpfilter":
      return rpfilterFlags(match).map((flag) => `--${flag}`);
    case "connlimit":
      return [
        `--connlimit-${match.invert === true ? "upto" : "above"} ${match.above}`,
        `--connlimit-mask ${match.mask}`,
        match.side === "source" ? "--connlimit-saddr" : "--connlimit-daddr",
      ];
    case "policy":
      return savePolicy(match);
    default:
      return unreachable(match);
  }
}

const DEFAULT_BURST = 5;

export function socketFlags(match: Extract<XtMatch, { kind: "socket" }>): string[] {
  return [
    ...(match.transparent === true ? ["--transparent"] : []),
    ...(match.nowildcard === true ? ["--nowildcard"] : []),
    ...(match.restoreMark === true ? ["--restore-skmark"] : []),
  ];
}

export function rpfilterFlags(match: Extract<XtMatch, { kind: "rpfilter" }>): string[] {
  return [
    ...(match.loose === true ? ["loose"] : []),
    ...(match.validmark === true ? ["validmark"] : []),
    ...(match.acceptLocal === true ? ["accept-local"] : []),
    ...(match.invert === true ? ["invert"] : []),
  ];
}

function addressPart(option: string, of: XtAddress | undefined): string[] {
  if (of === undefined) return [];
  return [`${not(of)}${option} ${formatAddress(of.address)}${formatMask(of.mask)}`];
}

function interfacePart(option: string, of: XtInterface | undefined): string[] {
  return of === undefined ? [] : [`${not(of)}${option} ${formatInterface(of)}`];
}

/** A rule's specification: what stands behind `-A CHAIN`. */
export function saveRule(rule: XtRule): string {
  return saveRuleParts(rule)
    .filter((part) => part !== "")
    .join(" ");
}

/** The same in two: the conditions, and the target with its options. */
export function saveRuleParts(rule: XtRule): readonly [string, string] {
  const { protocol, fragment, target } = rule;
  const parts = [
    ...addressPart("-s", rule.source),
    ...addressPart("-d", rule.dest),
    ...interfacePart("-i", rule.in),
    ...interfacePart("-o", rule.out),
    ...(protocol === undefined
      ? []
      : [`${not(protocol)}-p ${protocolName(protocol.number) ?? protocol.number}`]),
    ...(fragment === undefined ? [] : [`${not(fragment)}-f`]),
    ...rule.matches.flatMap((match) => [`-m ${match.kind}`, ...matchOptions(match)]),
  ];
  return [parts.join(" "), target === undefined ? "" : saveTarget(target)];
}
