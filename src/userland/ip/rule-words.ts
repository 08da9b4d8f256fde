import type { PortRange, RuleAction, RulePrefix, RuleSpec } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { PROTOCOLS, parseIpProtocol } from "../netlink/names.ts";
import type { Ip } from "./context.ts";
import { parseDsfield } from "./route-print.ts";
import { parseTable } from "./tables.ts";
import { RULE_USAGE } from "./usage.ts";

/** The words of `ip rule add` and `ip rule del`. Models: ip/iprule.c iprule_modify. */

/** What is being read; `Reader` says how the family writes prefixes. */
export type RuleDraft<A> = { -readonly [K in keyof RuleSpec<A>]: RuleSpec<A>[K] } & { tableGiven?: boolean };
export type PrefixReader<A> = (word: string, key: "source" | "dst") => RulePrefix<A>;

type Reader = <A>(ip: Ip, draft: RuleDraft<A>, words: Words, prefix: PrefixReader<A>) => void;

function unsigned(words: Words, why: string): number {
  const word = words.value();
  return parseUnsigned(word) ?? invalidArgument(why, word);
}

/** FWMARK[/MASK] */
export function readMark(word: string): { mark: number; mask?: number } {
  const slash = word.indexOf("/");
  const first = slash < 0 ? word : word.slice(0, slash);
  const mark = parseUnsigned(first) ?? invalidArgument("fwmark value is invalid\n", first);
  if (slash < 0) return { mark };
  const second = word.slice(slash + 1);
  return { mark, mask: parseUnsigned(second) ?? invalidArgument("fwmask value is invalid\n", second) };
}

/** PORT or FIRST-LAST, as sscanf(3) reads "%hu-%hu". */
export function readPorts(word: string, why: string): PortRange {
  const m = /^\s*([+-]?\d+)(?:-([+-]?\d+))?/.exec(word);
  if (m === null) return invalidArgument(why, word);
  const first = Number(m[1]) & 0xffff;
  return { first, last: m[2] === undefined ? first : Number(m[2]) & 0xffff };
}

export function readTos(words: Words): number {
  const word = words.value();
  return parseDsfield(word) ?? invalidArgument("TOS value is invalid\n", word);
}

export function readIpProtocol(words: Words): number {
  const word = words.value();
  return parseIpProtocol(word) ?? invalidArgument('Invalid "ipproto" value\n', word);
}

export function readDeviceName(words: Words, key: string): string {
  const word = words.value();
  if (word === "" || word.length > 15 || /[/\s]/.test(word))
    invalidArgument(`${key} not a valid ifname`, word);
  return word;
}

function readProtocol(words: Words): number {
  const word = words.value();
  return PROTOCOLS.parse(word, 255) ?? invalidArgument('"protocol" value is invalid\n', word);
}

const readMarkWord: Reader = (_, draft, words) => void Object.assign(draft, readMark(words.value()));

const readTable: Reader = (ip, draft, words) => {
  const word = words.value();
  draft.table = parseTable(ip, word) ?? invalidArgument("invalid table ID\n", word);
  draft.tableGiven = true;
};

/** In iproute2's order of trial; a star: the word may be cut short. */
const READERS: readonly (readonly [string, Reader])[] = [
  ["not", (_, draft) => void (draft.invert = true)],
  ["from", (_, draft, words, prefix) => void (draft.src = prefix(words.value(), "source"))],
  ["to", (_, draft, words, prefix) => void (draft.dst = prefix(words.value(), "dst"))],
  ...["preference*", "order*", "priority*"].map((key): [string, Reader] => [
    key,
    (_, draft, words) => void (draft.priority = unsigned(words, "preference value is invalid\n")),
  ]),
  ["tos", (_, draft, words) => void (draft.tos = readTos(words))],
  ["dsfield*", (_, draft, words) => void (draft.tos = readTos(words))],
  ["fwmark", readMarkWord],
  ["realms*", () => refuse("routing realms")],
  ["protocol*", (_, draft, words) => void (draft.protocol = readProtocol(words))],
  ["tun_id", () => refuse("rules for a tunnel id")],
  ["table*", readTable],
  ["lookup", readTable],
  ...["suppress_prefixlength", "sup_pl"].map((key): [string, Reader] => [
    key,
    (_, draft, words) =>
      void (draft.suppressPrefixLength = unsigned(words, "suppress_prefixlength value is invalid\n")),
  ]),
  ...["suppress_ifgroup", "sup_group"].map((key): [string, Reader] => [key, readGroup]),
  ...["dev", "iif"].map((key): [string, Reader] => [
    key,
    (_, draft, words) => void (draft.iif = readDeviceName(words, '"iif"/"dev"')),
  ]),
  ["oif", (_, draft, words) => void (draft.oif = readDeviceName(words, '"oif"'))],
  ["l3mdev", () => refuse("rules for L3 master devices")],
  ["uidrange", () => refuse("rules for user ids")],
  ["nat*", () => refuse("route NAT")],
  ["map-to", () => refuse("route NAT")],
  ["ipproto", (_, draft, words) => void (draft.ipProtocol = readIpProtocol(words))],
  ["sport", (_, draft, words) => void (draft.sourcePorts = readPorts(words.value(), "invalid port range\n"))],
  [
    "dport",
    (_, draft, words) => void (draft.destinationPorts = readPorts(words.value(), "invalid dport range\n")),
  ],
];

function readGroup<A>(_: Ip, draft: RuleDraft<A>, words: Words): void {
  const word = words.value();
  const group = word === "default" ? 0 : parseUnsigned(word, 0x7fffffff);
  draft.suppressGroup = group ?? invalidArgument('Invalid "suppress_ifgroup" value\n', word);
}

const TYPES: readonly (readonly [string, RuleAction])[] = [
  ["blackhole", "blackhole"],
  ["unreachable", "unreachable"],
  ["prohibit", "prohibit"],
];
/** Types of route that the kernel takes as a rule's action without meaning anything by it. */
const ODD_TYPES = ["local", "nat", "broadcast", "brd", "anycast", "multicast", "throw", "xresolve"];

function readType<A>(draft: RuleDraft<A>, first: string, words: Words): void {
  const word = first === "type" ? words.value() : first;
  if (matches(word, "help")) fail(255, RULE_USAGE);
  if (matches(word, "goto")) {
    draft.action = "goto";
    draft.target = unsigned(words, "invalid target\n");
    return;
  }
  if (matches(word, "nop")) {
    draft.action = "nop";
    return;
  }
  if (word === "unicast") {
    draft.action = "lookup";
    draft.table ??= 0;
    draft.tableGiven = true;
    return;
  }
  const found = TYPES.find(([name]) => word !== "" && name.startsWith(word));
  if (found === undefined) {
    if (ODD_TYPES.includes(word)) refuse(`the rule type "${word}"`);
    invalidArgument("Failed to parse rule type", word);
  }
  draft.action = found[1];
  draft.tableGiven = true;
}

export function readRule<A>(ip: Ip, words: Words, prefix: PrefixReader<A>): RuleDraft<A> {
  const draft: RuleDraft<A> = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const found = READERS.find(([key]) =>
      key.endsWith("*") ? matches(word, key.slice(0, -1)) : key === word,
    );
    if (found === undefined) readType(draft, word, words);
    else found[1](ip, draft, words, prefix);
  }
  return draft;
}
