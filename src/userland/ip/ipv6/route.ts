import {
  type LinkInfo,
  type NextHop6,
  PROTO_BOOT,
  type Route6Query,
  type Route6Spec,
  type Route6Type,
  type RoutePreference,
  type RouteVerb,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "../../../kernel/uapi/index.ts";
import { type Ipv6, IPV6_ANY, type Ipv6Prefix } from "../../../wire/address6.ts";
import { fail, refuse } from "../../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { parseAddress6, parseWrittenPrefix6 } from "../../netlink/addresses6.ts";
import { done } from "../../netlink/answer.ts";
import { parseRouteType, PROTOCOLS } from "../../netlink/names.ts";
import { device, type Ip } from "../context.ts";
import { parseDsfield } from "../route-print.ts";
import { parseTable } from "../tables.ts";
import { ROUTE_USAGE } from "../usage.ts";
import { printAnswer6, printRoute6 } from "./route-print.ts";

/** `ip -6 route add|del|change|replace|append|prepend|get`. Models: ip/iproute.c iproute_modify, iproute_get. */

interface RouteWords {
  type?: Route6Type;
  dst?: Ipv6Prefix;
  gateway?: Ipv6;
  dev?: string;
  source?: Ipv6;
  metric?: number;
  table?: number;
  protocol?: number;
  onlink?: boolean;
  mtu?: number;
  advmss?: number;
  hopLimit?: number;
  expires?: number;
  preference?: RoutePreference;
  nexthops?: readonly NextHop6[];
}

function number(words: Words, key: string, max = 0xffffffff): number {
  const word = words.value();
  return parseUnsigned(word, max) ?? invalidArgument(`"${key}" value is invalid\n`, word);
}

const UNMODELLED = [
  ...["from", "reordering", "rtt", "rto_min", "window", "cwnd", "initcwnd", "initrwnd", "as", "features"],
  ...["quickack", "congctl", "rttvar", "ssthresh", "realms", "nhid", "vrf", "encap", "ttl-propagate"],
  ...["fastopen_no_cookie", "pervasive", "weight"],
];

const PREFERENCES: readonly RoutePreference[] = ["low", "medium", "high"];

function readPreference(words: Words): RoutePreference {
  const word = words.value();
  return PREFERENCES.find((name) => name === word) ?? invalidArgument('"pref" value is invalid\n', word);
}

function readVia(words: Words): Ipv6 {
  const word = words.value();
  if (word === "inet") refuse("a gateway of another family (via inet)");
  return parseAddress6(word === "inet6" ? words.value() : word);
}

function readDestination(draft: RouteWords, first: string, words: Words): void {
  let word = first === "to" ? words.value() : first;
  const type = word === "anycast" ? "anycast" : /^[\d:]/.test(word) ? undefined : parseRouteType(word);
  if (type !== undefined) {
    draft.type = type;
    word = words.value();
  }
  if (matches(word, "help")) fail(255, ROUTE_USAGE);
  if (draft.dst !== undefined) garbage("to", word);
  const { address, length } = parseWrittenPrefix6(word);
  draft.dst = { address, length };
}

/** `nexthop ... nexthop ...` to the end of the line. */
function readNextHops(ip: Ip, words: Words): readonly NextHop6[] {
  const list: NextHop6[] = [];
  for (;;) {
    const hop: { -readonly [K in keyof NextHop6]: NextHop6[K] } = { weight: 1 };
    let word = words.next();
    for (; word !== undefined && word !== "nexthop"; word = words.next()) {
      if (word === "via") hop.gateway = readVia(words);
      else if (word === "dev") hop.dev = device(ip.net, words.value()).index;
      else if (word === "weight") {
        const weight = words.value();
        hop.weight = parseUnsigned(weight, 256) || invalidArgument('"weight" is invalid\n', weight);
      } else if (word === "onlink") hop.onlink = true;
      else fail(255, `Error: "nexthop" or end of line is expected instead of "${word}"\n`);
    }
    list.push(hop);
    if (word === undefined) return list;
  }
}

function readWord(ip: Ip, draft: RouteWords, word: string, words: Words): void {
  if (word === "src") draft.source = parseAddress6(words.value());
  else if (word === "via") draft.gateway = readVia(words);
  else if (word === "tos" || matches(word, "dsfield")) parseDsfield(words.value());
  else if (matches(word, "metric") || matches(word, "priority") || word === "preference")
    draft.metric = number(words, "metric");
  else if (word === "scope") words.value();
  else if (word === "mtu") {
    if (words.accept("lock")) refuse("a locked mtu of IPv6");
    draft.mtu = number(words, "mtu");
  } else if (word === "advmss") draft.advmss = number(words, "mss");
  else if (matches(word, "hoplimit")) draft.hopLimit = number(words, "hoplimit", 255);
  else if (word === "expires") draft.expires = number(words, "expires");
  else if (word === "pref") draft.preference = readPreference(words);
  else if (word === "onlink") draft.onlink = true;
  else if (matches(word, "protocol")) {
    const name = words.value();
    draft.protocol = PROTOCOLS.parse(name, 255) ?? invalidArgument('"protocol" value is invalid\n', name);
  } else if (matches(word, "table")) {
    const name = words.value();
    draft.table = parseTable(ip, name) ?? invalidArgument('"table" value is invalid\n', name);
  } else if (word === "dev" || word === "oif") draft.dev = words.value();
  else if (word === "nexthop") draft.nexthops = readNextHops(ip, words);
  else if (UNMODELLED.includes(word)) refuse(`the route option "${word}"`);
  else readDestination(draft, word, words);
}

function readRouteWords(ip: Ip, words: Words): RouteWords & { dst: Ipv6Prefix } {
  if (words.left === 0) fail(255, ROUTE_USAGE);
  const draft: RouteWords = {};
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, draft, word, words);
  if (draft.dst === undefined) fail(255, ROUTE_USAGE);
  return { ...draft, dst: draft.dst };
}

