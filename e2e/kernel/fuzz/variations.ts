// What distinguishes a random network from a textbook's: settings that are legal but unusual, and faults.
import { addressText, broadcastOf, subnetText, type Draft, type Interface } from "./draft.ts";
import { waysFrom } from "./routing.ts";

type Maker = (draft: Draft) => string[];

const exec = (end: { node: { name: string } }, command: string): string =>
  `ip netns exec ${end.node.name} ${command}`;
const sysctl = (end: Interface, name: string, value: number): string =>
  exec(end, `sysctl -qw net.ipv4.conf.${end.device}.${name}=${String(value)}`);
const isBridge = (end: Interface): boolean => end.mac === "";

/** An address of the segment that nobody has. */
export function freeAddress(draft: Draft, end: Interface): string {
  const { segment } = end;
  const taken = new Set(segment.members.map((member) => member.address));
  for (let address = segment.base + 1; address < broadcastOf(segment); address++)
    if (!taken.has(address) && draft.chance.happens(0.4)) return addressText(address);
  return addressText(broadcastOf(segment));
}

const anEnd = (draft: Draft): Interface => draft.chance.pick(draft.interfaces);
const aPeer = (draft: Draft, end: Interface): Interface =>
  draft.chance.pick(end.segment.members.filter((member) => member !== end));
/** A subnet beyond a router, for a node that has one. */
function aFarSubnet(
  draft: Draft,
): { node: string; subnet: string; host: string; via: string; device: string } | undefined {
  const options = draft.nodes.flatMap((node) =>
    [...waysFrom(node)].flatMap(([segment, way]) => {
      const target = draft.chance.pick(segment.members);
      return [
        {
          node: node.name,
          subnet: subnetText(segment),
          host: addressText(target.address),
          via: addressText(way.via.address),
          device: way.out.device,
        },
      ];
    }),
  );
  return options.length === 0 ? undefined : draft.chance.pick(options);
}

const settings: Record<string, Maker> = {
  secondAddress: (draft) => {
    const end = anEnd(draft);
    const address = freeAddress(draft, end);
    draft.extraTargets.push(address);
    const length = draft.chance.pick([end.segment.length, 32, end.segment.length]);
    return [`ip -n ${end.node.name} addr add ${address}/${String(length)} dev ${end.device}`];
  },
  loopbackAddress: (draft) => {
    const end = anEnd(draft);
    const address = `10.${String(draft.chance.between(240, 250))}.0.${String(draft.chance.between(1, 9))}`;
    draft.extraTargets.push(address);
    const lines = [`ip -n ${end.node.name} addr add ${address}/32 dev lo`];
    const peer = aPeer(draft, end);
    if (draft.chance.happens(0.7))
      lines.push(`ip -n ${peer.node.name} route add ${address} via ${addressText(end.address)}`);
    return lines;
  },
  typeRoute: (draft) => {
    const far = aFarSubnet(draft);
    const type = draft.chance.pick(["blackhole", "unreachable", "prohibit", "throw"]);
    return far === undefined ? [] : [`ip -n ${far.node} route add ${type} ${far.host}`];
  },
  hostRoute: (draft) => {
    const far = aFarSubnet(draft);
    return far === undefined
      ? []
      : [
          `ip -n ${far.node} route add ${far.host} via ${far.via}${draft.chance.maybe(0.3, () => "onlink dev " + far.device)}`,
        ];
  },
  costlierRoute: (draft) => {
    const far = aFarSubnet(draft);
    if (far === undefined) return [];
    return [
      `ip -n ${far.node} route add ${draft.chance.pick(["blackhole", "unreachable"])} ${far.subnet} metric ${String(draft.chance.pick([5, 50, 2000]))}`,
    ];
  },
  rpFilter: (draft) => {
    const end = anEnd(draft);
    return [sysctl(end, "rp_filter", draft.chance.between(1, 2))];
  },
  arpSetting: (draft) => {
    const end = anEnd(draft);
    const [name, value] = draft.chance.pick([
      ["arp_ignore", 1],
      ["arp_ignore", 2],
      ["arp_announce", 1],
      ["arp_announce", 2],
      ["proxy_arp", 1],
      ["arp_filter", 1],
    ] as const);
    return [sysctl(end, name, value)];
  },
  redirects: (draft) => [sysctl(anEnd(draft), draft.chance.pick(["send_redirects", "accept_redirects"]), 0)],
  staticNeighbour: (draft) => {
    const end = anEnd(draft);
    const peer = aPeer(draft, end);
    return isBridge(peer)
      ? []
      : [
          `ip -n ${end.node.name} neigh add ${addressText(peer.address)} lladdr ${peer.mac} dev ${end.device} nud permanent`,
        ];
  },
  bridgePort: (draft) => {
    const bridge = draft.bridges.length > 0 ? draft.chance.pick(draft.bridges) : undefined;
    if (!bridge || bridge.ports.length === 0) return [];
    const option = draft.chance.pick([
      "hairpin on",
      "isolated on",
      "learning off",
      "flood off",
      "bcast_flood off",
    ]);
    return [`bridge -n ${bridge.netns} link set dev ${draft.chance.pick(bridge.ports)} ${option}`];
  },
  echoIgnored: (draft) => [exec(anEnd(draft), "sysctl -qw net.ipv4.icmp_echo_ignore_all=1")],
  broadcastEcho: (draft) => [exec(anEnd(draft), "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0")],
};

