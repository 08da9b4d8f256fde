import type { RuleApi, RuleInfo, RulePrefix } from "../../kernel/uapi/index.ts";
import { TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { formatIpv4, inPrefix, type Ipv4 } from "../../wire/address.ts";
import { formatIpv6, inPrefix6, type Ipv6 } from "../../wire/address6.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseWrittenPrefix } from "../netlink/addresses.ts";
import { looksLikeIpv6, parseWrittenPrefix6 } from "../netlink/addresses6.ts";
import { answerText, done } from "../netlink/answer.ts";
import { GROUPS, ipProtocolName, PROTOCOLS } from "../netlink/names.ts";
import { addressFamily, type Ip } from "./context.ts";
import { dsfieldText } from "./route-print.ts";
import {
  type PrefixReader,
  readDeviceName,
  readIpProtocol,
  readMark,
  readPorts,
  readRule,
  readTos,
} from "./rule-words.ts";
import { parseTable, tableName } from "./tables.ts";

/** `ip rule`: policy routing. Models: ip/iprule.c print_rule, filter_nlmsg, flush_rule, iprule_modify. */

/** What differs between the address families. */
export interface RuleFamilyText<A> {
  readonly bits: number;
  readonly api: RuleApi<A>;
  readonly read: PrefixReader<A>;
  format(address: A): string;
  covers(prefix: RulePrefix<A>, address: A): boolean;
}

const PROTO_KERNEL = 2;

/** A listing takes prefixes of one family only, a change of any that fits. */
export function ipv4Rules(ip: Ip, listing: boolean): RuleFamilyText<Ipv4> {
  return {
    bits: 32,
    api: ip.net.rule,
    read: (word, key) => readPrefix(ip, word, key, listing),
    format: formatIpv4,
    covers: (prefix, address) => inPrefix(address, prefix.address, prefix.length),
  };
}

/** Without `-6` a rule is one of IPv4: the kernel minds an address of the other family. */
function readPrefix(ip: Ip, word: string, key: "source" | "dst", listing: boolean): RulePrefix<Ipv4> {
  const family = addressFamily(ip) ?? (listing ? "inet" : undefined);
  if (family === undefined && looksLikeIpv6(word)) fail(2, `Error: Invalid ${key} address.\n`);
  return parseWrittenPrefix(word, family);
}

function ipv6Rules(ip: Ip): RuleFamilyText<Ipv6> {
  return {
    bits: 128,
    api: ip.net.ipv6.rule,
    read: parseWrittenPrefix6,
    format: formatIpv6,
    covers: (prefix, address) => inPrefix6(address, prefix.address, prefix.length),
  };
}

// ------------------------------------------------------------------------------------------------ printing

function sayPrefix<A>(
  ip: Ip,
  f: RuleFamilyText<A>,
  key: "src" | "dst",
  word: string,
  p: RulePrefix<A>,
): void {
  const text = f.format(p.address);
  ip.out.add(key, text, p.length === f.bits ? `${word} ${text} ` : `${word} ${text}/${p.length} `);
  if (p.length !== f.bits) ip.out.add(`${key}len`, p.length, "");
}

const hex = (n: number): string => (n === 0 ? "0" : `0x${n.toString(16)}`);

function sayMark<A>(ip: Ip, rule: RuleInfo<A>): void {
  if (rule.mark === undefined) return;
  const { mark, mask = 0xffffffff } = rule;
  ip.out.add("fwmark", hex(mark), `fwmark ${hex(mark)}`);
  if (mask >>> 0 === 0xffffffff) ip.out.say(" ");
  else ip.out.add("fwmask", hex(mask), `/${hex(mask)} `);
}

function sayDevice(ip: Ip, key: "iif" | "oif", name: string | undefined, detached: boolean): void {
  if (name === undefined) return;
  ip.out.add(key, name, `${key} ${name} `);
  if (detached) ip.out.add(`${key}_detached`, null, "[detached] ");
}

function sayPorts(ip: Ip, key: "sport" | "dport", range: RuleInfo["sourcePorts"]): void {
  if (range === undefined) return;
  if (range.first === range.last) ip.out.add(key, range.first, `${key} ${range.first} `);
  else {
    ip.out.add(`${key}_start`, range.first, `${key} ${range.first}-`);
    ip.out.add(`${key}_end`, range.last, `${range.last} `);
  }
}

function sayAction<A>(ip: Ip, rule: RuleInfo<A>): void {
  const { out } = ip;
  if (rule.action === "lookup") {
    const name = tableName(ip, rule.table ?? 0);
    out.add("table", name, `lookup ${name}`);
    if (rule.suppressPrefixLength !== undefined) {
      const { suppressPrefixLength: n } = rule;
      out.add("suppress_prefixlen", n, ` suppress_prefixlength ${n}`);
    }
    if (rule.suppressGroup !== undefined) {
      const group = ip.options.numeric ? String(rule.suppressGroup) : GROUPS.text(rule.suppressGroup);
      out.add("suppress_ifgroup", group, ` suppress_ifgroup ${group}`);
    }
  } else if (rule.action === "goto") {
    out.add("goto", rule.target ?? 0, `goto ${rule.target ?? 0}`);
    if (rule.unresolved) out.add("unresolved", null, " [unresolved]");
  } else if (rule.action === "nop") out.add("nop", null, "nop");
  else {
    const number = { blackhole: "6", unreachable: "7", prohibit: "8" }[rule.action];
    const name = ip.options.numeric ? number : rule.action;
    out.add("action", name, name);
  }
}

/** One line of `ip rule`. */
export function printRule<A>(ip: Ip, f: RuleFamilyText<A>, rule: RuleInfo<A>): void {
  const { out } = ip;
  out.object(null, () => {
    out.add("priority", rule.priority, `${rule.priority}:\t`);
    if (rule.invert === true) out.add("not", null, "not ");
    if (rule.src === undefined) out.add("src", "all", "from all ");
    else sayPrefix(ip, f, "src", "from", rule.src);
    if (rule.dst !== undefined) sayPrefix(ip, f, "dst", "to", rule.dst);
    if (rule.tos !== undefined) {
      const tos = dsfieldText(ip, rule.tos);
      out.add("tos", tos, `tos ${tos} `);
    }
    sayMark(ip, rule);
    sayDevice(ip, "iif", rule.iif, rule.iifDetached);
    sayDevice(ip, "oif", rule.oif, rule.oifDetached);
    if (rule.ipProtocol !== undefined) {
      const name = ipProtocolName(rule.ipProtocol, ip.options.numeric);
      out.add("ipproto", name, `ipproto ${name} `);
    }
    sayPorts(ip, "sport", rule.sourcePorts);
    sayPorts(ip, "dport", rule.destinationPorts);
    sayAction(ip, rule);
    if ((rule.protocol !== 0 && rule.protocol !== PROTO_KERNEL) || ip.options.details) {
      const name = ip.options.numeric ? String(rule.protocol) : PROTOCOLS.text(rule.protocol);
      out.add("protocol", name, ` proto ${name}`);
    }
  });
  out.say("\n");
}

// ------------------------------------------------------------------------------------------------ selecting

interface Selector<A> {
  invert?: boolean;
  src?: RulePrefix<A>;
  dst?: RulePrefix<A>;
  priority?: number;
  mark?: number;
  mask?: number;
  tos?: number;
  iif?: string;
  oif?: string;
  table?: number;
  ipProtocol?: number;
  sport?: NonNullable<RuleInfo["sourcePorts"]>;
  dport?: NonNullable<RuleInfo["sourcePorts"]>;
  /** Counts for `flush` only. */
  protocol?: number;
}

function readPriority(words: Words): number {
  const word = words.value();
  return parseUnsigned(word) ?? invalidArgument("preference value is invalid\n", word);
}

function readTable(ip: Ip, words: Words): number {
  const word = words.value();
  return parseTable(ip, word) ?? invalidArgument("table id value is invalid\n", word);
}

function readProtocol(words: Words): number | undefined {
  const word = words.value();
  const protocol = PROTOCOLS.parse(word, 255);
  if (protocol === undefined && word !== "all") invalidArgument('invalid "protocol"\n', word);
  return protocol;
}

function readWord<A>(ip: Ip, f: RuleFamilyText<A>, s: Selector<A>, word: string, words: Words): void {
  if (matches(word, "preference") || matches(word, "order") || matches(word, "priority"))
    s.priority = readPriority(words);
  else if (word === "not") s.invert = true;
  else if (word === "tos" || matches(word, "dsfield")) s.tos = readTos(words);
  else if (word === "fwmark") Object.assign(s, readMark(words.value()));
  else if (word === "dev" || word === "iif") s.iif = readDeviceName(words, '"iif"/"dev"');
  else if (word === "oif") s.oif = readDeviceName(words, '"oif"');
  else if (word === "l3mdev") refuse("rules for L3 master devices");
  else if (word === "uidrange") refuse("rules for user ids");
  else if (word === "tun_id") refuse("rules for a tunnel id");
  else if (matches(word, "lookup") || matches(word, "table")) s.table = readTable(ip, words);
  else if (matches(word, "from") || matches(word, "src")) s.src = f.read(words.value(), "source");
  else if (matches(word, "protocol")) {
    const protocol = readProtocol(words);
    if (protocol !== undefined) s.protocol = protocol;
  } else if (word === "ipproto") s.ipProtocol = readIpProtocol(words);
  else if (word === "sport") s.sport = readPorts(words.value(), "invalid sport range\n");
  else if (word === "dport") s.dport = readPorts(words.value(), "invalid dport range\n");
  else s.dst = f.read(word === "to" || matches(word, "dst") ? words.value() : word, "dst");
}

function readSelector<A>(ip: Ip, f: RuleFamilyText<A>, words: Words): Selector<A> {
  const selector: Selector<A> = {};
  for (let word = words.next(); word !== undefined; word = words.next())
    readWord(ip, f, selector, word, words);
  return selector;
}

/** A rule without a prefix, or with one that the asked prefix covers. */
function covered<A>(
  f: RuleFamilyText<A>,
  asked: RulePrefix<A> | undefined,
  own: RulePrefix<A> | undefined,
): boolean {
  if (asked === undefined || asked.length === 0) return true;
  return own !== undefined && f.covers(asked, own.address);
}

function sameRange(a: RuleInfo["sourcePorts"], b: RuleInfo["sourcePorts"]): boolean {
  return b === undefined || (a !== undefined && a.first === b.first && a.last === b.last);
}

function selects<A>(f: RuleFamilyText<A>, s: Selector<A>, rule: RuleInfo<A>): boolean {
  return (
    (s.priority === undefined || s.priority === rule.priority) &&
    (s.invert === undefined || rule.invert === true) &&
    covered(f, s.src, rule.src) &&
    covered(f, s.dst, rule.dst) &&
    (s.tos === undefined || s.tos === 0 || s.tos === rule.tos) &&
    (s.mark === undefined || s.mark === 0 || s.mark === rule.mark) &&
    (s.mask === undefined || s.mask === 0 || s.mask === rule.mask) &&
    (s.iif === undefined || s.iif === rule.iif) &&
    (s.oif === undefined || s.oif === rule.oif) &&
    (s.ipProtocol === undefined || s.ipProtocol === rule.ipProtocol) &&
    sameRange(rule.sourcePorts, s.sport) &&
    sameRange(rule.destinationPorts, s.dport) &&
    (s.table === undefined || s.table === 0 || s.table === (rule.table ?? 0))
  );
}

export function showRules(ip: Ip, words: Words): number {
  ip.out.begin();
  if (ip.options.family === "inet6") show(ip, ipv6Rules(ip), words);
  else show(ip, ipv4Rules(ip, true), words);
  return 0;
}

function show<A>(ip: Ip, family: RuleFamilyText<A>, words: Words): void {
  const selector = readSelector(ip, family, words);
  for (const rule of family.api.list()) if (selects(family, selector, rule)) printRule(ip, family, rule);
}

/** Rules of priority 0 stay: to the tool they have none. */
export function flushRules(ip: Ip, words: Words): number {
  if (ip.options.family === "inet6") flush(ip, ipv6Rules(ip), words);
  else flush(ip, ipv4Rules(ip, true), words);
  return 0;
}

function flush<A>(ip: Ip, family: RuleFamilyText<A>, words: Words): void {
  const selector = readSelector(ip, family, words);
  for (const rule of family.api.list()) {
    if (rule.priority === 0 || !selects(family, selector, rule)) continue;
    if (selector.protocol !== undefined && selector.protocol !== rule.protocol) continue;
    const gone = family.api.delete(rule);
    if (!gone.ok) fail(2, answerText(gone.error));
  }
}

export function changeRule(verb: "add" | "delete"): (ip: Ip, words: Words) => number {
  return (ip, words) => {
    if (words.left === 0) fail(1, `"ip rule ${verb === "add" ? "add" : "del"}" requires arguments.\n`);
    if (ip.options.family === "inet6") change(ip, ipv6Rules(ip), words, verb);
    else change(ip, ipv4Rules(ip, false), words, verb);
    return 0;
  };
}

function change<A>(ip: Ip, family: RuleFamilyText<A>, words: Words, verb: "add" | "delete"): void {
  const { tableGiven, ...draft } = readRule(ip, words, family.read);
  if (verb === "delete") {
    done(family.api.delete(draft));
    return;
  }
  const table = tableGiven !== true && { table: TABLE_MAIN };
  done(family.api.add({ action: "lookup", ...draft, ...table }));
}
