import {
  familyOf,
  type IpFamily,
  type PastedDevice,
  type PastedSysctl,
  type PastedWords,
  readAddresses,
  readRoutes,
  readRules,
  readSysctls,
  type Unread,
} from "../formats/iproute/read.ts";
import { type LeftOut, readNft, readSaved } from "./paste-rules.ts";
import { readVirtual } from "../formats/ipvs-read.ts";
import { type Scenario, SCENARIO_VERSION } from "./schema.ts";

/** What a person copies from a node, each as its command prints it; "" for what is not at hand. */
export interface PastedNode {
  readonly iptables: string;
  readonly ip6tables: string;
  /** `nft list ruleset`. */
  readonly nft: string;
  readonly ipset: string;
  /** `ipvsadm -Sn`, or the table of `ipvsadm -Ln`. */
  readonly ipvs: string;
  readonly addr: string;
  readonly route: string;
  readonly rule: string;
  readonly sysctl: string;
}

/** Which packet enters where. */
export interface PastedPacket {
  /** The device by which it comes in; "" when a program of the node itself sends it. */
  readonly inDevice: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly sport: number | undefined;
  readonly dport: number | undefined;
}

/** A line of a text that was left out. */
export interface Omitted {
  readonly source: keyof PastedNode;
  readonly line: number;
  readonly text: string;
  readonly why: Unread["why"] | LeftOut["why"];
  /** The tool's own words, of a rule. */
  readonly message: string;
}

export interface PastedWorld {
  readonly scenario: Scenario;
  readonly omitted: readonly Omitted[];
  /** How many rules of the other IP there are: the packet does not meet them. */
  readonly otherRules: number;
  /** kube-proxy is in IPVS mode there, and its virtual servers were not pasted: Services lead nowhere. */
  readonly lacksIpvs: boolean;
  /** The namespace that stands for the node, and the one that the packet is sent from. */
  readonly node: string;
  readonly sender: string;
  readonly command: string;
}

export const PASTED_NODE = "node";

const BRIDGE = /^(cni\d|docker\d|br-|br\d|virbr|kube-bridge|lxdbr|nerdctl|podman\d)/;
const DUMMY = /^(kube-ipvs|dummy|nodelocaldns)/;

function isBridge({ name }: PastedDevice, all: readonly PastedDevice[]): boolean {
  return BRIDGE.test(name) || all.some(({ master }) => master === name);
}

/** Where a packet for a device is sent from, and whoever else answers on a bridge. */
const behind = (device: string): string => `behind-${device}`;
const beyond = (bridge: string): string => `beyond-${bridge}`;

/** What of the world is said in another way for each of the two IPs. */
interface Family {
  readonly name: IpFamily;
  readonly ip: "ip" | "ip -6";
  readonly tables: "iptables" | "ip6tables";
  /** Stands for the node in the other namespaces' tables; nobody has it. */
  readonly gateway: string;
  /** Where the servers behind the devices listen, as an address and as a target of DNAT. */
  readonly server: string;
  readonly target: string;
  /** The length of a single address, with what makes it usable at once. */
  readonly host: string;
}

const PORT = 7;
const FAMILIES: Readonly<Record<IpFamily, Family>> = {
  ip: {
    name: "ip",
    ip: "ip",
    tables: "iptables",
    gateway: "169.254.1.1",
    server: "169.254.7.7",
    target: `169.254.7.7:${PORT}`,
    host: "/32",
  },
  ip6: {
    name: "ip6",
    ip: "ip -6",
    tables: "ip6tables",
    gateway: "fe80::1:1",
    server: "fd69:fe::7",
    target: `[fd69:fe::7]:${PORT}`,
    host: "/128",
  },
};

/** A namespace, with IPv6 on where the packet is one of it: it is off unless somebody wants it. */
function bareEnd(far: string, { name }: Family): readonly string[] {
  const on = "net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0";
  return [
    `ip netns add ${far}`,
    ...(name === "ip6" ? [`ip netns exec ${far} sysctl -qw ${on}`] : []),
    `ip -n ${far} link set lo up`,
  ];
}

