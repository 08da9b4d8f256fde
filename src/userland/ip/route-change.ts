import {
  type NextHop,
  type RouteProtocol,
  type RouteSpec,
  type RouteType,
  type RouteVerb,
  SCOPE_HOST,
  SCOPE_LINK,
  TABLE_LOCAL,
  TABLE_MAIN,
  PROTO_BOOT,
} from "../../kernel/uapi/index.ts";
import type { Ipv4, Ipv4Prefix } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseAddress, parseWrittenPrefix } from "../netlink/addresses.ts";
import { done } from "../netlink/answer.ts";
import { parseRouteType, PROTOCOLS, SCOPES } from "../netlink/names.ts";
import { addressFamily, device, type Ip } from "./context.ts";
import { parseDsfield } from "./route-print.ts";
import { parseTable } from "./tables.ts";
import { isAboutIpv6 } from "./ipv6/family.ts";
import { addRoute6, deleteRoute6 } from "./ipv6/route.ts";
import { ROUTE_USAGE } from "./usage.ts";

/** `ip route add|del|change|replace|append|prepend`. Models: ip/iproute.c iproute_modify. */

interface RouteWords {
  type?: RouteType;
  dst?: Ipv4Prefix;
  gateway?: Ipv4;
  dev?: string;
  source?: Ipv4;
  metric?: number;
  tos?: number;
  table?: number;
  protocol?: RouteProtocol;
  scope?: number;
  onlink?: boolean;
  mtu?: number;
  mtuLocked?: boolean;
  advmss?: number;
  nexthops?: readonly NextHop[];
}

function number(words: Words, key: string, max = 0xffffffff): number {
  const word = words.value();
  return parseUnsigned(word, max) ?? invalidArgument(`"${key}" value is invalid\n`, word);
}

function readVia(ip: Ip, draft: RouteWords, words: Words): void {
  if (draft.gateway !== undefined) invalidArgument("use nexthop syntax to specify multiple via\n", "via");
  const word = words.value();
  if (word === "inet6") refuse("a gateway of another family (via inet6)");
  const family = addressFamily(ip) ?? (draft.dst === undefined && word !== "inet" ? undefined : "inet");
  draft.gateway = parseAddress(word === "inet" ? words.value() : word, family);
}

function readTable(ip: Ip, draft: RouteWords, words: Words): void {
  const word = words.value();
  draft.table = parseTable(ip, word) ?? invalidArgument('"table" value is invalid\n', word);
}

function readProtocol(draft: RouteWords, words: Words): void {
  const word = words.value();
  draft.protocol = PROTOCOLS.parse(word, 255) ?? invalidArgument('"protocol" value is invalid\n', word);
}

function readScope(draft: RouteWords, words: Words): void {
  const word = words.value();
  draft.scope = SCOPES.parse(word, 255) ?? invalidArgument('invalid "scope" value\n', word);
}

function readTos(draft: RouteWords, words: Words): void {
  const word = words.value();
  draft.tos = parseDsfield(word) ?? invalidArgument('"tos" value is invalid\n', word);
}

const UNMODELLED = [
  ...[
    "from",
    "expires",
    "hoplimit",
    "reordering",
    "rtt",
    "rto_min",
    "window",
    "cwnd",
    "initcwnd",
    "initrwnd",
    "as",
  ],
  ...["features", "quickack", "congctl", "rttvar", "ssthresh", "realms", "nhid", "vrf", "pref", "encap"],
  ...["ttl-propagate", "fastopen_no_cookie", "pervasive", "weight"],
];

function readDestination(ip: Ip, draft: RouteWords, first: string, words: Words): void {
  let word = first === "to" ? words.value() : first;
  if (["anycast", "nat", "xresolve"].includes(word)) refuse(`the route type "${word}"`);
  const type = /^\d/.test(word) ? undefined : parseRouteType(word);
  if (type !== undefined) {
    draft.type = type;
    word = words.value();
  }
  if (matches(word, "help")) fail(255, ROUTE_USAGE);
  if (draft.dst !== undefined) garbage("to", word);
  const { address, length } = parseWrittenPrefix(word, addressFamily(ip));
  draft.dst = { address, length };
}

function readMtu(draft: RouteWords, words: Words): void {
  if (words.accept("lock")) draft.mtuLocked = true;
  draft.mtu = number(words, "mtu");
}

/** `nexthop ... nexthop ...` to the end of the line. Models: parse_nexthops, parse_one_nh. */
function readNextHops(ip: Ip, draft: RouteWords, words: Words): void {
  const list: NextHop[] = [];
  do {
    if (words.left === 0) fail(255, 'Error: unexpected end of line after "nexthop"\n');
    list.push(readNextHop(ip, words));
    const word = words.next();
    if (word === undefined) break;
    if (word !== "nexthop") fail(255, `Error: "nexthop" or end of line is expected instead of "${word}"\n`);
  } while (words.left >= 0);
  draft.nexthops = list;
}

