import { err, ok, type Result } from "../../../../base/result.ts";
import type { IfIndex, LinkInfo, LinkSpec, NetApi } from "../../../../kernel/uapi/index.ts";
import type { Ipv4 } from "../../../../wire/address.ts";
import type { Vtep } from "../calc/cluster-routes.ts";
import { IPIP_DEVICE, VXLAN_DEVICE } from "../rules/nat.ts";
import type { Door } from "./door.ts";

export interface VxlanDevice {
  readonly vni: number;
  readonly port: number;
  readonly mtu: number;
  readonly local: Vtep;
}

/** The device with the node's own address: tunnelled packets leave by it. Models: detectParentIface. */
export function parentDevice(net: NetApi, address: Ipv4): LinkInfo | undefined {
  const on = net.address.list().find(({ local }) => local === address);
  return on === undefined ? undefined : net.link.byIndex(on.dev);
}

/** The one address of a tunnel device. Models: ensureAddressOnLink. */
function ensureAddress(net: NetApi, dev: IfIndex, address: Ipv4): Result<void, string> {
  const there = net.address.list().filter((a) => a.dev === dev);
  for (const other of there)
    if (other.local !== address || other.prefixLength !== 32)
      net.address.delete(dev, other.local, other.prefixLength);
  if (there.some((a) => a.local === address && a.prefixLength === 32)) return ok();
  const added = net.address.add({ dev, local: address, prefixLength: 32 });
  return added.ok ? ok() : err(`failed to add IP address: ${added.error.errno}`);
}

/** MTU, address, up. Models: configureTunnelDevice. */
function configure(net: NetApi, link: LinkInfo, mtu: number, address: Ipv4): Result<void, string> {
  if (link.mtu !== mtu) net.link.change(link.index, { mtu });
  const addressed = ensureAddress(net, link.index, address);
  if (!addressed.ok || link.up) return addressed;
  const up = net.link.change(link.index, { up: true });
  return up.ok ? ok() : err(`failed to set ${link.name} up: ${up.error.errno}`);
}

/** Whether the device that is there cannot be used as it is. Models: vxlanLinksIncompat. */
function unfit(link: LinkInfo, wanted: VxlanDevice, parent: IfIndex): boolean {
  const { vxlan } = link;
  return (
    vxlan?.id !== wanted.vni ||
    vxlan.dev !== parent ||
    vxlan.local !== wanted.local.host ||
    vxlan.dstPort !== wanted.port ||
    link.mac !== wanted.local.mac
  );
}

/** vxlan.calico as it should be. Models: felix/dataplane/linux/vxlan_mgr.go device, configureTunnelDevice. */
export function ensureVxlan(door: Door, wanted: VxlanDevice): Result<void, string> {
  const net = door.as(`${VXLAN_DEVICE} to other nodes`);
  const parent = parentDevice(net, wanted.local.host);
  if (parent === undefined) return err("Unable to find parent interface");
  const spec: LinkSpec = {
    kind: "vxlan",
    name: VXLAN_DEVICE,
    mac: wanted.local.mac,
    vxlan: {
      id: wanted.vni,
      dev: parent.index,
      local: wanted.local.host,
      dstPort: wanted.port,
      learning: false,
    },
  };
  let link = net.link.byName(VXLAN_DEVICE);
  if (link !== undefined && unfit(link, wanted, parent.index)) {
    net.link.delete(link.index);
    link = undefined;
  }
  if (link === undefined) {
    const made = net.link.add(spec);
    if (!made.ok) return err(`failed to create vxlan interface: ${made.error.errno}`);
    link = net.link.byIndex(made.value);
  }
  if (link === undefined) return err(`can't locate created tunnel device ${VXLAN_DEVICE}`);
  return configure(net, link, wanted.mtu, wanted.local.tunnel);
}

/** Neighbours and forwarding entries of the other nodes; all others go. Models: felix/vxlanfdb. */
export function syncVteps(door: Door, vteps: readonly Vtep[]): void {
  const link = door.look.link.byName(VXLAN_DEVICE);
  if (link?.up !== true) return;
  const { index: dev } = link;
  const net = door.as(`${VXLAN_DEVICE} to other nodes`);
  const neighbours = net.neigh.list().filter((n) => n.dev === dev && n.state === "PERMANENT");
  for (const { dst, lladdr } of neighbours)
    if (!vteps.some(({ tunnel, mac }) => tunnel === dst && mac === lladdr)) net.neigh.delete(dev, dst);
  const entries = net.fdb.list().filter((f) => f.dev === dev && f.target === "self");
  for (const entry of entries)
    if (!vteps.some(({ mac, host }) => mac === entry.mac && host === entry.dst)) net.fdb.delete(entry);
  for (const { node, tunnel, mac, host } of vteps) {
    const own = door.as(`VXLAN to ${node}`);
    if (!neighbours.some(({ dst, lladdr }) => dst === tunnel && lladdr === mac))
      own.neigh.add({ dev, dst: tunnel, lladdr: mac, state: "PERMANENT" }, "replace");
    if (!entries.some((entry) => entry.mac === mac && entry.dst === host))
      own.fdb.add({ dev, mac, target: "self", state: "permanent", dst: host }, "replace");
  }
}

export function removeVxlan(door: Door): void {
  const net = door.as(`ip link del ${VXLAN_DEVICE}`);
  const link = net.link.byName(VXLAN_DEVICE);
  if (link?.kind === "vxlan") net.link.delete(link.index);
}

/** tunl0, which comes with the module. Models: felix/dataplane/linux/ipip_mgr.go. */
export function ensureIpip(door: Door, mtu: number, address: Ipv4): Result<void, string> {
  const net = door.as(`${IPIP_DEVICE} to other nodes`);
  // EEXIST is how it is found: asking for the device loads the module, which brings it.
  if (net.link.byName(IPIP_DEVICE) === undefined)
    net.link.add({ kind: "ipip", name: IPIP_DEVICE, tunnel: {} });
  const link = net.link.byName(IPIP_DEVICE);
  if (link === undefined) return err(`can't locate created tunnel device ${IPIP_DEVICE}`);
  return configure(net, link, mtu, address);
}

/** Without IPIP the device keeps no address. Models: cleanUpIPIPAddrs. */
export function clearIpip(door: Door): void {
  const link = door.look.link.byName(IPIP_DEVICE);
  if (link === undefined) return;
  const net = door.as(`ip addr flush dev ${IPIP_DEVICE}`);
  for (const address of net.address.list())
    if (address.dev === link.index) net.address.delete(address.dev, address.local, address.prefixLength);
}