/** A namespace that takes every address for its own, so that it answers whatever the node asks for; all it sends goes to the node. */
function farEnd(far: string, family: Family): readonly string[] {
  const { ip, tables, server, target, host } = family;
  const six = family.name === "ip6" ? "-6 " : "";
  return [
    ...bareEnd(far, family),
    `${ip} -n ${far} rule add iif far lookup 100`,
    `${ip} -n ${far} route add local default dev lo table 100`,
    // Whatever the port is, somebody listens.
    `${ip} -n ${far} addr add ${server}${host} dev lo`,
    ...["tcp", "udp"].map(
      (protocol) =>
        `ip netns exec ${far} ${tables} -t nat -A PREROUTING -p ${protocol} -j DNAT --to-destination ${target}`,
    ),
    `ip netns exec ${far} nc ${six}-lk ${PORT} > /dev/null &`,
    `ip netns exec ${far} nc ${six}-luk ${PORT} > /dev/null &`,
  ];
}

/** The cable from `device` (or a port of the bridge) to that namespace, and the way back by the MAC address of `owner`. */
function cable(far: string, device: string, owner: string, family: Family): readonly string[] {
  return [
    `ip -n ${PASTED_NODE} link add ${device} type veth peer name far netns ${far}`,
    `ip -n ${far} link set far up`,
    `${family.ip} -n ${far} route add default via ${family.gateway} dev far onlink`,
    ...(device === owner ? [] : [`ip -n ${PASTED_NODE} link set ${device} master ${owner} up`]),
  ];
}

/** The node's address on the link, known without a question. */
function wayBack(far: string, owner: string, { ip, gateway }: Family): readonly string[] {
  return [
    `mac=$(ip -n ${PASTED_NODE} -br link show ${owner} | awk '{print $3}')`,
    `${ip} -n ${far} neigh replace ${gateway} lladdr $mac dev far nud permanent`,
  ];
}

function deviceCommands(
  device: PastedDevice,
  all: readonly PastedDevice[],
  entry: string,
  family: Family,
): readonly string[] {
  const { name, mtu, mac, up, master } = device;
  const link = `ip -n ${PASTED_NODE} link`;
  const made: string[] = [];
  const ends: string[] = [];
  if (isBridge(device, all)) {
    made.push(`${link} add ${name} type bridge`, ...farEnd(beyond(name), family));
    made.push(...cable(beyond(name), `o-${name.slice(0, 12)}`, name, family));
    ends.push(beyond(name));
    if (entry === name) {
      made.push(
        ...bareEnd(behind(name), family),
        ...cable(behind(name), `i-${name.slice(0, 12)}`, name, family),
      );
      ends.push(behind(name));
    }
  } else if (DUMMY.test(name) || (master !== undefined && name !== entry))
    made.push(`${link} add ${name} type dummy`);
  else {
    const far = master === undefined ? farEnd(behind(name), family) : bareEnd(behind(name), family);
    made.push(...far, ...cable(behind(name), name, name, family));
    ends.push(behind(name));
  }
  if (mac !== undefined) made.push(`${link} set ${name} address ${mac}`);
  made.push(`${link} set ${name} mtu ${mtu}`);
  if (master !== undefined) made.push(`${link} set ${name} master ${master}`);
  for (const address of device.addresses) made.push(`ip -n ${PASTED_NODE} addr add ${address} dev ${name}`);
  if (family.name === "ip6")
    for (const address of device.addresses6)
      made.push(`ip -n ${PASTED_NODE} addr add ${address} dev ${name} nodad`);
  if (up) made.push(`${link} set ${name} up`);
  return [...made, ...ends.flatMap((far) => wayBack(far, master ?? name, family))];
}

/** Bridges first: their ports are plugged into them. */
function inOrder(devices: readonly PastedDevice[]): readonly PastedDevice[] {
  const real = devices.filter(({ loopback, name }) => !loopback && name !== "lo");
  return real.toSorted((a, b) => Number(isBridge(b, real)) - Number(isBridge(a, real)));
}

/** What is missing to send the packet: a device that no text names, and addresses for it. */
function withEntry(devices: readonly PastedDevice[], { inDevice }: PastedPacket): readonly PastedDevice[] {
  if (inDevice === "" || devices.some(({ name }) => name === inDevice)) return devices;
  const bare = { up: true, loopback: false, mtu: 1500, mac: undefined, master: undefined };
  return [...devices, { ...bare, name: inDevice, addresses: [], addresses6: [] }];
}

