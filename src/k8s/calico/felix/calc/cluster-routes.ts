import { inPrefix, type Ipv4, type Ipv4Prefix, type Mac, parseMac } from "../../../../wire/address.ts";
import { type CalicoNode, poolOf, vtepMac } from "../../api/index.ts";
import type { WantedRoute } from "../dataplane/routes.ts";
import { VXLAN_DEVICE } from "../rules/nat.ts";
import type { Snapshot } from "./snapshot.ts";

/** The end of a node's VXLAN tunnel. */
export interface Vtep {
  readonly node: string;
  /** Its address inside, and in the network of the nodes. */
  readonly tunnel: Ipv4;
  readonly host: Ipv4;
  readonly mac: Mac;
}

/** Undefined while the node has no tunnel address. Models: felix/calc/vxlan_resolver.go. */
export function vtepOf(node: CalicoNode): Vtep | undefined {
  const { name, ipv4, vxlanTunnelAddr: tunnel } = node;
  const mac = parseMac(node.vxlanTunnelMac === "" ? vtepMac(name) : node.vxlanTunnelMac);
  if (ipv4 === undefined || tunnel === undefined || mac === undefined) return undefined;
  return { node: name, tunnel, host: ipv4.address, mac };
}

interface Context {
  readonly snapshot: Snapshot;
  readonly local: CalicoNode;
  readonly mtu: number;
  /** The device that the nodes' network is on. */
  readonly parent: string | undefined;
}

const SINGLE = 32;
const OWNER = "VXLAN routes";

/** From this node to addresses of another. */
function remoteRoute(context: Context, dst: Ipv4Prefix, node: string): readonly WantedRoute[] {
  const { snapshot, local, mtu, parent } = context;
  const remote = snapshot.nodes.find(({ name }) => name === node);
  const pool = poolOf(snapshot.pools, dst.address);
  if (remote?.ipv4 === undefined || pool === undefined || pool.vxlanMode === "Never") return [];
  const own = local.ipv4;
  const near = own !== undefined && inPrefix(remote.ipv4.address, own.address, own.length);
  const owner = `${OWNER} to ${node}`;
  if (pool.vxlanMode === "CrossSubnet" && near && parent !== undefined)
    return [{ kind: "direct", dst, device: parent, via: remote.ipv4.address, owner }];
  const vtep = vtepOf(remote);
  if (vtep === undefined) return [];
  return [{ kind: "vxlan", dst, device: VXLAN_DEVICE, via: vtep.tunnel, mtu, owner }];
}

/**
 * Routes of pools with VXLAN: other nodes' blocks, single addresses that are not where their block is, and black holes
 * for the node's own blocks, so that what no pod has does not travel in circles.
 *
 * Models: felix/calc/l3_route_resolver.go, felix/dataplane/linux route_mgr.go, vxlan_mgr.go.
 */
export function vxlanRoutes(context: Context): readonly WantedRoute[] {
  const { snapshot, local, mtu } = context;
  return snapshot.blocks.flatMap(({ prefix, node, exceptions }): readonly WantedRoute[] => {
    const pool = poolOf(snapshot.pools, prefix.address);
    if (pool === undefined || pool.vxlanMode === "Never") return [];
    const single = exceptions.flatMap(({ address, node: holder, tunnel }): readonly WantedRoute[] => {
      if (holder === local.name) return [];
      const dst = { address, length: SINGLE };
      // The route to another tunnel's own end cannot lead by way of that end.
      const device = VXLAN_DEVICE;
      if (tunnel) return [{ kind: "tunnel", dst, device, mtu, owner: `${OWNER} to ${holder}` }];
      return remoteRoute(context, dst, holder);
    });
    if (node === "") return single;
    if (node !== local.name) return [...remoteRoute(context, prefix, node), ...single];
    if (prefix.length === SINGLE) return single;
    return [{ kind: "blackhole", dst: prefix, owner: "IPAM block" }, ...single];
  });
}
