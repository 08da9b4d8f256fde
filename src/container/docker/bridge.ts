import { err, must, ok, type Result } from "../../base/result.ts";
import type { KernelError, NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import {
  broadcast,
  type Ipv4,
  IPV4_ANY,
  type Ipv4Prefix,
  type Mac,
  MAC_BROADCAST,
} from "../../wire/address.ts";
import { ARP_LENGTH, ARP_REQUEST, writeArp } from "../../wire/arp.ts";
import { ETH_P_ARP, ETHERNET_HEADER, writeEthernet } from "../../wire/ethernet.ts";
import type { Generation } from "./types.ts";

/** What the engine asks for must succeed on a kernel of ours; anything else is our own bug. */
function sure<T>(result: Result<T, KernelError>, what: string): T {
  if (result.ok) return result.value;
  throw new Error(`bug: dockerd: ${what}: ${result.error.errno} ${result.error.extack ?? ""}`);
}

const LOCALLY_ADMINISTERED = 0x02;
const CLASSIC_PREFIX = 0x0242;

function macOf(high: number, low: number): Mac {
  return (high * 0x1_0000_0000 + low) as Mac;
}

/** A random unicast address that is locally administered; up to 27 it began with 02:42. */
export function randomMac(random: Random, generation: Generation): Mac {
  const low = random.u32();
  if (generation === "classic") return macOf(CLASSIC_PREFIX, low);
  const high = random.u32() & 0xffff;
  return macOf((high & 0xfcff) | (LOCALLY_ADMINISTERED << 8), low);
}

/** eth0's address: random, or up to 27 made of the IPv4 address. Models: netutils.GenerateMACFromIP. */
export function containerMac(address: Ipv4, random: Random, generation: Generation): Mac {
  return generation === "classic" ? macOf(CLASSIC_PREFIX, address) : randomMac(random, generation);
}

/** A bridge with its gateway's address, up. Models: moby drivers/bridge setup_device_linux.go, setup_ipv4_linux.go. */
export function createBridge(
  net: NetApi,
  name: string,
  options: { readonly mac: Mac; readonly mtu: number; readonly gateway: Ipv4; readonly subnet: Ipv4Prefix },
): Result<void, string> {
  const { mac, mtu, gateway, subnet } = options;
  const added = net.link.add({ kind: "bridge", name, mac });
  if (!added.ok) return err(`error creating bridge interface ${name}: ${added.error.errno}`);
  const dev = added.value;
  sure(net.link.change(dev, { txQueueLength: 0 }), "queue length");
  if (mtu !== 1500) sure(net.link.change(dev, { mtu }), "mtu");
  const address = {
    dev,
    local: gateway,
    prefixLength: subnet.length,
    broadcast: broadcast(gateway, subnet.length),
  };
  sure(net.address.add(address), "bridge address");
  net.sysctl.set(`net/ipv6/conf/${name}/accept_ra`, "0");
  sure(net.link.change(dev, { up: true }), "bridge up");
  return ok();
}

export function deleteDevice(net: NetApi, name: string): void {
  const link = net.link.byName(name);
  if (link !== undefined) net.link.delete(link.index);
}

export interface Plug {
  readonly bridge: string;
  /** Of the host's end of the pair. */
  readonly port: string;
  readonly netns: NetnsId;
  readonly device: string;
  readonly mac: Mac;
  readonly mtu: number;
  readonly address: Ipv4;
  readonly length: number;
  /** Turned round at the port: what the container sends to itself through the host. */
  readonly hairpin: boolean;
}

/**
 * A veth pair: one end a port of the bridge, the other in the container with its address.
 * Models: moby drivers/bridge CreateEndpoint and Join, osl Namespace.AddInterface.
 */
export function plugIn(outside: NetApi, inside: NetApi, plug: Plug): void {
  const bridge = must(outside.link.byName(plug.bridge), plug.bridge);
  const peer = { name: plug.device, netns: plug.netns, mac: plug.mac };
  const port = sure(outside.link.add({ kind: "veth", name: plug.port, peer }), "veth");
  const eth = must(inside.link.byName(plug.device), plug.device);
  // Netlink's queue length stays at Go's zero, which the kernel takes as asked for.
  sure(outside.link.change(port, { txQueueLength: 0 }), "queue length");
  sure(inside.link.change(eth.index, { txQueueLength: 0 }), "queue length");
  if (plug.mtu !== 1500) {
    sure(outside.link.change(port, { mtu: plug.mtu }), "mtu");
    sure(inside.link.change(eth.index, { mtu: plug.mtu }), "mtu");
  }
  sure(outside.link.change(port, { master: bridge.index }), "bridge port");
  if (plug.hairpin) sure(outside.link.change(port, { port: { hairpin: true } }), "hairpin");
  inside.sysctl.set(`net/ipv6/conf/${plug.device}/disable_ipv6`, "1");
  const { address: local, length: prefixLength } = plug;
  sure(
    inside.address.add({
      dev: eth.index,
      local,
      prefixLength,
      broadcast: broadcast(local, prefixLength),
    }),
    "address",
  );
  sure(outside.link.change(port, { up: true }), "port up");
  sure(inside.link.change(eth.index, { up: true }), `${plug.device} up`);
}

const DEFAULT_ROUTE: Ipv4Prefix = { address: IPV4_ANY, length: 0 };

/** Makes `gateway` the way out, or takes the way out away. */
export function setGateway(inside: NetApi, device: string, gateway: Ipv4 | undefined): void {
  inside.route.delete({ dst: DEFAULT_ROUTE });
  const link = inside.link.byName(device);
  if (gateway === undefined || link === undefined) return;
  sure(
    inside.route.add({ dst: DEFAULT_ROUTE, nexthops: [{ dev: link.index, gateway }] }, "add"),
    "default route",
  );
}

/** How often and how far apart a container's addresses are told to its neighbours. Models: osl advertiseAddrs. */
const ADVERTISEMENTS = 3;
const ADVERTISEMENT_INTERVAL = seconds(1);

/** Gratuitous ARP, so that nobody keeps an older container's MAC for this address. From 28 on. */
export function* advertise(inside: NetApi, plug: Plug): Task<void> {
  const frame = new Uint8Array(ETHERNET_HEADER + ARP_LENGTH);
  writeEthernet(frame, 0, MAC_BROADCAST, plug.mac, ETH_P_ARP);
  writeArp(frame, ETHERNET_HEADER, ARP_REQUEST, plug.mac, plug.address, MAC_BROADCAST, plug.address);
  for (let i = 0; i < ADVERTISEMENTS; i++) {
    if (i > 0) yield* sleep(ADVERTISEMENT_INTERVAL);
    const link = inside.link.byName(plug.device);
    if (link === undefined || link.mac !== plug.mac) return;
    inside.transmit(link.index, frame);
  }
}