/** The words of the packet as a command: real programs send it. */
function sendCommand({ src, dst, protocol, sport, dport }: PastedPacket, isOwn: boolean): string {
  const from = isOwn && src === "" ? "" : ` -s ${src}`;
  const port = sport === undefined ? "" : ` -p ${sport}`;
  if (protocol === "icmp") return `ping -c1 -W1${src === "" ? "" : ` -I ${src}`} ${dst}`;
  if (protocol === "udp") return `printf hello | nc -u -w1${from}${port} ${dst} ${dport ?? 33434}`;
  return `nc -z -w1${from}${port} ${dst} ${dport ?? 80}`;
}

/** In the sender's namespace: the source is its own address; the node need not ask where the answer goes. */
function senderCommands(
  { inDevice, src }: PastedPacket,
  devices: readonly PastedDevice[],
  { ip, host, name: six }: Family,
): readonly string[] {
  if (inDevice === "") return [];
  const entered = devices.find(({ name }) => name === inDevice)?.master ?? inDevice;
  const far = behind(inDevice);
  return [
    `${ip} -n ${far} addr add ${src}${host} dev far${six === "ip6" ? " nodad" : ""}`,
    `back=$(ip -n ${far} -br link show far | awk '{print $3}')`,
    `${ip} -n ${PASTED_NODE} neigh replace ${src} lladdr $back dev ${entered} nud permanent`,
  ];
}

function hereDocument(file: string, text: string): string {
  return `cat > ${file} <<'PASTED'\n${text}\nPASTED`;
}

const IN_NODE = `ip netns exec ${PASTED_NODE}`;

function namedSets(ipset: string): ReadonlySet<string> {
  return new Set([...ipset.matchAll(/^create (\S+) /gm)].map(([, name]) => name ?? ""));
}

function omittedOf(source: keyof PastedNode, unread: readonly Unread[]): readonly Omitted[] {
  return unread.map((one) => ({ source, message: "", ...one }));
}

/** Kernel routes come with the addresses; what is left is added as it stands. */
function routeCommands(routes: readonly PastedWords[]): readonly string[] {
  const own = routes.filter(({ words }) => !/ proto kernel/.test(words));
  // A gateway must be reachable before it can be used.
  const direct = own.toSorted((a, b) => Number(/ via /.test(a.words)) - Number(/ via /.test(b.words)));
  // `ip route show table all` has both IPs' routes, and people paste IPv6's once more.
  const added = direct.map(
    ({ words, family }) => `${FAMILIES[family].ip} -n ${PASTED_NODE} route add ${words}`,
  );
  return [...new Set(added)];
}

/** Neighbours that are set; a node with more endpoints than these has some that nobody asks for. */
const MOST_NEIGHBOURS = 500;

/**
 * Nobody answers neighbour discovery for an address that he has not got, as he does for ARP. So whoever may be the next hop is
 * in the node's table from the start: gateways, the destination, and what rules translate it into.
 */
