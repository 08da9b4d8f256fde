import { type IfIndex, type RouteInfo, TABLE_LOCAL, TABLE_MAIN } from "../../kernel/uapi/index.ts";
import { inPrefix, type Ipv4Prefix } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseWrittenPrefix } from "../netlink/addresses.ts";
import { parseRouteType, PROTOCOLS, SCOPES } from "../netlink/names.ts";
import { addressFamily, device, type Ip } from "./context.ts";
import { parseDsfield, printLearnt, printRoute, type Unsaid } from "./route-print.ts";
import { parseTable } from "./tables.ts";
import { isAboutIpv6 } from "./ipv6/family.ts";
import { flushRoutes6, showAllRoutes6, showRoutes6 } from "./ipv6/route-select.ts";
import { ROUTE_USAGE } from "./usage.ts";

/** `ip route show|flush SELECTOR`. Models: ip/iproute.c iproute_list_flush_or_save, filter_nlmsg. */
interface Selector {
  /** Undefined: all tables. */
  table: number | undefined;
  /** What was learnt about single destinations, instead of routes. */
  cached: boolean;
  protocol?: number;
  scope?: number;
  type?: string;
  dev?: IfIndex;
  metric?: number;
  tos?: number;
  via?: Ipv4Prefix;
  source?: Ipv4Prefix;
  /** Routes within it. */
  root?: Ipv4Prefix;
  /** Routes that contain it. */
  match?: Ipv4Prefix;
}

function readTable(ip: Ip, selector: Selector, words: Words): void {
  const word = words.value();
  const table = parseTable(ip, word);
  if (table !== undefined) selector.table = table === 0 ? undefined : table;
  else if (word === "all") selector.table = undefined;
  else if (word === "cache") selector.cached = true;
  else if (word === "help") fail(255, ROUTE_USAGE);
  else invalidArgument("table id value is invalid\n", word);
}

function readName(
  names: { parse(word: string, max: number): number | undefined },
  key: string,
  words: Words,
): number | undefined {
  const word = words.value();
  const value = names.parse(word, 255);
  if (value === undefined && word !== "all") invalidArgument(`invalid "${key}"\n`, word);
  return value;
}

function readType(selector: Selector, words: Words): void {
  const word = words.value();
  selector.type = parseRouteType(word) ?? invalidArgument("node type value is invalid\n", word);
}

function readMetric(selector: Selector, words: Words): void {
  const word = words.value();
  selector.metric = parseUnsigned(word) ?? invalidArgument('"metric" value is invalid\n', word);
}

function readTos(selector: Selector, words: Words): void {
  const word = words.value();
  selector.tos = parseDsfield(word) ?? invalidArgument("TOS value is invalid\n", word);
}

function readPrefix(ip: Ip, selector: Selector, first: string, words: Words): void {
  const word = first === "to" ? words.value() : first;
  const prefix = (): Ipv4Prefix => parseWrittenPrefix(words.value(), addressFamily(ip));
  if (word === "root") selector.root = prefix();
  else if (word === "match") selector.match = prefix();
  else if (word === "exact") selector.root = selector.match = prefix();
  else if (matches(word, "help")) fail(255, ROUTE_USAGE);
  else selector.root = selector.match = parseWrittenPrefix(word, addressFamily(ip));
}

function readWord(ip: Ip, selector: Selector, word: string, words: Words): void {
  if (matches(word, "table")) readTable(ip, selector, words);
  else if (matches(word, "cached") || matches(word, "cloned")) selector.cached = true;
  else if (word === "tos" || matches(word, "dsfield")) readTos(selector, words);
  else if (matches(word, "protocol")) {
    const protocol = readName(PROTOCOLS, "protocol", words);
    if (protocol !== undefined) selector.protocol = protocol;
  } else if (matches(word, "scope")) {
    const scope = readName(SCOPES, "scope", words);
    if (scope !== undefined) selector.scope = scope;
  } else if (matches(word, "type")) readType(selector, words);
  else if (word === "dev" || word === "oif") selector.dev = device(ip.net, words.value()).index;
  else if (["iif", "mark", "vrf", "realms", "from"].includes(word)) refuse(`the route selector "${word}"`);
  else if (word === "metric" || matches(word, "priority") || word === "preference")
    readMetric(selector, words);
  else if (word === "via") selector.via = parseWrittenPrefix(words.value(), addressFamily(ip));
  else if (word === "src") selector.source = parseWrittenPrefix(words.value(), addressFamily(ip));
  else readPrefix(ip, selector, word, words);
}

