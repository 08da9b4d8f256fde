import { fail, refuse } from "../args/exit.ts";
import { matches, type Words } from "../args/words.ts";
import { addAddress, deleteAddress, flushAddresses } from "./address-change.ts";
import { showAddresses } from "./address-show.ts";
import type { Ip, Verb } from "./context.ts";
import { LINK_KINDS } from "./kinds/index.ts";
import { addLink, deleteLink, setLink } from "./link-change.ts";
import { showLinks } from "./link-show.ts";
import { addNeighbour, deleteNeighbour, flushNeighbours, getNeighbour, showNeighbours } from "./neighbour.ts";
import { monitor } from "./monitor.ts";
import {
  addNetns,
  deleteNetns,
  execNetns,
  identifyNetns,
  listNetns,
  listNetnsIds,
  netnsPids,
  refuseNetns,
  setNetnsId,
} from "./netns.ts";
import { addRoute, deleteRoute } from "./route-change.ts";
import { getRoute } from "./route-get.ts";
import { flushRoutes, showRoutes } from "./route-select.ts";
import { showGroups } from "./ipv6/maddr.ts";
import { changeRule, flushRules, showRules } from "./rule.ts";
import { xfrm } from "./xfrm/xfrm.ts";
import { addTunTap, deleteTunTap, showTunTaps, TUNTAP_USAGE } from "./tuntap.ts";
import { addTunnel, changeTunnel, deleteTunnel, showTunnels, TUNNEL_USAGE } from "./tunnel.ts";
import {
  ADDRESS_USAGE,
  IP_USAGE,
  LINK_USAGE,
  NEIGH_USAGE,
  NETNS_USAGE,
  ROUTE_USAGE,
  RULE_USAGE,
} from "./usage.ts";

/** The objects of `ip` and their verbs, in iproute2's order of trial: a word stands for the first that it begins. */

interface IpObject {
  /** How the complaint about an unknown verb calls it. */
  readonly title: string;
  readonly verbs: readonly (readonly [names: string, verb: Verb])[];
  /** Without a verb. */
  readonly list: Verb;
}

const usage =
  (text: string): Verb =>
  () =>
    fail(255, text);

const unmodelled =
  (what: string): Verb =>
  () =>
    refuse(what);

/** `ip link help KIND` goes to standard output. */
function linkHelp(ip: Ip, words: Words): number {
  const parser = LINK_KINDS.get(words.next() ?? "");
  if (parser === undefined) fail(255, LINK_USAGE);
  ip.out.say(parser.usage);
  return 0;
}

const LINK: IpObject = {
  title: "link",
  list: showLinks,
  verbs: [
    ["add", addLink],
    ["set change", setLink],
    ["replace", unmodelled("ip link replace")],
    ["delete", deleteLink],
    ["show lst list", showLinks],
    ["xstats", unmodelled("ip link xstats")],
    ["afstats", unmodelled("ip link afstats")],
    ["property", unmodelled("ip link property")],
    ["help", linkHelp],
  ],
};

const ADDRESS: IpObject = {
  title: "address",
  list: showAddresses,
  verbs: [
    ["add", addAddress(false)],
    ["change chg", addAddress(true)],
    ["replace", addAddress(true)],
    ["delete", deleteAddress],
    ["show list lst", showAddresses],
    ["flush", flushAddresses],
    ["save", unmodelled("ip address save")],
    ["showdump", unmodelled("ip address showdump")],
    ["restore", unmodelled("ip address restore")],
    ["help", usage(ADDRESS_USAGE)],
  ],
};

const ROUTE: IpObject = {
  title: "route",
  list: showRoutes,
  verbs: [
    ["list show lst", showRoutes],
    ["get", getRoute],
    ["add", addRoute("add")],
    ["delete", deleteRoute],
    ["change chg", addRoute("change")],
    ["replace", addRoute("replace")],
    ["prepend", addRoute("prepend")],
    ["append", addRoute("append")],
    ["test", unmodelled("ip route test")],
    ["flush", flushRoutes],
    ["save", unmodelled("ip route save")],
    ["restore", unmodelled("ip route restore")],
    ["showdump", unmodelled("ip route showdump")],
    ["help", usage(ROUTE_USAGE)],
  ],
};

