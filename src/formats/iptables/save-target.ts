import type { NatRange, XtTarget } from "../../kernel/uapi/xtables.ts";
import { unreachable } from "../../base/result.ts";
import { formatAddress, formatMask, isV4, sameAddress } from "./address.ts";
import { LOG_FLAGS } from "./names.ts";
import { quoteWord } from "./words.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import { ipv4 } from "../../wire/address.ts";

/** Targets as `iptables-save` prints them. */

const hex = (n: number): string => `0x${n.toString(16)}`;
const hex2 = (n: number): string => `0x${n.toString(16).padStart(2, "0")}`;

/** `80` or `80-90`. */
export function natPorts({ minPort, maxPort }: NatRange): string {
  if (minPort === undefined) return "";
  return maxPort === undefined || maxPort === minPort ? String(minPort) : `${minPort}-${maxPort}`;
}

/** What DNAT and SNAT map to; an IPv6 address before a port stands in brackets. */
export function natRange(range: NatRange): string {
  const { minAddress, maxAddress, minPort } = range;
  const port = minPort === undefined ? "" : `:${natPorts(range)}`;
  if (minAddress === undefined) return port;
  const low = formatAddress(minAddress);
  const one = maxAddress === undefined || sameAddress(minAddress, maxAddress);
  const addresses = one ? low : `${low}-${formatAddress(maxAddress)}`;
  return isV4(minAddress) || port === "" ? `${addresses}${port}` : `[${addresses}]${port}`;
}

export function natFlags(range: NatRange): string[] {
  return [
    ...(range.random === true ? ["random"] : []),
    ...(range.randomFully === true ? ["random-fully"] : []),
    ...(range.persistent === true ? ["persistent"] : []),
  ];
}

/** The network of NETMAP: the bits in which the ends of its range agree. */
export function netmapNetwork({ minAddress, maxAddress }: NatRange): string {
  if (minAddress === undefined) return "";
  const to = maxAddress ?? minAddress;
  const mask =
    isV4(minAddress) || isV4(to)
      ? ipv4(~(Number(minAddress) ^ Number(to)))
      : (minAddress.map((group, i) => ~(group ^ (to[i] ?? 0)) & 0xffff) as readonly number[] as Ipv6);
  return `${formatAddress(minAddress)}${formatMask(mask)}`;
}

function nat(target: Extract<XtTarget, { range: NatRange }>): string {
  const { kind, range } = target;
  const flags = natFlags(range).map((flag) => ` --${flag}`);
  switch (kind) {
    case "DNAT":
      return `-j DNAT --to-destination ${natRange(range)}${flags.join("")}`;
    case "SNAT":
      return `-j SNAT --to-source ${natRange(range)}${flags.join("")}`;
    case "MASQUERADE":
    case "REDIRECT":
      return `-j ${kind}${range.minPort === undefined ? "" : ` --to-ports ${natPorts(range)}`}${flags.join("")}`;
    case "NETMAP":
      return `-j NETMAP --to ${netmapNetwork(range)}`;
    default:
      return unreachable(target);
  }
}

function connmark(target: Extract<XtTarget, { kind: "CONNMARK" }>): string {
  if (target.op === "set") return `-j CONNMARK --set-xmark ${hex(target.value)}/${hex(target.ctmask)}`;
  return `-j CONNMARK --${target.op}-mark --nfmask ${hex(target.nfmask)} --ctmask ${hex(target.ctmask)}`;
}

const DEFAULT_LOG_LEVEL = 4;

function log(target: Extract<XtTarget, { kind: "LOG" }>): string {
  const flags = LOG_FLAGS.filter(([, bit]) => (target.flags & bit) !== 0).map(([name]) => ` --log-${name}`);
  const prefix = target.prefix === "" ? "" : ` --log-prefix ${quoteWord(target.prefix)}`;
  const level = target.level === DEFAULT_LOG_LEVEL ? "" : ` --log-level ${target.level}`;
  return `-j LOG${prefix}${level}${flags.join("")}`;
}

/** The options of NFLOG behind `dash`: "--" in rules, nothing in listings. */
export function nflogParts(target: Extract<XtTarget, { kind: "NFLOG" }>, dash: string): string[] {
  const { prefix, group, size, threshold } = target;
  return [
    ...(prefix === "" ? [] : [`${dash}nflog-prefix ${quoteWord(prefix)}`]),
    ...(group === 0 ? [] : [`${dash}nflog-group ${group}`]),
    ...(size === undefined ? [] : [`${dash}nflog-size ${size}`]),
    ...(threshold === undefined ? [] : [`${dash}nflog-threshold ${threshold}`]),
  ];
}

/** The options of SET, likewise. */
export function setParts(target: Extract<XtTarget, { kind: "SET" }>, dash: string): string[] {
  return [
    `${dash}${target.op}-set ${target.name} ${target.dims.join(",")}`,
    ...(target.exist === true ? [`${dash}exist`] : []),
    ...(target.timeout === undefined ? [] : [`${dash}timeout ${target.timeout}`]),
  ];
}

/** The options of NFQUEUE behind `dash`, likewise. */
export function queueParts(target: Extract<XtTarget, { kind: "NFQUEUE" }>, dash: string): string[] {
  const { number, total, bypass, fanout } = target;
  const last = number + total - 1;
  const prefix = dash === "" ? "" : `${dash}queue-`;
  return [
    total > 1 ? `${prefix}balance ${number}:${last}` : `${prefix}num ${number}`,
    ...(bypass === true ? [`${prefix}bypass`] : []),
    ...(fanout === true ? [`${prefix}cpu-fanout`] : []),
  ];
}

/** `-j TARGET` and its options. */
export function saveTarget(target: XtTarget): string {
  switch (target.kind) {
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "NOTRACK":
    case "TRACE":
      return `-j ${target.kind}`;
    case "jump":
      return `-j ${target.chain}`;
    case "goto":
      return `-g ${target.chain}`;
    case "REJECT":
      return `-j REJECT --reject-with ${target.with}`;
    case "MARK":
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case "CONNMARK":
      return connmark(target);
    case "CT":
      return `-j CT${target.notrack === true ? " --notrack" : ""}${target.zone === undefined ? "" : ` --zone ${target.zone}`}`;
    case "TCPMSS":
      return `-j TCPMSS ${target.mss === undefined ? "--clamp-mss-to-pmtu" : `--set-mss ${target.mss}`}`;
    case "LOG":
      return log(target);
    case "NFLOG":
      return ["-j NFLOG", ...nflogParts(target, "--")].join(" ");
    case "NFQUEUE":
      return ["-j NFQUEUE", ...queueParts(target, "--")].join(" ");
    case "TTL":
    case "HL":
      return `-j ${target.kind} --${target.kind.toLowerCase()}-${target.op} ${target.value}`;
    case "TOS":
      return `-j TOS --set-tos ${hex2(target.value)}/${hex2(target.mask)}`;
    case "DSCP":
      return `-j DSCP --set-dscp ${hex2(target.value)}`;
    case "CHECKSUM":
      return "-j CHECKSUM --checksum-fill";
    case "CLASSIFY":
      return `-j CLASSIFY --set-class ${hex4(target.major)}:${hex4(target.minor)}`;
    case "SET":
      return ["-j SET", ...setParts(target, "--")].join(" ");
    default:
      return nat(target);
  }
}

const hex4 = (n: number): string => n.toString(16).padStart(4, "0");
