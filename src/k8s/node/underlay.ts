import { must, type Result } from "../../base/result.ts";
import { type KernelError, type NetApi, type NetnsId } from "../../kernel/uapi/index.ts";
import type { Host } from "../../userland/os/host.ts";
import { broadcast, IPV4_ANY, type Ipv4, ipv4, type Ipv4Prefix, mask } from "../../wire/address.ts";

/** Docker's second address pool: the network named kind is the first that a user makes. */
export const KIND_SUBNET: Ipv4Prefix = { address: ipv4(0xac120000), length: 16 };

const HEX = "0123456789abcdef";
const DOCKERD = "dockerd";

/** What Docker's bridge driver does must succeed on a kernel of ours; anything else is our own bug. */
function sure<T>(result: Result<T, KernelError>, what: string): T {
  if (result.ok) return result.value;
  throw new Error(`bug: ${what}: ${result.error.errno} ${result.error.extack ?? ""}`);
}

/** A Docker network of driver bridge, in the Docker host's namespace. */
export interface Underlay {
  readonly docker: Host;
  readonly bridge: string;
  readonly subnet: Ipv4Prefix;
  readonly gateway: Ipv4;
}

/**
 * `docker network create kind`: a bridge `br-<12 hex of the network's id>` with the first address of the subnet.
 *
 * Models: moby libnetwork/drivers/bridge setup_device_linux.go. Not modelled: its firewall rules.
 */
export function createUnderlay(docker: Host, subnet: Ipv4Prefix = KIND_SUBNET): Underlay {
  const net = docker.kernel.open(docker.netns, { name: DOCKERD, detail: "network kind" });
  const bridge = `br-${docker.random.text(12, HEX)}`;
  const gateway = ipv4(subnet.address + 1);
  const dev = sure(net.link.add({ kind: "bridge", name: bridge }), "create bridge");
  sure(net.link.change(dev, { txQueueLength: 0 }), "queue length");
  sure(net.address.add(addressOf(dev, gateway, subnet)), "bridge address");
  net.sysctl.set(`net/ipv6/conf/${bridge}/accept_ra`, "0");
  sure(net.link.change(dev, { up: true }), "bridge up");
  sure(net.sysctl.set("net/ipv4/ip_forward", "1"), "ip_forward");
  return { docker, bridge, subnet, gateway };
}

function addressOf(
  dev: Parameters<NetApi["address"]["add"]>[0]["dev"],
  local: Ipv4,
  subnet: Ipv4Prefix,
): Parameters<NetApi["address"]["add"]>[0] {
  return { dev, local, prefixLength: subnet.length, broadcast: broadcast(local, subnet.length) };
}

/**
 * Connects a container's namespace: a veth pair, one end a port of the bridge, the other eth0 with an address and the
 * default route. Models: moby libnetwork endpoint join and osl sandbox.
 */
export function connect(underlay: Underlay, netns: NetnsId, address: Ipv4): void {
  const { docker, subnet } = underlay;
  const actor = { name: DOCKERD, detail: "network kind" };
  const outside = docker.kernel.open(docker.netns, actor);
  const inside = docker.kernel.open(netns, actor);
  const bridge = must(outside.link.byName(underlay.bridge), underlay.bridge);
  const name = `veth${docker.random.text(7, HEX)}`;
  const port = sure(outside.link.add({ kind: "veth", name, peer: { name: "eth0", netns } }), "veth");
  const lo = must(inside.link.byName("lo"), "lo");
  const eth0 = must(inside.link.byName("eth0"), "eth0");
  // Docker leaves netlink's queue length at Go's zero, which the kernel takes as asked for.
  sure(outside.link.change(port, { txQueueLength: 0 }), "queue length");
  sure(inside.link.change(eth0.index, { txQueueLength: 0 }), "queue length");
  sure(outside.link.change(port, { master: bridge.index }), "bridge port");
  sure(inside.link.change(lo.index, { up: true }), "lo up");
  sure(inside.address.add(addressOf(eth0.index, address, subnet)), "address of eth0");
  sure(outside.link.change(port, { up: true }), "port up");
  sure(inside.link.change(eth0.index, { up: true }), "eth0 up");
  const route = {
    dst: { address: IPV4_ANY, length: 0 },
    nexthops: [{ dev: eth0.index, gateway: underlay.gateway }],
  };
  sure(inside.route.add(route, "add"), "default route");
  // Linux gives a new namespace the first one's IPv4 settings, where Docker has switched forwarding on.
  sure(inside.sysctl.set("net/ipv4/ip_forward", "1"), "ip_forward");
}

/** The n-th container's address: .2 for the first. */
export function containerAddress(subnet: Ipv4Prefix, index: number): Ipv4 {
  const address = ipv4(subnet.address + 2 + index);
  if ((address & ~mask(subnet.length)) >>> 0 >= 2 ** (32 - subnet.length) - 1)
    throw new Error("bug: network full");
  return address;
}
