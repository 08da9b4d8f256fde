import type { Nanos } from "../../sim/time.ts";
import type { NeighParams } from "../conf.ts";
import type { NetDevice } from "../device/device.ts";
import type { Neighbour } from "../neigh/neighbour.ts";
import type { Netns } from "../netns.ts";
import type { Timer } from "../../sim/queue.ts";
import type { Inet6Address } from "./address.ts";
import {
  type Device6Conf,
  freshConf6,
  freshNeighParams6,
  freshSettings6,
  type Ipv6Settings,
} from "./conf.ts";
import { Fib6 } from "./fib6.ts";
import { FragmentQueues6 } from "./fragment.ts";
import type { Addr6, AddressBook6 } from "./intern.ts";
import type { MldGroup } from "./mld.ts";
import { SocketTable6 } from "../socket/table6.ts";

/** What an ICMPv6 error taught about one destination. Models: struct rt6_exception. */
export interface Exception6 {
  mtu: number | undefined;
  gateway: Addr6 | undefined;
  dev: NetDevice;
  expires: Nanos;
}

/** Token bucket for ICMPv6 errors towards one peer. Models: struct inet_peer. */
export interface Peer6 {
  tokens: number;
  last: Nanos;
}

const FRESH: Readonly<Device6Conf> = freshConf6(false);
const DISABLED: Readonly<Device6Conf> = freshConf6(true);
const FRESH_NEIGH: Readonly<NeighParams> = freshNeighParams6();

/** The IPv6 part of a network namespace. Models: struct netns_ipv6. */
export class Inet6 {
  readonly ns: Netns;
  readonly book: AddressBook6;
  confAll: Readonly<Device6Conf>;
  confDefault: Readonly<Device6Conf>;
  neighDefault: Readonly<NeighParams> = FRESH_NEIGH;
  readonly settings: Ipv6Settings = freshSettings6();
  readonly fib: Fib6 = new Fib6(this);
  readonly fragments: FragmentQueues6 = new FragmentQueues6(this);
  readonly sockets: SocketTable6 = new SocketTable6(this);
  /** Who has an address: usually one device. */
  readonly own = new Map<Addr6, readonly Inet6Address[]>();
  readonly exceptions = new Map<Addr6, Exception6>();
  readonly peers = new Map<Addr6, Peer6>();
  private fragmentId: number;

  constructor(ns: Netns, disabled: boolean) {
    this.ns = ns;
    this.book = ns.kernel.addresses6;
    this.confAll = disabled ? DISABLED : FRESH;
    this.confDefault = this.confAll;
    this.fragmentId = ns.kernel.random.u32();
  }

  /** Whether the host forwards at all: only `all` decides. */
  get forwards(): boolean {
    return this.confAll.forwarding !== 0;
  }

  nextFragmentId(): number {
    this.fragmentId = (this.fragmentId + 1) >>> 0;
    return this.fragmentId;
  }

  /** What was learnt about a destination, unless it is too old. */
  exception(dst: Addr6): Exception6 | undefined {
    const found = this.exceptions.get(dst);
    if (found === undefined) return undefined;
    if (found.expires > this.ns.kernel.queue.now) return found;
    this.exceptions.delete(dst);
    return undefined;
  }

  /** Learnt exceptions hang on routes: they go when routes change. */
  routesChanged(): void {
    if (this.exceptions.size > 0) this.exceptions.clear();
  }
}

/** The IPv6 part of a device. Models: struct inet6_dev, and the neighbour table's share of the device. */
export class Inet6Device {
  readonly dev: NetDevice;
  /** Replaced as a whole when a key changes: what nobody changed is shared with `default`. */
  conf: Readonly<Device6Conf>;
  neighParams: Readonly<NeighParams>;
  reachableTime = 0 as Nanos;
  /** In the kernel's order: widest scope first, newest first among equals. */
  readonly addresses: Inet6Address[] = [];
  readonly neighbours = new Map<Addr6, Neighbour<Addr6>>();
  readonly proxies = new Set<Addr6>();
  /** Groups that the device listens to, newest first. */
  readonly groups = new Map<Addr6, MldGroup>();
  readonly anycast = new Map<Addr6, number>();
  /** IF_READY: the carrier was there since the device came up, and addresses were configured. */
  ready = false;
  /** net.ipv6.conf.DEV.mtu when it was lowered: by hand or by a router; 0: the device's. */
  lowered = 0;
  solicitations: Timer | null = null;
  reports: Timer | null = null;
  reportsLeft = 0;
  /** Groups to be reported, and as what. */
  readonly pendingReports = new Map<Addr6, number>();

  constructor(dev: NetDevice) {
    const { ip6 } = dev.ns;
    this.dev = dev;
    this.conf = ip6.confDefault;
    this.neighParams = ip6.neighDefault;
  }

  /** What IPv6 sends at most by this device. */
  get mtu(): number {
    return this.lowered === 0 ? this.dev.mtu : Math.min(this.lowered, this.dev.mtu);
  }

  get enabled(): boolean {
    return this.conf.disable_ipv6 === 0 && this.dev.mtu >= 1280;
  }

  address(address: Addr6): Inet6Address | undefined {
    return this.addresses.find((a) => a.address === address);
  }
}
