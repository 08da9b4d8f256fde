import { NANOS_PER_SECOND, type Nanos } from "../../../sim/time.ts";
import { formatIpv4, formatPrefix, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { timestamp } from "../../api/index.ts";
import type { Bird } from "./bird.ts";
import type { BgpProtocol } from "./bgp.ts";
import type { ProtocolConfig } from "./config.ts";
import { runFilter } from "./filter.ts";
import { filterInput } from "./kernel.ts";
import type { Route } from "./table.ts";

export const BIRD_VERSION = "v0.3.3+birdv1.6.8";

const clock = (at: Nanos): string => timestamp(at).slice(11, 19);
const moment = (at: Nanos): string => timestamp(at).slice(0, 19).replace("T", " ");

function status(bird: Bird): string[] {
  const { now } = bird.process.host.queue;
  const { recovery } = bird;
  const waited = recovery === undefined ? 0 : Math.floor((now - recovery.began) / NANOS_PER_SECOND);
  return [
    `BIRD ${BIRD_VERSION}`,
    `Router ID is ${formatIpv4(bird.routerId)}`,
    `Current server time is ${moment(now)}`,
    `Last reboot on ${moment(bird.started)}`,
    `Last reconfiguration on ${moment(bird.reconfigured)}`,
    ...(recovery === undefined
      ? []
      : [
          "Graceful restart recovery in progress",
          `  Waiting for ${recovery.waiting.size} protocols to recover`,
          `  Wait timer is ${240 - waited}/240`,
        ]),
    "Daemon is up and running",
  ];
}

const KIND_NAMES = {
  kernel: "Kernel",
  device: "Device",
  direct: "Direct",
  static: "Static",
  bgp: "BGP",
} as const;

function protocolRow(bird: Bird, { name, kind }: ProtocolConfig): string {
  const bgp = bird.bgp.get(name);
  const state = bgp === undefined || bgp.established ? "up" : bgp.state === "Down" ? "down" : "start";
  const info = bgp === undefined || bgp.state === "Down" ? "" : `${bgp.state.padEnd(14)}${bgp.lastError}`;
  const since = clock(bgp?.since ?? bird.started);
  return `${name.padEnd(8)} ${KIND_NAMES[kind].padEnd(8)} ${"master".padEnd(8)} ${state.padEnd(5)}  ${since.padEnd(10)}  ${info}`;
}

function filterText(filter: { kind: string; name?: string }): string {
  return filter.kind === "all" ? "ACCEPT" : filter.kind === "none" ? "REJECT" : (filter.name ?? "");
}

function bgpDetails(bird: Bird, bgp: BgpProtocol): string[] {
  const { config, agreement } = bgp;
  const { now } = bird.process.host.queue;
  const imported = bgp.routes.imported;
  const preferred = imported.filter(
    (route) => bird.table.routes(formatPrefix(route.net))[0] === route,
  ).length;
  const left = (since: Nanos, limit: number): number => limit - Math.floor((now - since) / NANOS_PER_SECOND);
  const hold = agreement?.holdTime ?? config.holdTime;
  const session =
    agreement === undefined || !bgp.established
      ? []
      : [
          `    Neighbor ID:      ${formatIpv4(agreement.id)}`,
          `    Neighbor caps:    ${bgp.capabilities}`,
          `    Session:          ${config.localAs === config.neighborAs ? "internal" : "external"} multihop${config.rrClient ? " route-reflector" : ""}${agreement.as4 ? " AS4" : ""}${agreement.addPathReceive ? " add-path-rx" : ""}${agreement.addPathSend ? " add-path-tx" : ""}`,
          `    Source address:   ${formatIpv4(config.source ?? bird.routerId)}`,
          `    Hold timer:       ${left(bgp.lastHeard, hold)}/${hold}`,
          `    Keepalive timer:  ${left(bgp.lastSent, hold / 3)}/${hold / 3}`,
        ];
  return [
    `  Description:    ${config.description}`,
    "  Preference:     100",
    `  Input filter:   ${filterText(config.importFilter)}`,
    `  Output filter:  ${filterText(config.exportFilter)}`,
    `  Routes:         ${imported.length} imported, ${bgp.routes.exported} exported, ${preferred} preferred`,
    `  BGP state:          ${bgp.state}`,
    `    Neighbor address: ${formatIpv4(config.neighbor)}`,
    `    Neighbor AS:      ${config.neighborAs}`,
    ...session,
    ...(bgp.lastError === "" ? [] : [`    Last error:       ${bgp.lastError}`]),
    "",
  ];
}

function protocols(bird: Bird, words: readonly string[]): string[] {
  const all = words[0] === "all";
  const [name] = all ? words.slice(1) : words;
  const chosen = bird.config.protocols.filter((each) => name === undefined || each.name === name);
  if (chosen.length === 0) return ["No protocols match"];
  const rows = chosen.flatMap((each) => {
    const bgp = bird.bgp.get(each.name);
    const details = !all ? [] : bgp === undefined ? [""] : bgpDetails(bird, bgp);
    return [protocolRow(bird, each), ...details];
  });
  return ["name     proto    table    state  since       info", ...rows];
}

function viaText({ destination }: Route): string {
  switch (destination.kind) {
    case "gateway":
      return `via ${formatIpv4(destination.via)} on ${destination.dev}`;
    case "device":
      return `dev ${destination.dev}`;
    case "blackhole":
    case "unreachable":
      return destination.kind;
  }
}

const ORIGIN_LETTERS = { igp: "i", egp: "e", incomplete: "?" } as const;

function routeInfo(route: Route): string {
  const { learnt, preference } = route;
  if (learnt === undefined) return ` (${preference})`;
  const metric = route.destination.kind === "unreachable" ? "-" : "0";
  const last = learnt.path.asPath.at(-1);
  return ` (${preference}/${metric}) [${last === undefined ? "" : `AS${last}`}${ORIGIN_LETTERS[learnt.path.origin]}]`;
}

function routeRow(route: Route, best: boolean, shown: boolean): string {
  const net = shown ? formatPrefix(route.net) : "";
  const { learnt, destination } = route;
  const via = destination.kind === "gateway" ? destination.via : undefined;
  const from = learnt !== undefined && learnt.neighbor !== via ? ` from ${formatIpv4(learnt.neighbor)}` : "";
  return `${net.padEnd(18)} ${viaText(route)} [${route.protocol} ${clock(route.since)}${from}]${best ? " *" : ""}${routeInfo(route)}`;
}

function attributeLines({ learnt, source }: Route): string[] {
  const type = { RTS_BGP: "BGP", RTS_STATIC: "static", RTS_DEVICE: "device", RTS_INHERIT: "inherit" }[source];
  const head = [`\tType: ${type} unicast univ`];
  if (learnt === undefined) return head;
  const { path } = learnt;
  return [
    ...head,
    `\tBGP.origin: ${path.origin === "igp" ? "IGP" : path.origin === "egp" ? "EGP" : "Incomplete"}`,
    `\tBGP.as_path: ${path.asPath.join(" ")}`,
    `\tBGP.next_hop: ${formatIpv4(path.nextHop)}`,
    ...(path.med === undefined ? [] : [`\tBGP.med: ${path.med}`]),
    ...(path.localPref === undefined ? [] : [`\tBGP.local_pref: ${path.localPref}`]),
    ...(path.communities.length === 0
      ? []
      : [`\tBGP.community: ${path.communities.map((each) => `(${each >>> 16},${each & 65535})`).join(" ")}`]),
    ...(path.originatorId === undefined ? [] : [`\tBGP.originator_id: ${formatIpv4(path.originatorId)}`]),
    ...(path.clusterList.length === 0
      ? []
      : [`\tBGP.cluster_list: ${path.clusterList.map(formatIpv4).join(" ")}`]),
  ];
}

/** What `show route` is asked for; undefined when it is not understood. */
function routeSelection(
  bird: Bird,
  words: readonly string[],
): { all: boolean; takes: (route: Route) => boolean } | undefined {
  let all = false;
  const tests: ((route: Route) => boolean)[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const prefix = word.includes("/") ? parsePrefix(word) : undefined;
    if (word === "all") all = true;
    else if (prefix !== undefined) tests.push(({ net }) => formatPrefix(net) === formatPrefix(prefix));
    else if (word === "primary")
      tests.push((route) => bird.table.routes(formatPrefix(route.net))[0] === route);
    else if (word === "protocol") {
      const name = words[++i];
      tests.push(({ protocol }) => protocol === name);
    } else if (word === "for") {
      const asked = parseIpv4((words[++i] ?? "").split("/")[0] ?? "");
      if (asked === undefined) return undefined;
      const longest = bird.table
        .keys()
        .map((key) => bird.table.routes(key)[0]!.net)
        .filter(
          ({ address, length }) => length === 0 || asked >>> (32 - length) === address >>> (32 - length),
        )
        .toSorted((a, b) => b.length - a.length)[0];
      tests.push(({ net }) => longest !== undefined && formatPrefix(net) === formatPrefix(longest));
    } else if (word === "export") {
      const bgp = bird.bgp.get(words[++i] ?? "");
      if (bgp === undefined) return undefined;
      tests.push(
        (route) =>
          route.protocol !== bgp.config.name &&
          runFilter(bgp.config.exportFilter, filterInput(route), bird.config.functions).accepted,
      );
    } else return undefined;
  }
  return { all, takes: (route) => tests.every((test) => test(route)) };
}

function routes(bird: Bird, words: readonly string[]): string[] {
  const selection = routeSelection(bird, words);
  if (selection === undefined) return ["syntax error"];
  const rows = bird.table.keys().flatMap((net) => {
    const list = bird.table.routes(net).filter(selection.takes);
    return list.flatMap((route, i) => [
      routeRow(route, route === bird.table.routes(net)[0], i === 0),
      ...(selection.all ? attributeLines(route) : []),
    ]);
  });
  return rows.length === 0 && words.length > 0 ? ["Network not in table"] : rows;
}

/** Answers a command of birdcl. Models: BIRD 1.6.8's show status, show protocols [all], show route, enable, disable, configure. */
export function answer(bird: Bird, command: string): string {
  const [verb = "", noun = "", ...rest] = command.trim().split(/\s+/);
  const lines = ((): string[] => {
    if (verb === "show" && noun === "status") return status(bird);
    if (verb === "show" && noun.startsWith("proto")) return protocols(bird, rest);
    if (verb === "show" && noun === "route") return routes(bird, rest);
    if (verb === "disable" || verb === "enable")
      return [bird.toggle(noun, verb === "enable") ? `${noun}: ${verb}d` : "No protocols match"];
    if (verb === "show") return [`flannelgraph: birdcl show ${noun} is not modelled yet`];
    return ["No such command. Press `?' for help."];
  })();
  return lines.map((line) => `${line}\n`).join("");
}
