import type {
  XtAddress,
  XtChainInfo,
  XtFamily,
  XtInterface,
  XtRule,
  XtRuleInfo,
} from "../../kernel/uapi/xtables.ts";
import { protocolName } from "../protocols.ts";
import { formatAddress, formatInterface, formatMask, isV4, maskLength } from "./address.ts";
import { listMatch } from "./list.ts";
import { listTarget } from "./list-target.ts";

/** The tables of `iptables -L`. Models: xshared.c print_header, print_rule_details. */

export interface ListFormat {
  readonly numeric: boolean;
  readonly verbose: boolean;
  /** Counters in full. */
  readonly exact: boolean;
  readonly lineNumbers: boolean;
  /** The name of an address, for listings that are not numeric. */
  readonly nameOf?: (address: XtAddress["address"]) => string | undefined;
}

const SUFFIXES = ["K", "M", "G", "T"];
const LARGE = 99_999;

/** A counter: in full up to 99999, then in thousands with a suffix, rounded. Models: xtables_print_num. */
export function counterText(value: number, exact: boolean): string {
  if (exact || value <= LARGE) return String(value);
  let rest = value;
  for (const [i, suffix] of SUFFIXES.entries()) {
    rest = Math.floor((rest + 500) / 1000);
    if (rest <= 9999 || i === SUFFIXES.length - 1) return `${rest}${suffix}`;
  }
  return String(rest);
}

function column(value: number, exact: boolean): string {
  const text = counterText(value, exact);
  return exact || value <= LARGE
    ? text.padStart(exact ? 8 : 5)
    : `${text.slice(0, -1).padStart(4)}${text.slice(-1)}`;
}

export function listHeader(chain: XtChainInfo, format: ListFormat): string {
  const { packets, bytes } = chain.counters;
  const counted = format.verbose
    ? ` ${counterText(packets, format.exact)} packets, ${counterText(bytes, format.exact)} bytes`
    : "";
  const what = chain.policy === null ? `${chain.references} references` : `policy ${chain.policy}${counted}`;
  let columns = format.lineNumbers ? "num  " : "";
  if (format.verbose) columns += format.exact ? "    pkts      bytes " : " pkts bytes ";
  columns += `${"target".padEnd(9)}  prot opt`;
  if (format.verbose) columns += ` ${"in".padEnd(6)} ${"out".padEnd(6)} `;
  return `Chain ${chain.name} (${what})\n${columns} ${"source".padEnd(19)}  ${"destination".padEnd(19)} \n`;
}

function interfaceText(of: XtInterface | undefined, numeric: boolean): string {
  if (of === undefined) return numeric ? "*" : "any";
  return `${of.invert === true ? "!" : ""}${formatInterface(of)}`;
}

function addressText(of: XtAddress | undefined, family: XtFamily, format: ListFormat): string {
  if (of === undefined) return format.numeric ? (family === "ip" ? "0.0.0.0/0" : "::/0") : "anywhere";
  const host = maskLength(of.mask) === (isV4(of.address) ? 32 : 128);
  const name = format.numeric ? undefined : format.nameOf?.(of.address);
  return `${name ?? formatAddress(of.address)}${host ? "" : formatMask(of.mask)}`;
}

/** The target's name in its column. */
export function targetName(rule: XtRule): string {
  const { target } = rule;
  if (target === undefined) return "";
  if (target.kind === "jump" || target.kind === "goto") return target.chain;
  return target.kind === "NOTRACK" ? "CT" : target.kind;
}

function protocolText(rule: XtRule, numeric: boolean): string {
  const number = rule.protocol?.number ?? 0;
  const bang = rule.protocol?.invert === true ? "!" : " ";
  const name = number === 0 ? "all" : protocolName(number);
  return `${bang}${(numeric ? String(number) : (name ?? String(number))).padEnd(4)} `;
}

function fragmentText(rule: XtRule): string {
  if (rule.fragment === undefined) return "--";
  return rule.fragment.invert === true ? "!f" : "-f";
}

/** Behind the addresses: `[goto]`, the matches, the target's options. */
export function detailText(rule: XtRule, numeric: boolean): string {
  const start = rule.target?.kind === "goto" ? "[goto] " : "";
  const matches = rule.matches.map((match) => listMatch(match, rule, numeric)).join("");
  return start + matches + (rule.target === undefined ? "" : listTarget(rule.target, numeric));
}

/** One line of a listing, with its newline. */
export function listLine(info: XtRuleInfo, number: number, family: XtFamily, format: ListFormat): string {
  const { rule, counters } = info;
  const { numeric } = format;
  let line = format.lineNumbers ? `${String(number).padEnd(4)} ` : "";
  if (format.verbose)
    line += `${column(counters.packets, format.exact)} ${column(counters.bytes, format.exact)} `;
  line += `${targetName(rule).padEnd(9)} ${protocolText(rule, numeric)}${fragmentText(rule)} `;
  if (format.verbose)
    line += ` ${interfaceText(rule.in, numeric).padEnd(6)} ${interfaceText(rule.out, numeric).padEnd(6)} `;
  const side = (of: XtAddress | undefined): string =>
    `${of?.invert === true ? "!" : " "}${addressText(of, family, format).padEnd(19)} `;
  return `${line}${side(rule.source)}${side(rule.dest)}${detailText(rule, numeric)}\n`;
}

/** What `-v` prints of a rule that is added, found or deleted. Models: nft_ipv4_print_rule. */
export function ruleLine(rule: XtRule, family: XtFamily): string {
  const number = rule.protocol?.number ?? 0;
  const protocol = number === 0 ? "all" : (protocolName(number) ?? String(number));
  const bang = rule.protocol?.invert === true ? "!" : "";
  const side = (of: XtAddress | undefined): string => {
    const format = { numeric: true, verbose: true, exact: false, lineNumbers: false };
    return `${of?.invert === true ? "!" : " "}${addressText(of, family, format)}`;
  };
  const where = `in ${interfaceText(rule.in, true)} out ${interfaceText(rule.out, true)}`;
  const name = targetName(rule);
  const head = `${name}${bang === "" ? "  " : " "}${bang}${protocol} opt ${fragmentText(rule)} ${where}`;
  return `${head} ${side(rule.source)}  ->${side(rule.dest)}  ${detailText(rule, true)}\n`;
}
