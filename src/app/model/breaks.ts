import * as v from "valibot";
import type { TextKey } from "../i18n/en.ts";
import type { Cast, Place } from "./cast.ts";
import { allEntries } from "./entries/all.ts";
import type { Break, EntryBreak, Site } from "./entries/entry.ts";
import {
  elementEntries,
  flowBreaks,
  memberEntries,
  nftRuleEntries,
  ruleEntries,
  socketBreaks,
} from "./entries/filtering.ts";
import { addressEntries, fdbEntries, neighbourEntries, settingEntry, takenAlong } from "./entries/links.ts";
import { policyEntries, routeEntries } from "./entries/routing.ts";
import { serverEntries } from "./entries/servers.ts";
import type { Device } from "./topology.ts";
import type { WorldState } from "./world.ts";

export type { Break } from "./entries/entry.ts";

/** Things of one kind: the first is shown as a button, several of them as a list to choose from. */
export interface BreakGroup {
  readonly title: TextKey;
  readonly breaks: readonly Break[];
}

const SMALL_MTU = 1000;
const LOSS = 30;
const DELAY_MS = 100;

function ofDevice(site: Site, { link }: Device): readonly Break[] {
  const { place } = site;
  const at = place.label;
  const { name, up, mtu } = link;
  const values = { name, mtu: SMALL_MTU, loss: LOSS, delay: DELAY_MS };
  const toggle = (word: string): string => `ip link set ${name} ${word}`;
  const again = [toggle("up"), ...takenAlong(site, link.index)].join(" && ");
  const cut: Break = up
    ? { label: "break.down", values, at, command: toggle("down"), undo: again }
    : { label: "break.up", values, at, command: toggle("up"), undo: toggle("down") };
  return [
    cut,
    {
      label: "break.mtu",
      values,
      at,
      command: `ip link set ${name} mtu ${SMALL_MTU}`,
      undo: `ip link set ${name} mtu ${mtu}`,
    },
    {
      label: "break.loss",
      values,
      at,
      command: `tc qdisc add dev ${name} root netem loss ${LOSS}%`,
      undo: `tc qdisc del dev ${name} root`,
    },
    {
      label: "break.delay",
      values,
      at,
      command: `tc qdisc add dev ${name} root netem delay ${DELAY_MS}ms`,
      undo: `tc qdisc del dev ${name} root`,
    },
  ];
}

/** `initial` is the value of a setting that nobody has touched; such a one is in no table. */
function setting(
  { world, place }: Site,
  name: string,
  label: TextKey,
  initial?: string,
): readonly EntryBreak[] {
  const value = world.row("sysctl", place.netns, name)?.row ?? initial;
  return value === undefined ? [] : [settingEntry(place.label, name, value, label)];
}

/** br_netfilter asks for the rules in every namespace, until somebody switches it off there. */
function hasBridge(place: Place): boolean {
  return place.kind === "room" && place.room.floors.some(({ bridge }) => bridge !== undefined);
}

function ofPod(place: Place): readonly Break[] {
  const [, namespace, name] = place.label.split(".");
  if (namespace === undefined || name === undefined) return [];
  const command = `kubectl delete pod -n ${namespace} ${name}`;
  return [{ label: "break.pod", values: { name }, at: "", command, undo: undefined }];
}

/** Virtual seconds until a cluster has noticed that a node is gone, and until its pods run again. */
const NOTICED = { gone: 60, back: 60 };
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** A node's power button, pressed from the admin's machine; all its time passes too. */
function powerBreak({ name, label }: Place, isControlPlane: boolean): Break {
  const button = `ipmitool -H ${label} chassis power`;
  return {
    label: isControlPlane ? "break.power.control" : "break.power",
    values: { name },
    at: "",
    command: `${button} off; sleep ${NOTICED.gone}`,
    undo: `${button} on; sleep ${NOTICED.back}`,
  };
}

/** A node loses its power; any other machine is taken off the network: all its cards go down. */
function nodeBreaks(site: Site): readonly Break[] {
  const { place, world } = site;
  if (place.kind !== "room" || place.room.nics.length === 0) return [];
  const cards = place.room.nics.filter(({ link }) => link.up);
  if (cards.length === 0) return [];
  const node = world.row("object", 0, `Node/${place.label}`);
  if (node !== undefined) return [powerBreak(place, isControlPlane(node.row.object))];
  const down = cards.map(({ link }) => `ip link set ${link.name} down`).join("; ");
  const up = cards
    .flatMap(({ link }) => [`ip link set ${link.name} up`, ...takenAlong(site, link.index)])
    .join(" && ");
  return [
    {
      label: "break.node",
      values: { name: place.name },
      at: place.label,
      command: down,
      undo: up,
    },
  ];
}

function isControlPlane(object: unknown): boolean {
  const read = v.safeParse(
    v.object({ metadata: v.object({ labels: v.record(v.string(), v.string()) }) }),
    object,
  );
  return read.success && CONTROL_PLANE in read.output.metadata.labels;
}

