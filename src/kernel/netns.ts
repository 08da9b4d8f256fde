import { type Ipv4, IPV4_LOOPBACK } from "../wire/address.ts";
import { seconds } from "../sim/time.ts";
import type { Nanos } from "../sim/time.ts";
import { type DeviceConf, freshConf, freshNeighParams, type NeighParams } from "./conf.ts";
import type { NetDevice, Tap } from "./device/device.ts";
import type { IpTunnels } from "./device/ip-tunnels.ts";
import type { VxlanSockets } from "./device/vxlan-sockets.ts";
import { addAddress } from "./ipv4/address.ts";
import { Fib } from "./ipv4/fib.ts";
import type { FibHop } from "./ipv4/fib-table.ts";
import { sharesNextHop } from "./ipv4/shared-next-hop.ts";
import type { FragmentQueues } from "./ipv4/fragment.ts";
import { Inet6 } from "./ipv6/inet6.ts";
import type { Kernel } from "./kernel.ts";
import { Nft } from "./netfilter/nft/nft.ts";
import { Monitor } from "./monitor.ts";
import { Netfilter } from "./netfilter/netfilter.ts";
import { Ipsets } from "./netfilter/ipset/sets.ts";
import { XtTables } from "./netfilter/xtables/tables.ts";
import type { Skb } from "./skb.ts";
import type { Xfrm } from "./xfrm/xfrm.ts";
import type { SocketTable } from "./socket/table.ts";
import { type IfIndex, type NetnsId, SCOPE_HOST } from "./uapi/index.ts";

/** What ICMP or a redirect taught about one destination. Models: struct fib_nh_exception. */
export interface Exception {
  /** The next hop that it is about: another route to the destination knows nothing of it. */
  hop: FibHop | null;
  mtu: number | undefined;
  gateway: Ipv4 | undefined;
  /** The path carries less than min_pmtu: packets go without DF instead. */
  locked: boolean;
  expires: Nanos;
  /** A packet's lookup came upon it: such are listed, as in Linux, where the listing goes by cached routes. */
  used: boolean;
}

/** Token bucket for ICMP errors towards one peer. Models: struct inet_peer. */
export interface Peer {
  tokens: number;
  last: Nanos;
  redirects: number;
  redirectLast: Nanos;
}

/** Scalar sysctls of net.ipv4 that the stack reads. */
export interface Ipv4Settings {
  defaultTtl: number;
  icmpRateLimitMs: number;
  icmpRateMask: number;
  icmpEchoIgnoreAll: number;
  icmpEchoIgnoreBroadcasts: number;
  icmpErrorsUseInboundIfaddr: number;
  mtuExpires: Nanos;
  minPmtu: number;
  localPortMin: number;
  localPortMax: number;
  noPmtuDisc: number;
  forwardUsePmtu: number;
  multipathHashPolicy: number;
  multipathUseNeigh: number;
  nonlocalBind: number;
  unprivilegedPortStart: number;
}

/** A network namespace: devices, addresses, tables and sockets of its own. Models: struct net. */
export class Netns {
  readonly kernel: Kernel;
  readonly id: NetnsId;
  label: string;
  references = 1;
  readonly confAll: DeviceConf = freshConf();
  readonly confDefault: DeviceConf = freshConf();
  readonly neighDefault: NeighParams = freshNeighParams();
  readonly ipv4: Ipv4Settings = {
    defaultTtl: 64,
    icmpRateLimitMs: 1000,
    icmpRateMask: 0x1818,
    icmpEchoIgnoreAll: 0,
    icmpEchoIgnoreBroadcasts: 1,
    icmpErrorsUseInboundIfaddr: 0,
    mtuExpires: seconds(600),
    minPmtu: 552,
    localPortMin: 32768,
    localPortMax: 60999,
    noPmtuDisc: 0,
    forwardUsePmtu: 0,
    multipathHashPolicy: 0,
    multipathUseNeigh: 0,
    nonlocalBind: 0,
    unprivilegedPortStart: 1024,
  };
  /** sysctls that are kept but steer nothing here. */
  readonly inertSysctls = new Map<string, string>();
  readonly monitor: Monitor;
  readonly fib: Fib = new Fib(this);
  readonly xtables: XtTables = new XtTables(this);
  readonly ipset: Ipsets = new Ipsets(this);
  readonly netfilter: Netfilter;
  readonly nft: Nft;
  readonly sockets: SocketTable;
  readonly vxlan: VxlanSockets;
  readonly tunnels: IpTunnels;
  /** UDP ports of the kernel's own sockets (wireguard); `skb.data` is at the UDP header. */
  readonly encapSockets = new Map<number, (dev: NetDevice, skb: Skb) => void>();
  /** IPsec, from the first policy or state on. */
  xfrm: Xfrm | null = null;
  readonly fragments: FragmentQueues;
  readonly ip6: Inet6;
  /** Addresses of all devices, for quick tests. */
  readonly localAddresses = new Set<number>();
  readonly exceptions = new Map<number, Exception>();
  readonly peers = new Map<number, Peer>();
  /** How other namespaces are called here (link-netnsid), by their id. */
  readonly nsids = new Map<number, number>();
  loopback!: NetDevice;
  /** Asked before an IPv4 packet to one of our addresses is looked at, as long as what lives here sleeps. */
  asleep: ((goOn: () => void) => void) | null = null;
  /** Packet sockets that are open on every device. */
  private readonly taps: Tap[] = [];
  private readonly byIndex = new Map<number, NetDevice>();
  private readonly byName = new Map<string, NetDevice>();
  private lastIndex = 0;
  private ipId = 0;