function readNextHop(ip: Ip, words: Words): NextHop {
  const hop: { -readonly [K in keyof NextHop]: NextHop[K] } = { weight: 1 };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "via") {
      const next = words.value();
      if (next === "inet6") refuse("a gateway of another family (via inet6)");
      hop.gateway = parseAddress(next === "inet" ? words.value() : next, "inet");
    } else if (word === "dev") hop.dev = device(ip.net, words.value()).index;
    else if (word === "weight") {
      const weight = words.value();
      const value = parseUnsigned(weight, 256) ?? 0;
      hop.weight = value > 0 ? value : invalidArgument('"weight" is invalid\n', weight);
    } else if (word === "onlink") hop.onlink = true;
    else if (matches(word, "realms") || word === "encap" || word === "as")
      refuse(`the nexthop option "${word}"`);
    else {
      words.back();
      break;
    }
  }
  return hop;
}

function readWord(ip: Ip, draft: RouteWords, word: string, words: Words): void {
  if (word === "src") draft.source = parseAddress(words.value(), addressFamily(ip) ?? "inet");
  else if (word === "via") readVia(ip, draft, words);
  else if (word === "tos" || matches(word, "dsfield")) readTos(draft, words);
  else if (matches(word, "metric") || matches(word, "priority") || word === "preference")
    draft.metric = number(words, "metric");
  else if (word === "scope") readScope(draft, words);
  else if (word === "mtu") readMtu(draft, words);
  else if (word === "advmss") {
    if (words.accept("lock")) refuse("a locked advmss");
    draft.advmss = number(words, "mss");
  } else if (word === "onlink") draft.onlink = true;
  else if (matches(word, "protocol")) readProtocol(draft, words);
  else if (matches(word, "table")) readTable(ip, draft, words);
  else if (word === "dev" || word === "oif") draft.dev = words.value();
  else if (word === "nexthop") readNextHops(ip, draft, words);
  else if (UNMODELLED.includes(word)) refuse(`the route option "${word}"`);
  else readDestination(ip, draft, word, words);
}

function readRouteWords(ip: Ip, words: Words): RouteWords {
  if (words.left === 0) fail(255, ROUTE_USAGE);
  const draft: RouteWords = {};
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, draft, word, words);
  if (draft.dst === undefined) fail(255, ROUTE_USAGE);
  return draft;
}

const LOCAL_TYPES: readonly (RouteType | undefined)[] = ["local", "broadcast"];

/** The scope that a new route has unless told: what has no gateway is on the link. */
function defaultScope(draft: RouteWords): number {
  if (draft.type === "local") return SCOPE_HOST;
  if (draft.type === "broadcast" || draft.type === "multicast") return SCOPE_LINK;
  const bare = draft.gateway === undefined && draft.nexthops === undefined;
  const onLink = (draft.type ?? "unicast") === "unicast" && bare;
  return onLink ? SCOPE_LINK : 0;
}

function hops(ip: Ip, draft: RouteWords): readonly NextHop[] {
  const dev = draft.dev === undefined ? undefined : device(ip.net, draft.dev).index;
  const [first] = draft.nexthops ?? [];
  if (draft.nexthops !== undefined) {
    if (dev !== undefined && dev !== first?.dev)
      fail(2, "Error: Nexthop device index does not match RTA_OIF.\n");
    if (draft.gateway !== undefined && draft.gateway !== first?.gateway)
      fail(2, "Error: Nexthop gateway does not match RTA_GATEWAY or RTA_VIA.\n");
    return draft.nexthops;
  }
  if (dev === undefined && draft.gateway === undefined) return [];
  return [
    {
      ...(dev !== undefined && { dev }),
      ...(draft.gateway !== undefined && { gateway: draft.gateway }),
      ...(draft.onlink === true && { onlink: true }),
    },
  ];
}

function common(draft: RouteWords): Omit<RouteSpec, "dst" | "nexthops"> {
  const { type, metric, tos, source, mtu, mtuLocked, advmss, protocol, scope } = draft;
  return {
    ...(type !== undefined && { type }),
    ...(metric !== undefined && { metric }),
    ...(tos !== undefined && { tos }),
    ...(source !== undefined && { prefSrc: source }),
    ...(mtu !== undefined && { mtu }),
    ...(mtuLocked === true && { mtuLocked }),
    ...(advmss !== undefined && { advmss }),
    ...(protocol !== undefined && { protocol }),
    ...(scope !== undefined && { scope }),
  };
}

function tableOf(draft: RouteWords): number {
  return draft.table ?? (LOCAL_TYPES.includes(draft.type) ? TABLE_LOCAL : TABLE_MAIN);
}

export function addRoute(verb: RouteVerb): (ip: Ip, words: Words) => number {
  return (ip, words) => {
    if (isAboutIpv6(ip, words)) return addRoute6(ip, words, verb);
    const draft = readRouteWords(ip, words);
    const nexthops = hops(ip, draft);
    const dst = draft.dst ?? { address: 0 as Ipv4, length: 0 };
    done(
      ip.net.route.add(
        {
          protocol: PROTO_BOOT,
          scope: defaultScope(draft),
          ...common(draft),
          dst,
          nexthops,
          table: tableOf(draft),
        },
        verb,
      ),
    );
    return 0;
  };
}

export function deleteRoute(ip: Ip, words: Words): number {
  if (isAboutIpv6(ip, words)) return deleteRoute6(ip, words);
  const draft = readRouteWords(ip, words);
  const nexthops = hops(ip, draft);
  const dst = draft.dst ?? { address: 0 as Ipv4, length: 0 };
  const spec = { ...common(draft), dst, table: tableOf(draft), ...(nexthops.length > 0 && { nexthops }) };
  done(ip.net.route.delete(spec));
  return 0;
}