/** A chain's rules come back as they were: the table is saved before it is flushed. */
function chainBreaks({ world, place }: Site): readonly Break[] {
  return world.rows("xtables", place.netns).flatMap(({ key, row }): Break[] => {
    const [family, table = "", chain = ""] = key.split("/");
    if (family !== "ip" || row.rules.length === 0) return [];
    const file = `/tmp/${table}.before`;
    return [
      {
        label: "break.flush",
        values: { chain, table, count: row.rules.length },
        at: place.label,
        command: `iptables-save -t ${table} > ${file}; iptables -t ${table} -F ${chain}`,
        undo: `iptables-restore < ${file}`,
      },
    ];
  });
}

/** The network plugin's DaemonSet, by what the API knows. */
function pluginBreaks(world: WorldState): readonly Break[] {
  return world.rows("object", 0).flatMap(({ row }): Break[] => {
    if (row.kind !== "DaemonSet" || !/flannel|calico-node|kube-router|kindnet/.test(row.name)) return [];
    const where = `-n ${row.namespace ?? "default"}`;
    const file = `/tmp/${row.name}.yaml`;
    return [
      {
        label: "break.plugin",
        values: { name: row.name },
        at: "",
        command: `kubectl get daemonset ${where} ${row.name} -o yaml > ${file}; kubectl delete daemonset ${where} ${row.name}`,
        undo: `kubectl apply -f ${file}`,
      },
    ];
  });
}

function policyBreak({ world, place }: Site): readonly Break[] {
  const forward = world.row("xtables", place.netns, "ip/filter/FORWARD")?.row.policy;
  const [before, after] = forward === "DROP" ? ["DROP", "ACCEPT"] : ["ACCEPT", "DROP"];
  const command = `iptables -P FORWARD ${after}`;
  const values = { policy: after };
  return [{ label: "break.policy", values, at: place.label, command, undo: `iptables -P FORWARD ${before}` }];
}

/** What can be broken at a device (`index`) or at a place as a whole (0). */
export function breaksFor(
  world: WorldState,
  cast: Cast,
  { netns, index }: { readonly netns: number; readonly index: number },
): readonly BreakGroup[] {
  const place = cast.place(netns);
  if (place === undefined) return [];
  const site = { world, cast, place };
  const device = index === 0 ? undefined : cast.device(netns, index);
  const groups = device === undefined ? placeGroups(site) : deviceGroups(site, device);
  return groups.filter(({ breaks }) => breaks.length > 0);
}

function deviceGroups(site: Site, device: Device): readonly BreakGroup[] {
  const { index } = device.link;
  return [
    { title: "break.group.device", breaks: ofDevice(site, device) },
    { title: "break.group.addresses", breaks: addressEntries(site, index) },
    { title: "break.group.routes", breaks: routeEntries(site, index) },
    { title: "break.group.entries", breaks: [...neighbourEntries(site, index), ...fdbEntries(site, index)] },
  ];
}

function switches(site: Site): readonly Break[] {
  const { place } = site;
  const bridged = hasBridge(place) ? "1" : undefined;
  return [
    ...setting(site, "net.ipv4.ip_forward", "break.forward"),
    ...setting(site, "net.bridge.bridge-nf-call-iptables", "break.bridge", bridged),
    ...policyBreak(site),
  ];
}

function placeGroups(site: Site): readonly BreakGroup[] {
  const { world, place } = site;
  const isNode = place.kind === "room" && place.room.shelf.length > 0;
  return [
    { title: "break.group.pod", breaks: place.kind === "pod" ? ofPod(place) : [] },
    { title: "break.group.node", breaks: nodeBreaks(site) },
    { title: "break.group.settings", breaks: place.kind === "pod" ? [] : switches(site) },
    { title: "break.group.routes", breaks: routeEntries(site) },
    { title: "break.group.policies", breaks: policyEntries(site) },
    { title: "break.group.flows", breaks: flowBreaks(site) },
    { title: "break.group.sockets", breaks: socketBreaks(site) },
    { title: "break.group.chains", breaks: chainBreaks(site) },
    { title: "break.group.rules", breaks: [...ruleEntries(site), ...nftRuleEntries(site)] },
    { title: "break.group.elements", breaks: [...elementEntries(site), ...memberEntries(site)] },
    { title: "break.group.servers", breaks: serverEntries(site) },
    { title: "break.group.plugin", breaks: isNode ? pluginBreaks(world) : [] },
  ];
}

/** Tables that entries are read from: as long as they are the same, so are the entries. */
const READ = [
  ...(["sysctl", "link", "address", "route", "rule", "neigh", "fdb"] as const),
  ...(["ipset", "ipvs", "xtables", "nft", "conntrack", "socket"] as const),
];
let last:
  { readonly cast: Cast; readonly key: string; readonly found: ReadonlyMap<string, Break> } | undefined;

/** What can be done to single entries of a place, by the names that its tables have for them. */
export function entryBreaks(world: WorldState, cast: Cast, netns: number): ReadonlyMap<string, Break> {
  const place = cast.place(netns);
  if (place === undefined) return new Map();
  const key = [netns, ...READ.map((table) => world.age(table, netns))].join(" ");
  if (last?.key === key && last.cast === cast) return last.found;
  const site = { world, cast, place };
  const all: readonly Break[] = [
    ...allEntries(site),
    ...switches(site),
    ...flowBreaks(site),
    ...socketBreaks(site),
  ];
  const found = new Map(all.flatMap((one) => (one.entry === undefined ? [] : [[one.entry, one] as const])));
  last = { cast, key, found };
  return found;
}