const NEIGHBOUR: IpObject = {
  title: "neigh",
  list: showNeighbours,
  verbs: [
    ["add", addNeighbour("add")],
    ["change chg", addNeighbour("change")],
    ["replace", addNeighbour("replace")],
    ["delete", deleteNeighbour],
    ["get", getNeighbour],
    ["show lst list", showNeighbours],
    ["flush", flushNeighbours],
    ["help", usage(NEIGH_USAGE)],
  ],
};

const NETNS: IpObject = {
  title: "netns",
  list: listNetns,
  verbs: [
    ["list show lst", listNetns],
    ["list-id", listNetnsIds],
    ["help", usage(NETNS_USAGE)],
    ["add", addNetns],
    ["set", setNetnsId],
    ["delete", deleteNetns],
    ["identify", identifyNetns],
    ["pids", netnsPids],
    ["exec", execNetns],
    ["monitor", refuseNetns("monitor")],
    ["attach", refuseNetns("attach")],
  ],
};

const RULE: IpObject = {
  title: "rule",
  list: showRules,
  verbs: [
    ["list lst show", showRules],
    ["save", unmodelled("ip rule save")],
    ["restore", unmodelled("ip rule restore")],
    ["add", changeRule("add")],
    ["delete", changeRule("delete")],
    ["flush", flushRules],
    ["help", usage(RULE_USAGE)],
  ],
};

const TUNNEL: IpObject = {
  title: "tunnel",
  list: showTunnels,
  verbs: [
    ["add", addTunnel],
    ["change", changeTunnel],
    ["delete", deleteTunnel],
    ["show lst list", showTunnels],
    ["prl", unmodelled("ip tunnel prl")],
    ["6rd", unmodelled("ip tunnel 6rd")],
    ["help", usage(TUNNEL_USAGE)],
  ],
};

const MADDRESS: IpObject = {
  title: "maddr",
  list: showGroups,
  verbs: [
    ["add", unmodelled("ip maddress add")],
    ["delete", unmodelled("ip maddress delete")],
    ["list show lst", showGroups],
  ],
};

/** Its words are no verbs: all of them go to the one program. */
const MONITOR: IpObject = { title: "monitor", list: monitor, verbs: [] };

/** Its objects have verbs of their own. */
const XFRM: IpObject = { title: "xfrm", list: xfrm, verbs: [] };

const TUNTAP: IpObject = {
  title: "tuntap",
  list: showTunTaps,
  verbs: [
    ["add", addTunTap],
    ["del", deleteTunTap],
    ["show lst list", showTunTaps],
    ["help", usage(TUNTAP_USAGE)],
  ],
};

const OBJECTS: readonly (readonly [name: string, object: IpObject | undefined])[] = [
  ["address", ADDRESS],
  ["addrlabel", undefined],
  ["maddress", MADDRESS],
  ["route", ROUTE],
  ["rule", RULE],
  ["neighbor", NEIGHBOUR],
  ["neighbour", NEIGHBOUR],
  ["ntable", undefined],
  ["ntbl", undefined],
  ["link", LINK],
  ["l2tp", undefined],
  ["fou", undefined],
  ["ila", undefined],
  ["macsec", undefined],
  ["tunnel", TUNNEL],
  ["tunl", TUNNEL],
  ["tuntap", TUNTAP],
  ["tap", TUNTAP],
  ["token", undefined],
  ["tcpmetrics", undefined],
  ["tcp_metrics", undefined],
  ["monitor", MONITOR],
  ["xfrm", XFRM],
  ["mroute", undefined],
  ["mrule", undefined],
  ["netns", NETNS],
  ["netconf", undefined],
  ["vrf", undefined],
  ["sr", undefined],
  ["nexthop", undefined],
  ["mptcp", undefined],
  ["ioam", undefined],
];

/** `OBJECT VERB ...`. */
export function findVerb(words: Words): Verb {
  const name = words.next() ?? fail(255, IP_USAGE);
  const entry = OBJECTS.find(([object]) => matches(name, object));
  if (entry === undefined) {
    if (matches(name, "help")) fail(255, IP_USAGE);
    fail(1, `Object "${name}" is unknown, try "ip help".\n`);
  }
  const [whole, object] = entry;
  if (object === undefined) refuse(`ip ${whole}`);
  if (object === MONITOR || object === XFRM) return object.list;
  const verb = words.next();
  if (verb === undefined) return object.list;
  for (const [names, found] of object.verbs) if (names.split(" ").some((n) => matches(verb, n))) return found;
  const stop = object === TUNNEL ? "" : ".";
  return fail(255, `Command "${verb}" is unknown, try "ip ${object.title} help"${stop}\n`);
}
