import type { TextKey } from "../i18n/en.ts";
import type { Cast, Place } from "./cast.ts";
import { ruleText } from "./netfilter.ts";
import { protocolText, tupleText } from "./tables.ts";
import type { Device } from "./topology.ts";
import type { WorldState } from "./world.ts";

/** Something that can be broken: the command as one would type it, and the one that mends it again. */
export interface Break {
  readonly label: TextKey;
  readonly values: Readonly<Record<string, string | number>>;
  /** Label of the namespace in which it is typed; "" is the admin's machine. */
  readonly at: string;
  readonly command: string;
  /** Undefined where nothing brings it back but time: a controller makes a new pod. */
  readonly undo: string | undefined;
  /** The entry that it takes away or turns round, as the inspector's tables name it: `route/12`. */
  readonly entry?: string;
}

/** Things of one kind: the first is shown as a button, several of them as a list to choose from. */
export interface BreakGroup {
  readonly title: TextKey;
  readonly breaks: readonly Break[];
}

const [TCP, UDP] = [6, 17];
const SMALL_MTU = 1000;
const LOSS = 30;
const DELAY_MS = 100;
const MOST_FLOWS = 50;

/** What a device takes with it when it goes down, and does not bring back: routes that somebody made, neighbours that somebody typed. */
function takenAlong(world: WorldState, cast: Cast, place: Place, dev: number): readonly string[] {
  const routes = routeBreaks(world, cast, place, dev).flatMap(({ undo = "" }) =>
    undo.includes("proto kernel") ? [] : [undo.replace("ip route add", "ip route replace")],
  );
  const neighbours = neighbourBreaks(world, cast, place, dev).flatMap(({ undo = "" }) =>
    undo.includes("nud permanent") ? [undo] : [],
  );
  return [...routes, ...neighbours];
}