function readSelector(ip: Ip, words: Words): Selector {
  const selector: Selector = { table: TABLE_MAIN, cached: false };
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, selector, word, words);
  return selector;
}

function within(prefix: Ipv4Prefix | undefined, address: number | undefined): boolean {
  if (prefix === undefined) return true;
  return address !== undefined && inPrefix(address as typeof prefix.address, prefix.address, prefix.length);
}

function selects(selector: Selector, route: RouteInfo): boolean {
  const { root, match } = selector;
  const hop = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  return (
    (selector.table === undefined || selector.table === route.table) &&
    (selector.protocol === undefined || selector.protocol === route.protocol) &&
    (selector.scope === undefined || selector.scope === route.scope) &&
    (selector.type === undefined || selector.type === route.type) &&
    (selector.metric === undefined || selector.metric === route.metric) &&
    (selector.tos === undefined || selector.tos === route.tos) &&
    (selector.dev === undefined || hop?.dev === selector.dev) &&
    within(selector.via, hop?.gateway) &&
    within(selector.source, route.prefSrc) &&
    (root === undefined || (route.dst.length >= root.length && within(root, route.dst.address))) &&
    (match === undefined || (route.dst.length <= match.length && within(route.dst, match.address)))
  );
}

/** Tables that every namespace has from the start. */
const FIRST_TABLES: readonly number[] = [TABLE_MAIN, TABLE_LOCAL];

function chosen(ip: Ip, selector: Selector, verb: "Dump" | "Flush"): readonly RouteInfo[] {
  if (ip.options.family === "inet6" || ip.options.family === "link") return [];
  const all = ip.net.route.list();
  const { table } = selector;
  if (table !== undefined && !FIRST_TABLES.includes(table) && !ip.net.route.tables().includes(table))
    fail(verb === "Dump" ? 2 : 1, `Error: ipv4: FIB table does not exist.\n${verb} terminated\n`);
  return all.filter((route) => selects(selector, route));
}

function unsaid(selector: Selector): Unsaid {
  return {
    table: selector.table !== undefined,
    dev: selector.dev !== undefined,
    protocol: selector.protocol !== undefined,
    scope: selector.scope !== undefined,
    gateway: selector.via !== undefined,
    source: selector.source !== undefined,
    metric: selector.metric !== undefined,
    tos: selector.tos !== undefined,
  };
}

/** Tables do not count: what is learnt is asked for in all of them. */
function showLearnt(ip: Ip, selector: Selector): void {
  if (ip.options.family === "inet6" || ip.options.family === "link") return;
  if (ip.options.statistics > 0) refuse("ip -s route show cache");
  for (const learnt of ip.net.route.learnt()) {
    const { dst: address, dev, gateway, entry } = learnt;
    if (entry === undefined || dev === undefined) continue;
    const hop = { dev, ...(gateway === undefined ? {} : { gateway }), dead: false, linkdown: false };
    const own = { dst: { address, length: 32 }, nexthops: [hop] };
    const asRoute: RouteInfo = { ...entry, ...own, table: selector.table ?? entry.table };
    if (selects(selector, asRoute)) printLearnt(ip, learnt, unsaid(selector));
  }
}

export function showRoutes(ip: Ip, words: Words): number {
  if (isAboutIpv6(ip, words)) return showRoutes6(ip, words);
  // Only "table all" leaves the family open.
  const all = ip.options.family === undefined && words.rest().join(" ") === "table all";
  const selector = readSelector(ip, words);
  ip.out.begin();
  const hide = unsaid(selector);
  if (selector.cached) {
    showLearnt(ip, selector);
    return 0;
  }
  for (const route of chosen(ip, selector, "Dump")) printRoute(ip, route, hide);
  if (all) showAllRoutes6(ip);
  return 0;
}

export function flushRoutes(ip: Ip, words: Words): number {
  if (isAboutIpv6(ip, words)) return flushRoutes6(ip, words);
  if (words.left === 0) fail(1, '"ip route flush" requires arguments.\n');
  const selector = readSelector(ip, words);
  if (selector.cached) {
    ip.net.sysctl.set("net/ipv4/route/flush", "-1");
    return 0;
  }
  const routes = chosen(ip, selector, "Flush");
  for (const route of routes) {
    if (ip.options.statistics > 1) printRoute(ip, route, unsaid(selector));
    ip.net.route.delete(route);
  }
  if (ip.options.statistics > 0)
    ip.out.say(
      routes.length === 0
        ? "Nothing to flush.\n"
        : `\n*** Round 1, deleting ${routes.length} entries ***\n*** Flush is complete after 1 round ***\n`,
    );
  return 0;
}