function specOf(ip: Ip, draft: RouteWords & { dst: Ipv6Prefix }): Route6Spec {
  const { type, dst, metric, source, mtu, advmss, hopLimit, expires, preference, protocol } = draft;
  const dev = draft.dev === undefined ? undefined : device(ip.net, draft.dev).index;
  const single: NextHop6 = {
    ...(dev !== undefined && { dev }),
    ...(draft.gateway !== undefined && { gateway: draft.gateway }),
    ...(draft.onlink === true && { onlink: true }),
  };
  const nexthops = draft.nexthops ?? (dev === undefined && draft.gateway === undefined ? [] : [single]);
  return {
    dst,
    nexthops,
    table: draft.table ?? (type === "local" || type === "anycast" ? TABLE_LOCAL : TABLE_MAIN),
    ...(type !== undefined && { type }),
    ...(metric !== undefined && { metric }),
    ...(source !== undefined && { prefSrc: source }),
    ...(mtu !== undefined && { mtu }),
    ...(advmss !== undefined && { advmss }),
    ...(hopLimit !== undefined && { hopLimit }),
    ...(expires !== undefined && { expires }),
    ...(preference !== undefined && { preference }),
    ...(protocol !== undefined && { protocol }),
  };
}

export function addRoute6(ip: Ip, words: Words, verb: RouteVerb): number {
  const spec = specOf(ip, readRouteWords(ip, words));
  done(ip.net.ipv6.route.add({ protocol: PROTO_BOOT, ...spec }, verb));
  return 0;
}

export function deleteRoute6(ip: Ip, words: Words): number {
  done(ip.net.ipv6.route.delete(specOf(ip, readRouteWords(ip, words))));
  return 0;
}

interface Question {
  dst?: Ipv6;
  from?: Ipv6;
  iif?: LinkInfo;
  oif?: LinkInfo;
  mark?: number;
  fibMatch: boolean;
}

function readAddress(ip: Ip, question: Question, key: "dst" | "from", word: string): void {
  const { address, length } = parseWrittenPrefix6(word);
  if (length !== 128)
    ip.warnings.push(`Warning: /${length} as prefix is invalid, only /128 (or none) is supported.\n`);
  question[key] = address;
}

function readQuestion(ip: Ip, question: Question, word: string, words: Words): void {
  if (word === "tos" || matches(word, "dsfield")) words.value();
  else if (matches(word, "iif")) question.iif = device(ip.net, words.value());
  else if (matches(word, "mark")) {
    const value = words.value();
    question.mark = parseUnsigned(value) ?? invalidArgument("invalid mark value", value);
  } else if (matches(word, "oif") || word === "dev") question.oif = device(ip.net, words.value());
  else if (matches(word, "fibmatch")) question.fibMatch = true;
  else if (word === "uid") words.value();
  else if (["notify", "connected", "vrf", "ipproto", "sport", "dport", "as"].includes(word))
    refuse(`the option "${word}" of ip route get`);
  else if (word === "from") readAddress(ip, question, "from", words.value());
  else if (matches(word, "help")) fail(255, ROUTE_USAGE);
  else readAddress(ip, question, "dst", word === "to" ? words.value() : word);
}

export function getRoute6(ip: Ip, words: Words): number {
  const question: Question = { fibMatch: false };
  for (let word = words.next(); word !== undefined; word = words.next())
    readQuestion(ip, question, word, words);
  const { dst, from, iif, oif, mark } = question;
  if (dst === undefined) fail(1, "need at least a destination address\n");
  const query: Route6Query = {
    dst,
    ...(from !== undefined && { src: from }),
    ...(iif !== undefined && { iif: iif.index }),
    ...(oif !== undefined && { oif: oif.index }),
    ...(mark !== undefined && { mark }),
  };
  const answer = done(ip.net.ipv6.route.get(query));
  if (question.fibMatch) printRoute6(ip, answer.entry);
  else
    printAnswer6(ip, answer, {
      ...(from !== undefined && from !== IPV6_ANY && { from }),
      ...(iif !== undefined && { iif: iif.name }),
    });
  return 0;
}