function ofDevice(world: WorldState, cast: Cast, place: Place, { link }: Device): readonly Break[] {
  const at = place.label;
  const { name, up, mtu } = link;
  const values = { name, mtu: SMALL_MTU, loss: LOSS, delay: DELAY_MS };
  const toggle = (word: string): string => `ip link set ${name} ${word}`;
  const again = [toggle("up"), ...takenAlong(world, cast, place, link.index)].join(" && ");
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
  world: WorldState,
  place: Place,
  name: string,
  label: TextKey,
  initial?: string,
): readonly Break[] {
  const value = world.row("sysctl", place.netns, name)?.row ?? initial;
  if (value === undefined) return [];
  const other = value === "0" ? "1" : "0";
  const set = (to: string): string => `sysctl -w ${name}=${to}`;
  const values = { name, before: value, after: other };
  return [{ label, values, at: place.label, command: set(other), undo: set(value), entry: `sysctl/${name}` }];
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

/** Virtual seconds until a cluster has noticed that a node is gone, and that it is back. */
const NOTICED = { gone: 60, back: 15 };

/** A machine without power is one of which nothing is heard any more: all its cards go down, and time passes. */
function nodeBreaks(world: WorldState, cast: Cast, place: Place): readonly Break[] {
  if (place.kind !== "room" || place.room.nics.length === 0) return [];
  const isNode = place.room.shelf.length > 0;
  const cards = place.room.nics.filter(({ link }) => link.up);
  if (cards.length === 0) return [];
  const wait = (seconds: number): string => (isNode ? `; sleep ${seconds}` : "");
  const down = cards.map(({ link }) => `ip link set ${link.name} down`).join("; ");
  const up = cards
    .flatMap(({ link }) => [`ip link set ${link.name} up`, ...takenAlong(world, cast, place, link.index)])
    .join(" && ");
  return [
    {
      label: "break.node",
      values: { name: place.name },
      at: place.label,
      command: `${down}${wait(NOTICED.gone)}`,
      undo: `${up}${wait(NOTICED.back)}`,
    },
  ];
}

/** A chain's rules come back as they were: the table is saved before it is flushed. */
function chainBreaks(world: WorldState, place: Place): readonly Break[] {
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

function ruleBreaks(world: WorldState, place: Place): readonly Break[] {
  return world.rows("xtables", place.netns).flatMap(({ key, row }) => {
    const [family, table = "", chain = ""] = key.split("/");
    if (family !== "ip") return [];
    return row.rules.map(({ rule, id }, i): Break => {
      const text = ruleText(rule);
      return {
        label: "break.rule",
        values: { chain, table, number: i + 1, text },
        at: place.label,
        command: `iptables -t ${table} -D ${chain} ${i + 1}`,
        undo: `iptables -t ${table} -I ${chain} ${i + 1} ${text}`,
        entry: `rule/${id}`,
      };
    });
  });
}

const MAIN = 254;
const KERNEL = 2;

function routeBreaks(world: WorldState, cast: Cast, place: Place, dev: number | undefined): readonly Break[] {
  return world.rows("route", place.netns).flatMap(({ key, row }): Break[] => {
    if (row.table !== MAIN || row.type !== "unicast" || (dev !== undefined && row.dev !== dev)) return [];
    const via = row.gateway === undefined ? "" : ` via ${row.gateway}`;
    const out = row.dev === undefined ? "" : ` dev ${cast.deviceName(place.netns, row.dev)}`;
    const scope = row.gateway === undefined ? " scope link" : "";
    const text = `${row.dst}${via}${out}${row.onlink === true ? " onlink" : ""}`;
    const proto = row.protocol === KERNEL ? " proto kernel" : "";
    const source = row.prefSrc === undefined ? "" : ` src ${row.prefSrc}`;
    const undo = `ip route add ${text}${proto}${scope}${source}`;
    return [
      {
        label: "break.route",
        values: { text },
        at: place.label,
        command: `ip route del ${text}`,
        undo,
        entry: `route/${key}`,
      },
    ];
  });
}

function neighbourBreaks(world: WorldState, cast: Cast, place: Place, dev: number): readonly Break[] {
  const name = cast.deviceName(place.netns, dev);
  const neighbours = world.rows("neigh", place.netns).flatMap(({ key, row }): Break[] => {
    if (row.dev !== dev || row.lladdr === undefined) return [];
    const text = `${row.dst} lladdr ${row.lladdr} dev ${name}`;
    const nud = row.state === "PERMANENT" ? " nud permanent" : " nud reachable";
    return [
      {
        label: "break.neigh",
        values: { text },
        at: place.label,
        command: `ip neigh del ${row.dst} dev ${name}`,
        undo: `ip neigh replace ${text}${nud}`,
        entry: `neigh/${key}`,
      },
    ];
  });
  const entries = world.rows("fdb", place.netns).flatMap(({ key, row }): Break[] => {
    if (row.table !== dev || row.local) return [];
    const port =
      row.dst === undefined
        ? `dev ${cast.deviceName(place.netns, row.dev)} master`
        : `dev ${name} dst ${row.dst}`;
    const text = `${row.mac} ${port}`;
    const how = row.dst === undefined ? " dynamic" : "";
    return [
      {
        label: "break.fdb",
        values: { text },
        at: place.label,
        command: `bridge fdb del ${text}`,
        undo: `bridge fdb append ${text}${how}`,
        entry: `fdb/${key}`,
      },
    ];
  });
  return [...neighbours, ...entries];
}

/** A ticket of conntrack torn up: nothing brings it back but the next packet, which may then be taken otherwise. */
function flowBreaks(world: WorldState, place: Place): readonly Break[] {
  const newest = world.rows("conntrack", place.netns).slice(-MOST_FLOWS);
  return newest.flatMap(({ key, row }): Break[] => {
    const { family, protocol, original } = row;
    const { src, dst, sport, dport, icmp } = original;
    if (family !== "ip" || (icmp === undefined && protocol !== UDP && protocol !== TCP)) return [];
    const ends =
      icmp === undefined ? `--orig-port-src ${sport} --orig-port-dst ${dport}` : `--icmp-id ${icmp.id}`;
    const name = protocolText(protocol);
    return [
      {
        label: "break.flow",
        values: { text: `${name} ${tupleText(original)}` },
        at: place.label,
        command: `conntrack -D -p ${name} --orig-src ${src} --orig-dst ${dst} ${ends}`,
        undo: undefined,
        entry: `conntrack/${key}`,
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

function policyBreak(world: WorldState, place: Place): readonly Break[] {
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
  const device = index === 0 ? undefined : cast.device(netns, index);
  const groups: BreakGroup[] = [];
  if (device !== undefined) {
    groups.push({ title: "break.group.device", breaks: ofDevice(world, cast, place, device) });
    groups.push({ title: "break.group.routes", breaks: routeBreaks(world, cast, place, index) });
    groups.push({ title: "break.group.entries", breaks: neighbourBreaks(world, cast, place, index) });
  } else {
    if (place.kind === "pod") groups.push({ title: "break.group.pod", breaks: ofPod(place) });
    groups.push({ title: "break.group.node", breaks: nodeBreaks(world, cast, place) });
    const switches = [
      ...setting(world, place, "net.ipv4.ip_forward", "break.forward"),
      ...setting(
        world,
        place,
        "net.bridge.bridge-nf-call-iptables",
        "break.bridge",
        hasBridge(place) ? "1" : undefined,
      ),
    ];
    if (place.kind !== "pod")
      groups.push({ title: "break.group.settings", breaks: [...switches, ...policyBreak(world, place)] });
    groups.push({ title: "break.group.routes", breaks: routeBreaks(world, cast, place, undefined) });
    groups.push({ title: "break.group.flows", breaks: flowBreaks(world, place) });
    groups.push({ title: "break.group.chains", breaks: chainBreaks(world, place) });
    groups.push({ title: "break.group.rules", breaks: ruleBreaks(world, place) });
    if (place.kind === "room" && place.room.shelf.length > 0)
      groups.push({ title: "break.group.plugin", breaks: pluginBreaks(world) });
  }
  return groups.filter(({ breaks }) => breaks.length > 0);
}

/** What can be done to single entries of a place (and of one of its devices), by the names that its tables have for them. */
export function entryBreaks(
  world: WorldState,
  cast: Cast,
  { netns, index }: { readonly netns: number; readonly index: number },
): ReadonlyMap<string, Break> {
  const groups = [
    ...breaksFor(world, cast, { netns, index: 0 }),
    ...(index === 0 ? [] : breaksFor(world, cast, { netns, index })),
  ];
  const found = groups.flatMap(({ breaks }) => breaks);
  return new Map(found.flatMap((one) => (one.entry === undefined ? [] : [[one.entry, one] as const])));
}