const faults: Record<string, Maker> = {
  linkDown: (draft) => {
    const end = anEnd(draft);
    return [`ip -n ${end.node.name} link set ${end.device} down`];
  },
  portDown: (draft) => {
    const bridge = draft.bridges.length > 0 ? draft.chance.pick(draft.bridges) : undefined;
    return bridge && bridge.ports.length > 0
      ? [`ip -n ${bridge.netns} link set ${draft.chance.pick(bridge.ports)} down`]
      : [];
  },
  portLeaves: (draft) => {
    const bridge = draft.bridges.length > 0 ? draft.chance.pick(draft.bridges) : undefined;
    return bridge && bridge.ports.length > 0
      ? [`ip -n ${bridge.netns} link set ${draft.chance.pick(bridge.ports)} nomaster`]
      : [];
  },
  routeGone: (draft) => {
    const far = aFarSubnet(draft);
    return far === undefined
      ? []
      : [
          draft.chance.pick([
            `ip -n ${far.node} route del default`,
            `ip -n ${far.node} route del ${far.subnet}`,
          ]),
        ];
  },
  wrongNextHop: (draft) => {
    const far = aFarSubnet(draft);
    const end =
      far && draft.interfaces.find((one) => one.node.name === far.node && one.device === far.device);
    return far === undefined || end === undefined
      ? []
      : [`ip -n ${far.node} route replace ${far.subnet} via ${freeAddress(draft, end)}`];
  },
  wrongNeighbour: (draft) => {
    const end = anEnd(draft);
    const peer = aPeer(draft, end);
    return [
      `ip -n ${end.node.name} neigh replace ${addressText(peer.address)} lladdr 02:00:00:00:ee:01 dev ${end.device} nud permanent`,
    ];
  },
  smallMtu: (draft) => {
    const end = anEnd(draft);
    return [
      `ip -n ${end.node.name} link set ${end.device} mtu ${String(draft.chance.pick([1400, 1280, 1000, 576]))}`,
    ];
  },
  smallMtuBoth: (draft) => {
    const { members } = draft.chance.pick(draft.segments);
    const mtu = draft.chance.pick([1400, 1280, 1000, 576]);
    return members.map((end) => `ip -n ${end.node.name} link set ${end.device} mtu ${String(mtu)}`);
  },
  noForwarding: (draft) =>
    draft.routers.length === 0
      ? []
      : [`ip netns exec ${draft.chance.pick(draft.routers).name} sysctl -qw net.ipv4.ip_forward=0`],
  addressGone: (draft) => {
    const end = anEnd(draft);
    return [
      `ip -n ${end.node.name} addr del ${addressText(end.address)}/${String(end.segment.length)} dev ${end.device}`,
    ];
  },
  wrongFdb: (draft) =>
    vxlanFault(draft, (node, entry) => [
      `bridge -n ${node} fdb del ${entry.mac} dev vx0 dst ${entry.to}`,
      `bridge -n ${node} fdb append ${entry.mac} dev vx0 dst ${entry.wrong}`,
    ]),
  missingFdb: (draft) =>
    vxlanFault(draft, (node, entry) => [`bridge -n ${node} fdb del ${entry.mac} dev vx0 dst ${entry.to}`]),
};

/** Faults of flannel's kind of tunnel: reads the FDB lines that the topology wrote. */
function vxlanFault(
  draft: Draft,
  make: (node: string, entry: { mac: string; to: string; wrong: string }) => string[],
): string[] {
  const lines = draft.setup.flatMap((line) => {
    const [, node = "", mac = "", to = ""] =
      /^bridge -n (\S+) fdb append (\S+) dev vx0 dst (\S+)$/.exec(line) ?? [];
    return node === "" ? [] : [{ node, mac, to }];
  });
  if (lines.length === 0) return [];
  const { node, mac, to } = draft.chance.pick(lines);
  return make(node, { mac, to, wrong: addressText(draft.chance.pick(draft.interfaces).address) });
}

const makerOf = (draft: Draft, from: Record<string, Maker>): string[] =>
  draft.chance.pick(Object.values(from))(draft);

/** Zero to three unusual settings. */
export const someSettings = (draft: Draft): string[] =>
  Array.from({ length: draft.chance.pick([0, 0, 1, 1, 2, 3]) }, () => makerOf(draft, settings)).flat();

export const aFault = (draft: Draft): string[] => makerOf(draft, faults);