  constructor(
    kernel: Kernel,
    id: NetnsId,
    label: string,
    parts: (ns: Netns) => {
      sockets: SocketTable;
      vxlan: VxlanSockets;
      tunnels: IpTunnels;
      fragments: FragmentQueues;
    },
  ) {
    this.kernel = kernel;
    this.monitor = new Monitor(kernel);
    this.netfilter = new Netfilter(this);
    this.nft = new Nft(this);
    this.id = id;
    this.label = label;
    const { sockets, vxlan, tunnels, fragments } = parts(this);
    this.sockets = sockets;
    this.vxlan = vxlan;
    this.tunnels = tunnels;
    this.fragments = fragments;
    this.ipId = kernel.random.below(0x10000);
    this.ip6 = new Inet6(this, kernel.ipv6Off);
  }

  newDeviceConf(): DeviceConf {
    return { ...this.confDefault };
  }

  newNeighParams(): NeighParams {
    return { ...this.neighDefault };
  }

  /** What namespace `other` is called here: the lowest free number, handed out at the first mention. Models: peernet2id_alloc. */
  numberOf(other: number): number {
    let number = this.nsids.get(other);
    if (number === undefined) {
      const taken = new Set(this.nsids.values());
      number = 0;
      while (taken.has(number)) number++;
      this.nsids.set(other, number);
    }
    return number;
  }

  device(index: number): NetDevice | undefined {
    return this.byIndex.get(index);
  }

  deviceByName(name: string): NetDevice | undefined {
    return this.byName.get(name);
  }

  /** In the order of their indices. */
  devices(): readonly NetDevice[] {
    return [...this.byIndex.values()];
  }

  indexOf(dev: NetDevice): IfIndex {
    return dev.index as IfIndex;
  }

  /** Enters a device; it keeps `wanted` as its index when that is free. Models: dev_index_reserve. */
  insert(dev: NetDevice, wanted?: number): void {
    if (wanted !== undefined && wanted > 0 && !this.byIndex.has(wanted)) dev.index = wanted;
    else {
      do this.lastIndex++;
      while (this.byIndex.has(this.lastIndex));
      dev.index = this.lastIndex;
    }
    dev.ns = this;
    dev.taps.push(...this.taps);
    this.byIndex.set(dev.index, dev);
    this.byName.set(dev.name, dev);
    if (wanted !== undefined) this.sortDevices();
    this.fib.rules.devicesChanged();
  }

  private sortDevices(): void {
    const sorted = [...this.byIndex.entries()].sort((a, b) => a[0] - b[0]);
    this.byIndex.clear();
    for (const [index, dev] of sorted) this.byIndex.set(index, dev);
  }

  remove(dev: NetDevice): void {
    for (const tap of this.taps) dropTap(dev, tap);
    this.byIndex.delete(dev.index);
    this.byName.delete(dev.name);
    this.fib.rules.devicesChanged();
  }

  /** A packet socket on all devices, those to come included. */
  addTap(tap: Tap): void {
    this.taps.push(tap);
    for (const dev of this.byIndex.values()) dev.taps.push(tap);
  }

  removeTap(tap: Tap): void {
    this.taps.splice(this.taps.indexOf(tap), 1);
    for (const dev of this.byIndex.values()) dropTap(dev, tap);
  }

  rename(dev: NetDevice, name: string): void {
    this.byName.delete(dev.name);
    dev.name = name;
    this.byName.set(name, dev);
    this.fib.rules.devicesChanged();
  }

  deviceOwning(address: Ipv4): NetDevice | undefined {
    for (const dev of this.byIndex.values()) if (dev.addresses.some((a) => a.local === address)) return dev;
    return undefined;
  }

  recountLocalAddresses(): void {
    this.localAddresses.clear();
    for (const dev of this.byIndex.values()) for (const a of dev.addresses) this.localAddresses.add(a.local);
  }

  /** What was learnt about a destination by a next hop, unless it is too old. */
  exception(dst: Ipv4, hop: FibHop | null): Exception | undefined {
    const found = this.exceptions.get(dst);
    if (found === undefined) return undefined;
    if (found.hop !== hop && (found.hop === null || hop === null || !sharesNextHop(found.hop, hop)))
      return undefined;
    if (found.expires > this.kernel.queue.now) return found;
    this.exceptions.delete(dst);
    return undefined;
  }

  /** lo gets 127.0.0.1/8 when it first comes up. Models: inetdev_event(NETDEV_UP). */
  loopbackUp(): void {
    addAddress(this.loopback, {
      local: IPV4_LOOPBACK,
      peer: IPV4_LOOPBACK,
      length: 8,
      broadcast: undefined,
      scope: SCOPE_HOST,
      label: this.loopback.name,
      secondary: false,
      noPrefixRoute: false,
      validLifetime: undefined,
      preferredLifetime: undefined,
      by: { name: "kernel", detail: "lo came up" },
    });
  }

  nextIpId(): number {
    this.ipId = (this.ipId + 1) & 0xffff;
    return this.ipId;
  }
}

function dropTap(dev: NetDevice, tap: Tap): void {
  const at = dev.taps.indexOf(tap);
  if (at >= 0) dev.taps.splice(at, 1);
}