function neighbours(
  node: PastedNode,
  routes: readonly PastedWords[],
  devices: readonly PastedDevice[],
  { dst }: PastedPacket,
): readonly string[] {
  const named = [
    dst,
    ...routes.flatMap(({ words }) => [...words.matchAll(/ via (\S+)/g)].map(([, via]) => via ?? "")),
    ...[
      ...`${node.ip6tables}\n${node.nft}`.matchAll(/(?:--to-destination|dnat(?: ip6)? to) \[?([0-9a-f:]+)/g),
    ].map(([, target]) => target ?? ""),
  ];
  const addresses = [...new Set(named)].filter((text) => familyOf(text) === "ip6");
  const own = devices.filter(({ master, name }) => master === undefined && !DUMMY.test(name));
  return own.flatMap((device) => {
    const { name } = device;
    const far = isBridge(device, devices) ? beyond(name) : behind(name);
    return [
      `far=$(ip -n ${far} -br link show far | awk '{print $3}')`,
      ...addresses
        .slice(0, MOST_NEIGHBOURS)
        .map((to) => `ip -6 -n ${PASTED_NODE} neigh replace ${to} lladdr $far dev ${name} nud permanent`),
    ];
  });
}

/** Whether the packet is one of IPv6. */
export function isSixPacket({ dst }: Pick<PastedPacket, "dst">): boolean {
  return dst.includes(":");
}

/** Settings that decide about the way of a packet, and the one that makes the node a router when nobody says otherwise. */
function settingCommands(sysctls: readonly PastedSysctl[], { name: family }: Family): readonly string[] {
  const six = family === "ip6";
  const forwards = six ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
  const telling = /^net\.(ipv4\.(ip_forward|conf\.)|bridge\.)/;
  const telling6 = /^net\.ipv6\.conf\.[^.]+\.(forwarding|accept_ra|disable_ipv6)$/;
  return [
    // A node with rules for FORWARD forwards; only its own sysctl says otherwise.
    ...(sysctls.some(({ name }) => name === forwards) ? [] : [`${IN_NODE} sysctl -qw ${forwards}=1`]),
    ...sysctls
      .filter(({ name }) => telling.test(name) || (six && telling6.test(name)))
      .map(({ name, value }) => `${IN_NODE} sysctl -qw ${name}=${value}`),
  ];
}

/** The rules that the packet may meet, and how many there are that are the other IP's. */
function tablesOf(node: PastedNode, { name }: Family) {
  const own = name === "ip6" ? ("ip6tables" as const) : ("iptables" as const);
  const other = name === "ip6" ? node.iptables : node.ip6tables;
  const read = readSaved(node[own], namedSets(node.ipset), name);
  return { own, read, otherRules: other.match(/^-[AI] /gm)?.length ?? 0 };
}

/**
 * A world in which one namespace is the pasted node: its devices are cables to namespaces that answer for everything, its
 * routes, rules and settings are those of the texts, and a real kernel walk tells what becomes of the packet.
 */
export function pastedWorld(node: PastedNode, packet: PastedPacket): PastedWorld {
  const family = FAMILIES[isSixPacket(packet) ? "ip6" : "ip"];
  const addresses = readAddresses(node.addr);
  const routes = readRoutes(node.route);
  const rules = readRules(node.rule);
  const sysctls = readSysctls(node.sysctl);
  const { own, read: ruleset, otherRules } = tablesOf(node, family);
  const devices = inOrder(withEntry(addresses.items, packet));
  const names = ["lo", ...devices.map(({ name }) => name)];
  const nft = readNft(node.nft, names, `${node.iptables}${node.ip6tables}`.trim() !== "");
  const ipvs = readVirtual(node.ipvs);
  const isAsked = (one: PastedWords): boolean => one.family === family.name;
  const script = [
    ...bareEnd(PASTED_NODE, family),
    ...devices.flatMap((device) => deviceCommands(device, devices, packet.inDevice, family)),
    ...settingCommands(sysctls.items, family),
    ...routeCommands(routes.items.filter(isAsked)),
    ...rules.items.filter(isAsked).map(({ words }) => `${family.ip} -n ${PASTED_NODE} rule add ${words}`),
    ...(node.ipset.trim() === ""
      ? []
      : [
          hereDocument("/tmp/ipset", node.ipset.replace(/\n+/g, "\n").trim()),
          `${IN_NODE} ipset restore < /tmp/ipset`,
        ]),
    ...(ruleset.kept.trim() === ""
      ? []
      : [hereDocument("/tmp/rules", ruleset.kept), `${IN_NODE} ${own}-restore < /tmp/rules`]),
    ...(ipvs.items.length === 0
      ? []
      : [hereDocument("/tmp/ipvs", ipvs.items.join("\n")), `${IN_NODE} ipvsadm -R < /tmp/ipvs`]),
    ...(nft.kept.trim() === "" ? [] : [hereDocument("/tmp/nft", nft.kept), `${IN_NODE} nft -f /tmp/nft`]),
    ...(family.name === "ip6" ? neighbours(node, routes.items.filter(isAsked), devices, packet) : []),
    ...senderCommands(packet, devices, family),
  ].join("\n");
  const isOwn = packet.inDevice === "";
  const sender = isOwn ? PASTED_NODE : behind(packet.inDevice);
  const omitted = [
    ...ruleset.omitted.map((one) => ({ source: own, ...one })),
    ...nft.omitted.map((one) => ({ source: "nft" as const, ...one })),
    ...omittedOf("ipvs", ipvs.unread),
    ...omittedOf("addr", addresses.unread),
    ...omittedOf("route", routes.unread),
    ...omittedOf("rule", rules.unread),
    ...omittedOf("sysctl", sysctls.unread),
  ];
  return {
    scenario: { version: SCENARIO_VERSION, name: "Pasted node", seed: 1, manifests: [], script },
    omitted,
    otherRules,
    lacksIpvs: ipvs.items.length === 0 && devices.some(({ name }) => name === "kube-ipvs0"),
    node: PASTED_NODE,
    sender,
    command: sendCommand(packet, isOwn),
  };
}

const KINDS = ["iptables", "ip6tables", "nft", "ipset", "ipvs", "addr", "route", "rule", "sysctl"] as const;
type Kind = (typeof KINDS)[number];

/** What a line begins; undefined when it goes on with what was before. */
function kindOf(line: string, now: Kind, isIpv6: boolean): Kind | undefined {
  if (/^(table (ip|ip6|inet|arp|bridge|netdev) \S+ \{|# Warning: table )/.test(line)) return "nft";
  // Inside of a table of nft nothing else begins until it is closed.
  if (now === "nft" && /^[\s}]/.test(line)) return "nft";
  if (/^# Generated by ip6tables/.test(line)) return "ip6tables";
  if (/^\*(nat|filter|mangle|raw|security)\s*$/.test(line)) return isIpv6 ? "ip6tables" : "iptables";
  if (/^# Generated by iptables/.test(line)) return "iptables";
  if (/^create \S+ (hash|bitmap|list):/.test(line)) return "ipset";
  if (/^IP Virtual Server version|^-[Aa] -[tuf] \S/.test(line)) return "ipvs";
  if (/^\d+: \S+: </.test(line)) return "addr";
  if (/^\d+:\s+(not )?from /.test(line)) return "rule";
  if (/^[\w.\-/]+ = /.test(line)) return "sysctl";
  const isRoute =
    /^(?:(?:unicast|multicast|anycast|local|broadcast|prohibit) )?(default|blackhole|unreachable|\d+\.\d+\.\d+\.\d+(\/\d+)?|[0-9a-f]*:[0-9a-f:]*(\/\d+)?) /;
  return isRoute.test(line) ? "route" : undefined;
}

/** Whether the table that begins here (as iptables-save writes it) is one of IPv6. */
function isIpv6Table(lines: readonly string[], at: number): boolean {
  const end = lines.findIndex((line, i) => i > at && /^COMMIT/.test(line));
  const table = lines.slice(at, end < 0 ? undefined : end);
  return table.some((line) =>
    /(-p (ipv6-icmp|icmpv6)|--reject-with icmp6-| [0-9a-f]*::?[0-9a-f:]*\/\d+ |--to-\w+ \[[0-9a-f:]+\])/.test(
      line,
    ),
  );
}

/**
 * Texts that were copied all at once, sorted by what they are. Lines of the others stay as empty ones, so that each keeps
 * its number.
 */
export function sortTexts(text: string): PastedNode {
  const all = text.split(/\r?\n/);
  const lines = Object.fromEntries(KINDS.map((kind) => [kind, [] as string[]]));
  let now: Kind = "iptables";
  // Each table has a heading of its own; where people left it out, its rules tell.
  let isHeaded = false;
  all.forEach((line, i) => {
    if (/^# Generated by ip6tables/.test(line)) isHeaded = true;
    now = kindOf(line, now, isHeaded || isIpv6Table(all, i)) ?? now;
    if (/^COMMIT/.test(line)) isHeaded = false;
    for (const kind of KINDS) lines[kind]?.push(kind === now ? line : "");
  });
  const joined = (kind: Kind): string => lines[kind]?.join("\n") ?? "";
  return {
    iptables: joined("iptables"),
    ip6tables: joined("ip6tables"),
    nft: joined("nft"),
    ipset: joined("ipset"),
    ipvs: joined("ipvs"),
    addr: joined("addr"),
    route: joined("route"),
    rule: joined("rule"),
    sysctl: joined("sysctl"),
  };
}

/** Devices that a packet can come in by, from `ip addr`. */
export function pastedDevices({ addr }: PastedNode): readonly string[] {
  return readAddresses(addr).items.flatMap(({ name, loopback }) => (loopback ? [] : [name]));
}
