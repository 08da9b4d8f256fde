import {
  type PastedDevice,
  type PastedWords,
  readAddresses,
  readRoutes,
  readRules,
  readSysctls,
  type Unread,
} from "../formats/iproute/read.ts";
import { type LeftOut, leaveOutIpv6, readNft, readSaved } from "./paste-rules.ts";
import { type Scenario, SCENARIO_VERSION } from "./schema.ts";

/** What a person copies from a node, each as its command prints it; "" for what is not at hand. */
export interface PastedNode {
  readonly iptables: string;
  readonly ip6tables: string;
  /** `nft list ruleset`. */
  readonly nft: string;
  readonly ipset: string;
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

/** Stands for the node in the other namespaces' tables; nobody has it. */
const GATEWAY = "169.254.1.1";

/** Where the servers behind the devices listen. */
const SERVER = { address: "169.254.7.7", port: 7 };

/** A namespace that takes every address for its own, so that it answers whatever the node asks for; all it sends goes to the node. */
function farEnd(far: string): readonly string[] {
  return [
    `ip netns add ${far}`,
    `ip -n ${far} link set lo up`,
    `ip -n ${far} rule add iif far lookup 100`,
    `ip -n ${far} route add local default dev lo table 100`,
    // Whatever the port is, somebody listens.
    `ip -n ${far} addr add ${SERVER.address}/32 dev lo`,
    ...["tcp", "udp"].map(
      (protocol) =>
        `ip netns exec ${far} iptables -t nat -A PREROUTING -p ${protocol} -j DNAT --to-destination ${SERVER.address}:${SERVER.port}`,
    ),
    `ip netns exec ${far} nc -lk ${SERVER.port} > /dev/null &`,
    `ip netns exec ${far} nc -luk ${SERVER.port} > /dev/null &`,
  ];
}

/** One on a bridge that has another one to answer. */
function plainEnd(far: string): readonly string[] {
  return [`ip netns add ${far}`, `ip -n ${far} link set lo up`];
}

/** The cable from `device` (or a port of the bridge) to that namespace, and the way back by the MAC address of `owner`. */
function cable(far: string, device: string, owner: string): readonly string[] {
  return [
    `ip -n ${PASTED_NODE} link add ${device} type veth peer name far netns ${far}`,
    `ip -n ${far} link set far up`,
    `ip -n ${far} route add default via ${GATEWAY} dev far onlink`,
    ...(device === owner ? [] : [`ip -n ${PASTED_NODE} link set ${device} master ${owner} up`]),
  ];
}

/** The node's address on the link, known without a question. */
function wayBack(far: string, owner: string): readonly string[] {
  return [
    `mac=$(ip -n ${PASTED_NODE} -br link show ${owner} | awk '{print $3}')`,
    `ip -n ${far} neigh replace ${GATEWAY} lladdr $mac dev far nud permanent`,
  ];
}

function deviceCommands(
  device: PastedDevice,
  all: readonly PastedDevice[],
  entry: string,
): readonly string[] {
  const { name, mtu, mac, up, master, addresses } = device;
  const link = `ip -n ${PASTED_NODE} link`;
  const made: string[] = [];
  const ends: string[] = [];
  if (isBridge(device, all)) {
    made.push(`${link} add ${name} type bridge`, ...farEnd(beyond(name)));
    made.push(...cable(beyond(name), `o-${name.slice(0, 12)}`, name));
    ends.push(beyond(name));
    if (entry === name) {
      made.push(...plainEnd(behind(name)), ...cable(behind(name), `i-${name.slice(0, 12)}`, name));
      ends.push(behind(name));
    }
  } else if (DUMMY.test(name) || (master !== undefined && name !== entry))
    made.push(`${link} add ${name} type dummy`);
  else {
    const far = master === undefined ? farEnd(behind(name)) : plainEnd(behind(name));
    made.push(...far, ...cable(behind(name), name, name));
    ends.push(behind(name));
  }
  if (mac !== undefined) made.push(`${link} set ${name} address ${mac}`);
  made.push(`${link} set ${name} mtu ${mtu}`);
  if (master !== undefined) made.push(`${link} set ${name} master ${master}`);
  for (const address of addresses) made.push(`ip -n ${PASTED_NODE} addr add ${address} dev ${name}`);
  if (up) made.push(`${link} set ${name} up`);
  return [...made, ...ends.flatMap((far) => wayBack(far, master ?? name))];
}

/** Bridges first: their ports are plugged into them. */
function inOrder(devices: readonly PastedDevice[]): readonly PastedDevice[] {
  const real = devices.filter(({ loopback, name }) => !loopback && name !== "lo");
  return real.toSorted((a, b) => Number(isBridge(b, real)) - Number(isBridge(a, real)));
}

/** What is missing to send the packet: a device that no text names, and addresses for it. */
function withEntry(devices: readonly PastedDevice[], { inDevice }: PastedPacket): readonly PastedDevice[] {
  if (inDevice === "" || devices.some(({ name }) => name === inDevice)) return devices;
  const bare = { up: true, loopback: false, mtu: 1500, mac: undefined, master: undefined, addresses: [] };
  return [...devices, { ...bare, name: inDevice }];
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
): readonly string[] {
  if (inDevice === "") return [];
  const entered = devices.find(({ name }) => name === inDevice)?.master ?? inDevice;
  const far = behind(inDevice);
  return [
    `ip -n ${far} addr add ${src}/32 dev far`,
    `back=$(ip -n ${far} -br link show far | awk '{print $3}')`,
    `ip -n ${PASTED_NODE} neigh replace ${src} lladdr $back dev ${entered} nud permanent`,
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
  return direct.map(({ words }) => `ip -n ${PASTED_NODE} route add ${words}`);
}

/**
 * A world in which one namespace is the pasted node: its devices are cables to namespaces that answer for everything, its
 * routes, rules and settings are those of the texts, and a real kernel walk tells what becomes of the packet.
 */
export function pastedWorld(node: PastedNode, packet: PastedPacket): PastedWorld {
  const addresses = readAddresses(node.addr);
  const routes = readRoutes(node.route);
  const rules = readRules(node.rule);
  const sysctls = readSysctls(node.sysctl);
  const ruleset = readSaved(node.iptables, namedSets(node.ipset));
  const devices = inOrder(withEntry(addresses.items, packet));
  const names = ["lo", ...devices.map(({ name }) => name)];
  const nft = readNft(node.nft, names, node.iptables.trim() !== "");
  const hasForwarding = sysctls.items.some(({ name }) => name === "net.ipv4.ip_forward");
  const telling = sysctls.items.filter(({ name }) => /^net\.(ipv4\.(ip_forward|conf\.)|bridge\.)/.test(name));
  const script = [
    `ip netns add ${PASTED_NODE}`,
    `ip -n ${PASTED_NODE} link set lo up`,
    ...devices.flatMap((device) => deviceCommands(device, devices, packet.inDevice)),
    // A node with rules for FORWARD forwards; only its own sysctl says otherwise.
    ...(hasForwarding ? [] : [`${IN_NODE} sysctl -qw net.ipv4.ip_forward=1`]),
    ...telling.map(({ name, value }) => `${IN_NODE} sysctl -qw ${name}=${value}`),
    ...routeCommands(routes.items),
    ...rules.items.map(({ words }) => `ip -n ${PASTED_NODE} rule add ${words}`),
    ...(node.ipset.trim() === ""
      ? []
      : [
          hereDocument("/tmp/ipset", node.ipset.replace(/\n+/g, "\n").trim()),
          `${IN_NODE} ipset restore < /tmp/ipset`,
        ]),
    ...(ruleset.kept.trim() === ""
      ? []
      : [hereDocument("/tmp/rules", ruleset.kept), `${IN_NODE} iptables-restore < /tmp/rules`]),
    ...(nft.kept.trim() === "" ? [] : [hereDocument("/tmp/nft", nft.kept), `${IN_NODE} nft -f /tmp/nft`]),
    ...senderCommands(packet, devices),
  ].join("\n");
  const isOwn = packet.inDevice === "";
  const sender = isOwn ? PASTED_NODE : behind(packet.inDevice);
  const omitted = [
    ...ruleset.omitted.map((one) => ({ source: "iptables" as const, ...one })),
    ...leaveOutIpv6(node.ip6tables).map((one) => ({ source: "ip6tables" as const, ...one })),
    ...nft.omitted.map((one) => ({ source: "nft" as const, ...one })),
    ...omittedOf("addr", addresses.unread),
    ...omittedOf("route", routes.unread),
    ...omittedOf("rule", rules.unread),
    ...omittedOf("sysctl", sysctls.unread),
  ];
  return {
    scenario: { version: SCENARIO_VERSION, name: "Pasted node", seed: 1, manifests: [], script },
    omitted,
    node: PASTED_NODE,
    sender,
    command: sendCommand(packet, isOwn),
  };
}

const KINDS = ["iptables", "ip6tables", "nft", "ipset", "addr", "route", "rule", "sysctl"] as const;
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
  if (/^\d+: \S+: </.test(line)) return "addr";
  if (/^\d+:\s+(not )?from /.test(line)) return "rule";
  if (/^[\w.\-/]+ = /.test(line)) return "sysctl";
  const isRoute = /^(default|blackhole|unreachable|\d+\.\d+\.\d+\.\d+(\/\d+)?|[0-9a-f]*:[0-9a-f:]*(\/\d+)?) /;
  return isRoute.test(line) ? "route" : undefined;
}

/** Whether the table that begins here (as iptables-save writes it) is one of IPv6. */
function isIpv6Table(lines: readonly string[], at: number): boolean {
  const end = lines.findIndex((line, i) => i > at && /^COMMIT/.test(line));
  const table = lines.slice(at, end < 0 ? undefined : end);
  return table.some((line) =>
    /(-p (ipv6-icmp|icmpv6)|--reject-with icmp6-| [0-9a-f]*::?[0-9a-f:]*\/\d+ )/.test(line),
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
