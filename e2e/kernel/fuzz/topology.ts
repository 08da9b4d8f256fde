// The shapes of random networks.
import { addressText, subnetText, type Draft, type Node, type Segment } from "./draft.ts";
import { addRoutes } from "./routing.ts";

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1)}`);

/** Two to four hosts in one subnet. */
function lan(draft: Draft): void {
  const hosts = names("h", draft.chance.between(2, 4)).map((name) =>
    draft.node(name, draft.chance.happens(0.1)),
  );
  draft.segment(hosts);
}

/** Hosts at both ends of one to three routers. */
function chain(draft: Draft): void {
  const { chance } = draft;
  const routers = names("r", chance.between(1, 3)).map((name) => draft.node(name, true));
  const left = names("a", chance.happens(0.3) ? 2 : 1).map((name) => draft.node(name));
  const right = names("b", chance.happens(0.3) ? 2 : 1).map((name) => draft.node(name));
  const [first, last] = [routers[0], routers.at(-1)];
  if (first === undefined || last === undefined) return;
  draft.segment([first, ...left]);
  for (const [i, router] of routers.entries()) {
    const next = routers[i + 1];
    if (next) draft.segment([router, next]);
  }
  draft.segment([last, ...right]);
  addRoutes(draft);
}

/** Three or four routers in a ring, with a host at two of them. */
function ring(draft: Draft): void {
  const { chance } = draft;
  const routers = names("r", chance.between(3, 4)).map((name) => draft.node(name, true));
  for (const [i, router] of routers.entries()) {
    const next = routers[(i + 1) % routers.length];
    if (next) draft.segment([router, next], "veth");
  }
  for (const [i, at] of chance.shuffled(routers).slice(0, 2).entries()) {
    draft.segment([at, draft.node(`h${String(i + 1)}`)]);
  }
  addRoutes(draft);
}

/** A router with several subnets, one of them possibly with the router's own bridge. */
function star(draft: Draft): void {
  const router = draft.node("r", true);
  for (const name of names("h", draft.chance.between(2, 3))) draft.segment([router, draft.node(name)]);
  addRoutes(draft);
}

/** Two or three nodes with pods behind bridges or on routed veths, joined by routes, by flannel's VXLAN, or by one stretched bridge. */
function cluster(draft: Draft): void {
  const { chance } = draft;
  const nodes = names("n", chance.happens(0.25) ? 3 : 2).map((name) => draft.node(name, true));
  const underlay = draft.segment(nodes, nodes.length === 2 && chance.happens(0.5) ? "veth" : "switch");
  const pods = nodes.map((node, i) =>
    names(`p${String(i + 1)}`, chance.happens(0.3) ? 2 : 1)
      .map((name) => draft.node(name))
      .map((pod, at) => ({ node, pod, at })),
  );
  const stretched = chance.happens(0.2);
  if (stretched) {
    stretchBridge(
      draft,
      nodes,
      underlay,
      pods.flat().map(({ node, pod }) => ({ node, pod })),
    );
    return;
  }
  const subnets = pods.map((own) => {
    const [first] = own;
    if (first === undefined) throw new Error("a node without pods");
    return draft.segment([first.node, ...own.map(({ pod }) => pod)], "hosted");
  });
  for (const [i, segment] of subnets.entries()) {
    for (const { pod } of pods[i] ?? []) {
      const gateway = segment.members[0];
      if (gateway)
        draft.setup.push(`ip -n ${pod.name} route add default via ${addressText(gateway.address)}`);
    }
  }
  if (chance.happens(0.35)) joinByRoutes(draft, nodes, underlay, subnets);
  else joinByVxlan(draft, nodes, underlay, subnets);
}

const memberOf = (segment: Segment, node: Node): string => {
  const end = segment.members.find((member) => member.node === node);
  return end === undefined ? "0.0.0.0" : addressText(end.address);
};
const deviceOf = (segment: Segment, node: Node): string =>
  segment.members.find((member) => member.node === node)?.device ?? "lo";

function joinByRoutes(
  draft: Draft,
  nodes: readonly Node[],
  underlay: Segment,
  subnets: readonly Segment[],
): void {
  for (const node of nodes) {
    for (const [i, other] of nodes.entries()) {
      const subnet = subnets[i];
      if (other !== node && subnet)
        draft.setup.push(
          `ip -n ${node.name} route add ${subnetText(subnet)} via ${memberOf(underlay, other)}`,
        );
    }
  }
}

/** As flannel does: a /32 on the tunnel device, an onlink route, a neighbour and an FDB entry per other node. */
function joinByVxlan(
  draft: Draft,
  nodes: readonly Node[],
  underlay: Segment,
  subnets: readonly Segment[],
): void {
  const { chance } = draft;
  const vni = chance.pick([1, 1, 42, 4096]);
  const port = chance.pick([8472, 8472, 4789]);
  const macs = nodes.map(() => draft.mac());
  for (const [i, node] of nodes.entries()) {
    const own = memberOf(underlay, node);
    const subnet = subnets[i];
    if (subnet === undefined) continue;
    const device = chance.maybe(0.8, () => `dev ${deviceOf(underlay, node)}`);
    const learning = chance.pick([" nolearning", " nolearning", ""]);
    draft.setup.push(
      `ip -n ${node.name} link add vx0 address ${macs[i] ?? ""} type vxlan id ${String(vni)} dstport ${String(port)} local ${own}${device}${learning}`,
      `ip -n ${node.name} addr add ${addressText(subnet.base)}/32 dev vx0`,
      `ip -n ${node.name} link set vx0${chance.maybe(0.5, () => "mtu 1450")} up`,
    );
  }
  for (const node of nodes) {
    for (const [i, other] of nodes.entries()) {
      const subnet = subnets[i];
      const mac = macs[i] ?? "";
      if (other === node || subnet === undefined) continue;
      draft.setup.push(
        `ip -n ${node.name} route add ${subnetText(subnet)} via ${addressText(subnet.base)} dev vx0 onlink`,
        `ip -n ${node.name} neigh add ${addressText(subnet.base)} lladdr ${mac} dev vx0 nud permanent`,
        `bridge -n ${node.name} fdb append ${mac} dev vx0 dst ${memberOf(underlay, other)}`,
      );
    }
  }
}

/** One subnet over all nodes: a VXLAN device as a port of every node's bridge, flooding to every other node. */
function stretchBridge(
  draft: Draft,
  nodes: readonly Node[],
  underlay: Segment,
  pods: readonly { node: Node; pod: Node }[],
): void {
  const { chance, setup } = draft;
  const base = (10 << 24) | (200 << 16) | (chance.below(200) << 8);
  const segment: Segment = { base, length: 24, members: [] };
  draft.segments.push(segment);
  for (const node of nodes) {
    const own = memberOf(underlay, node);
    setup.push(
      `br ${node.name} br9 ${draft.mac()}`,
      `ip -n ${node.name} link add vx9 address ${draft.mac()} type vxlan id 9 dstport 4789 local ${own} dev ${deviceOf(underlay, node)}`,
      `ip -n ${node.name} link set vx9 master br9 up`,
    );
    for (const other of nodes)
      if (other !== node)
        setup.push(
          `bridge -n ${node.name} fdb append 00:00:00:00:00:00 dev vx9 dst ${memberOf(underlay, other)}`,
        );
  }
  for (const [i, { node, pod }] of pods.entries()) {
    const end = { node: pod, device: "eth0", mac: draft.mac(), address: base + 10 + i, segment };
    pod.interfaces.push(end);
    segment.members.push(end);
    setup.push(
      `wire ${pod.name} eth0 ${end.mac} ${node.name} v${pod.name} ${draft.mac()}`,
      `ip -n ${node.name} link set v${pod.name} master br9`,
    );
    draft.addAddress(end);
  }
}

/** A network of random shape; its lines are in the draft's setup. */
export function buildTopology(draft: Draft): void {
  draft.chance.pick([lan, chain, chain, ring, star, cluster, cluster, cluster])(draft);
}
