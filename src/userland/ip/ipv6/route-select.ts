import { type IfIndex, type Route6Info, TABLE_MAIN } from "../../../kernel/uapi/index.ts";
import { inPrefix6, type Ipv6, type Ipv6Prefix } from "../../../wire/address6.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { parseWrittenPrefix6 } from "../../netlink/addresses6.ts";
import { parseRouteType, PROTOCOLS, SCOPES } from "../../netlink/names.ts";
import { device, type Ip } from "../context.ts";
import type { Unsaid } from "../route-print.ts";
import { parseTable } from "../tables.ts";
import { ROUTE_USAGE } from "../usage.ts";
import { printRoute6 } from "./route-print.ts";

/** `ip -6 route show|flush SELECTOR`. Models: ip/iproute.c iproute_list_flush_or_save, filter_nlmsg. */
interface Selector {
  /** Undefined: all tables. */
  table: number | undefined;
  cached: boolean;
  protocol?: number;
  type?: string;
  dev?: IfIndex;
  metric?: number;
  via?: Ipv6Prefix;
  source?: Ipv6Prefix;
  root?: Ipv6Prefix;
  match?: Ipv6Prefix;
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

function readPrefix(selector: Selector, first: string, words: Words): void {
  const word = first === "to" ? words.value() : first;
  const prefix = (): Ipv6Prefix => parseWrittenPrefix6(words.value());
  if (word === "root") selector.root = prefix();
  else if (word === "match") selector.match = prefix();
  else if (word === "exact") selector.root = selector.match = prefix();
  else if (matches(word, "help")) fail(255, ROUTE_USAGE);
  else selector.root = selector.match = parseWrittenPrefix6(word);
}

function readWord(ip: Ip, selector: Selector, word: string, words: Words): void {
  if (matches(word, "table")) readTable(ip, selector, words);
  else if (matches(word, "cached") || matches(word, "cloned")) selector.cached = true;
  else if (word === "tos" || matches(word, "dsfield")) refuse("selecting IPv6 routes by tos");
  else if (matches(word, "protocol")) {
    const name = words.value();
    const protocol = PROTOCOLS.parse(name, 255);
    if (protocol === undefined && name !== "all") invalidArgument('invalid "protocol"\n', name);
    if (protocol !== undefined) selector.protocol = protocol;
  } else if (matches(word, "scope")) {
    const name = words.value();
    if (SCOPES.parse(name, 255) === undefined && name !== "all") invalidArgument('invalid "scope"\n', name);
  } else if (matches(word, "type")) {
    const name = words.value();
    selector.type = parseRouteType(name) ?? invalidArgument("node type value is invalid\n", name);
  } else if (word === "dev" || word === "oif") selector.dev = device(ip.net, words.value()).index;
  else if (["iif", "mark", "vrf", "realms", "from"].includes(word)) refuse(`the route selector "${word}"`);
  else if (word === "metric" || matches(word, "priority") || word === "preference") {
    const value = words.value();
    selector.metric = parseUnsigned(value) ?? invalidArgument('"metric" value is invalid\n', value);
  } else if (word === "via") selector.via = parseWrittenPrefix6(words.value());
  else if (word === "src") selector.source = parseWrittenPrefix6(words.value());
  else readPrefix(selector, word, words);
}

function readSelector(ip: Ip, words: Words): Selector {
  const selector: Selector = { table: TABLE_MAIN, cached: false };
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, selector, word, words);
  return selector;
}

function within(prefix: Ipv6Prefix | undefined, address: Ipv6 | undefined): boolean {
  if (prefix === undefined) return true;
  return address !== undefined && inPrefix6(address, prefix.address, prefix.length);
}

function selects(selector: Selector, route: Route6Info): boolean {
  const { root, match } = selector;
  const hop = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  return (
    (selector.table === undefined || selector.table === route.table) &&
    (selector.protocol === undefined || selector.protocol === route.protocol) &&
    (selector.type === undefined || selector.type === route.type) &&
    (selector.metric === undefined || selector.metric === route.metric) &&
    (selector.dev === undefined || hop?.dev === selector.dev) &&
    within(selector.via, hop?.gateway) &&
    within(selector.source, route.prefSrc) &&
    (root === undefined || (route.dst.length >= root.length && within(root, route.dst.address))) &&
    (match === undefined || (route.dst.length <= match.length && within(route.dst, match.address)))
  );
}

/** The kernel knows only tables that have routes, and those of the start. */
function chosen(ip: Ip, selector: Selector, verb: "Dump" | "Flush"): readonly Route6Info[] {
  if (selector.cached) return [];
  const all = ip.net.ipv6.route.list();
  const { table } = selector;
  if (table !== undefined && table < 253 && !all.some((route) => route.table === table))
    fail(verb === "Dump" ? 2 : 1, `Error: ipv6: FIB table does not exist.\n${verb} terminated\n`);
  return all.filter((route) => selects(selector, route));
}

function unsaid(selector: Selector): Unsaid {
  return {
    table: selector.table !== undefined,
    dev: selector.dev !== undefined,
    protocol: selector.protocol !== undefined,
    gateway: selector.via !== undefined,
    source: selector.source !== undefined,
    metric: selector.metric !== undefined,
  };
}

export function showRoutes6(ip: Ip, words: Words): number {
  const selector = readSelector(ip, words);
  ip.out.begin();
  const hide = unsaid(selector);
  for (const route of chosen(ip, selector, "Dump")) printRoute6(ip, route, hide);
  return 0;
}

/** What `ip route show table all` lists besides IPv4's routes. */
export function showAllRoutes6(ip: Ip): void {
  for (const route of ip.net.ipv6.route.list()) printRoute6(ip, route);
}

export function flushRoutes6(ip: Ip, words: Words): number {
  if (words.left === 0) fail(1, '"ip route flush" requires arguments.\n');
  const selector = readSelector(ip, words);
  if (selector.cached) {
    ip.net.sysctl.set("net/ipv6/route/flush", "-1");
    return 0;
  }
  const routes = chosen(ip, selector, "Flush");
  for (const route of routes) {
    if (ip.options.statistics > 1) printRoute6(ip, route, unsaid(selector));
    ip.net.ipv6.route.delete(route);
  }
  if (ip.options.statistics > 0)
    ip.out.say(
      routes.length === 0
        ? "Nothing to flush.\n"
        : `\n*** Round 1, deleting ${routes.length} entries ***\n*** Flush is complete after 1 round ***\n`,
    );
  return 0;
}
