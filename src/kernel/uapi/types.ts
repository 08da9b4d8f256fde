import type { Brand } from "../../base/brand.ts";
import type { Result } from "../../base/result.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Ipv4, Ipv4Prefix, Mac } from "../../wire/address.ts";

/** A network namespace of this kernel. */
export type NetnsId = Brand<number, "NetnsId">;

/** Interface index, unique within a network namespace; 1 is lo. */
export type IfIndex = Brand<number, "IfIndex">;

/** Error names as in errno(3). */
export type Errno =
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EAFNOSUPPORT"
  | "EAGAIN"
  | "EBUSY"
  | "ECONNREFUSED"
  | "ECONNABORTED"
  | "ECONNRESET"
  | "EDESTADDRREQ"
  | "EEXIST"
  | "EHOSTDOWN"
  | "EHOSTUNREACH"
  | "EINVAL"
  | "EISCONN"
  | "ELOOP"
  | "EMLINK"
  | "EMSGSIZE"
  | "ENFILE"
  | "ENETDOWN"
  | "ENETUNREACH"
  | "ENOBUFS"
  | "ENODEV"
  | "ENOENT"
  | "ENOKEY"
  | "ENOSPC"
  | "ENOPROTOOPT"
  | "ENOTCONN"
  | "EOPNOTSUPP"
  | "EPERM"
  | "EPIPE"
  | "EPROTO"
  | "ERANGE"
  | "ESRCH"
  | "ETIMEDOUT";

/** What a netlink call answers when it fails: the errno, and the extended acknowledgement text where Linux gives one. */
export interface KernelError {
  readonly errno: Errno;
  readonly extack?: string;
}

export type KernelResult<T> = Result<T, KernelError>;

/** Who asks: every entry remembers it. `name` is a program ("flanneld", "ip", "kernel"), `detail` why, in a few words. */
export interface Actor {
  readonly name: string;
  readonly detail?: string;
}

// ---------------------------------------------------------------------------------------------------- devices

export type LinkKind =
  | "loopback"
  | "veth"
  | "bridge"
  | "vxlan"
  | "dummy"
  | "ipip"
  | "gre"
  | "gretap"
  | "macvlan"
  | "ipvlan"
  | "vlan"
  | "tun"
  | "wireguard";

/** ARPHRD_*: what stands before the network header on a device. All but `ether` and `loopback` have nothing there. */
export type LinkType = "loopback" | "ether" | "ipip" | "gre" | "none";

/** RFC 2863 operational states as iproute2 names them. */
export type OperState = "UNKNOWN" | "DOWN" | "LOWERLAYERDOWN" | "DORMANT" | "UP";

export interface LinkStats {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly multicast: number;
  readonly txPackets: number;
  readonly txBytes: number;
  readonly txErrors: number;
  readonly txDropped: number;
  readonly txCarrier: number;
  readonly collisions: number;
  /** IFLA_CARRIER_CHANGES, "transns" of `ip -s -s link`. */
  readonly carrierChanges?: number;
}

export interface BridgeOptions {
  readonly stp: boolean;
  /** FDB ageing, in centiseconds as in netlink (default 30000). */
  readonly ageingTime: number;
  readonly forwardDelay: number;
  readonly helloTime: number;
  readonly maxAge: number;
  readonly priority: number;
  readonly vlanFiltering: boolean;
  readonly mcastSnooping: boolean;
  readonly nfCallIptables: boolean;
}

export interface BridgePortOptions {
  readonly hairpin: boolean;
  readonly learning: boolean;
  readonly flood: boolean;
  readonly mcastFlood: boolean;
  readonly bcastFlood: boolean;
  readonly isolated: boolean;
  readonly neighSuppress: boolean;
  readonly state: "disabled" | "listening" | "learning" | "forwarding" | "blocking";
  readonly cost: number;
  readonly priority: number;
  readonly number: number;
}

export interface VxlanOptions {
  /** VXLAN network identifier, 0 to 2^24 - 1. */
  readonly id: number;
  readonly dstPort: number;
  readonly local?: Ipv4;
  readonly remote?: Ipv4;
  readonly group?: Ipv4;
  /** The lower device that tunnelled packets leave by. */
  readonly dev?: IfIndex;
  readonly learning: boolean;
  readonly ttl: number;
  readonly ageing: number;
  readonly srcPortMin: number;
  readonly srcPortMax: number;
  /** Listeners are asked where a MAC address lives that the FDB does not know. */
  readonly l2miss?: boolean;
  /** Asked only by devices that answer ARP themselves (`proxy`), which is not modelled: the flag is kept and does nothing. */
  readonly l3miss?: boolean;
}

/** ip-tunnel(8): an IP tunnel of which either end may be left open. */
export interface TunnelOptions {
  /** 0: whatever the route says; 0.0.0.0 in listings is "any". */
  readonly local: Ipv4;
  /** 0: the next hop of the packet's route is the other end. */
  readonly remote: Ipv4;
  /** 0: inherited from the packet inside. */
  readonly ttl: number;
  /** The lowest bit set: inherited from the packet inside. */
  readonly tos: number;
  /** The outer header always forbids fragments; otherwise it does what the inner one does. */
  readonly pathMtuDiscovery: boolean;
  /** The lower device that packets must leave by. */
  readonly dev?: IfIndex;
  /** gre: the key of RFC 2890, by direction. */
  readonly inputKey?: number;
  readonly outputKey?: number;
  /** ipip: not only IPv4 inside, as far as the device can (`mode any`, what netlink makes by default). */
  readonly anyProtocol: boolean;
  /** The device that stands in each namespace as soon as the module is there, for packets of no other tunnel. */
  readonly fallback: boolean;
}

/** A tun (packets) or tap (frames) device, whose other end is a program. */
export interface TunOptions {
  readonly mode: "tun" | "tap";
  /** It stays when no program holds it. */
  readonly persist: boolean;
  readonly user?: number;
  readonly group?: number;
}

export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru";

export interface MacvlanOptions {
  readonly mode: MacvlanMode;
}

export interface IpvlanOptions {
  readonly mode: "l2" | "l3" | "l3s";
  readonly flag: "bridge" | "private" | "vepa";
}

export interface VlanOptions {
  /** 802.1Q VLAN identifier, 0 to 4094. */
  readonly id: number;
  readonly reorderHeader: boolean;
  readonly looseBinding: boolean;
}

/** A network device as `ip -d -s link` sees it. */
export interface LinkInfo {
  readonly index: IfIndex;
  readonly name: string;
  readonly kind: LinkKind;
  readonly linkType: LinkType;
  readonly mac: Mac;
  readonly mtu: number;
  /** Bounds of `mtu`; a `maxMtu` of 0 is none. */
  readonly minMtu: number;
  readonly maxMtu: number;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Carrier: the other end or a port is up (IFF_LOWER_UP). */
  readonly lowerUp: boolean;
  readonly operState: OperState;
  readonly noArp: boolean;
  readonly promiscuity: number;
  readonly master?: IfIndex;
  /** The other end of a veth. */
  readonly peer?: { readonly netns: NetnsId; readonly index: IfIndex };
  /** IFLA_LINK of the kinds that sit on another device; null where the kind could but does not (`tunl0@NONE`). */
  readonly lower?: { readonly netns: NetnsId; readonly index: IfIndex } | null;
  /** Where a tunnel was made, when it moved on since (IFLA_LINK_NETNSID). */
  readonly home?: NetnsId;
  readonly txQueueLength: number;
  readonly qdisc: string;
  readonly stats: LinkStats;
  readonly bridge?: BridgeOptions;
  readonly port?: BridgePortOptions;
  readonly vxlan?: VxlanOptions;
  readonly tunnel?: TunnelOptions;
  readonly tun?: TunOptions;
  readonly macvlan?: MacvlanOptions;
  readonly ipvlan?: IpvlanOptions;
  readonly vlan?: VlanOptions;
  /** How many want all multicast (IFLA_ALLMULTI), and whether `ip link set allmulticast on` is among them. */
  readonly allMulticast?: number;
  readonly allMulticastFlag?: boolean;
  /** IFLA_PERM_ADDRESS, where it may differ from `mac`. */
  readonly permanentMac?: Mac;
  readonly alias?: string;
  /** IFF_PROMISC as set by `ip link set promisc on`; ports and captures count in `promiscuity` only. */
  readonly promisc?: boolean;
  /** IFF_MULTICAST; absent is the default of the kind. */
  readonly multicast?: boolean;
  /** IFLA_GROUP; absent is 0. */
  readonly group?: number;
  readonly by: Actor;
}

export interface VethSpec {
  readonly kind: "veth";
  readonly name?: string;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly peer?: {
    readonly name?: string;
    readonly mac?: Mac;
    readonly mtu?: number;
    readonly netns?: NetnsId;
    /** Refused with ENOTCONN: the peer is made first, and cannot be up alone. */
    readonly up?: boolean;
  };
}

export interface BridgeSpec {
  readonly kind: "bridge";
  readonly name?: string;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly bridge?: Partial<BridgeOptions>;
}

export interface VxlanSpec {
  readonly kind: "vxlan";
  readonly name?: string;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly vxlan: Partial<VxlanOptions> & { readonly id: number };
}

interface CommonSpec {
  readonly name?: string;
  readonly mac?: Mac;
  readonly mtu?: number;
}

export interface DummySpec extends CommonSpec {
  readonly kind: "dummy";
}

export interface WireguardSpec extends CommonSpec {
  readonly kind: "wireguard";
}

export interface TunnelSpec extends CommonSpec {
  readonly kind: "ipip" | "gre" | "gretap";
  readonly tunnel: Partial<TunnelOptions>;
  /** Made by SIOCADDTUNNEL, as `ip tunnel` does, not by netlink. */
  readonly ioctl?: boolean;
}

/** A device on a lower one (IFLA_LINK), which `lowerNetns` may place in another namespace (IFLA_LINK_NETNSID). */
interface UpperSpec extends CommonSpec {
  readonly lower?: IfIndex;
  readonly lowerNetns?: NetnsId;
}

export interface MacvlanSpec extends UpperSpec {
  readonly kind: "macvlan";
  readonly macvlan: Partial<MacvlanOptions>;
}

export interface IpvlanSpec extends UpperSpec {
  readonly kind: "ipvlan";
  readonly ipvlan: Partial<IpvlanOptions>;
}

export interface VlanSpec extends UpperSpec {
  readonly kind: "vlan";
  readonly vlan: Partial<VlanOptions>;
}

/** RTM_NEWLINK with NLM_F_CREATE. A missing name is made by the kernel (veth0, bridge0, vxlan0 ...). */
export type LinkSpec =
  | VethSpec
  | BridgeSpec
  | VxlanSpec
  | DummySpec
  | WireguardSpec
  | TunnelSpec
  | MacvlanSpec
  | IpvlanSpec
  | VlanSpec;

/** RTM_NEWLINK on an existing device; what is absent stays. They are applied in the order that the kernel applies them. */
export interface LinkChange {
  readonly netns?: NetnsId;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly name?: string;
  readonly up?: boolean;
  /** An index, or null to leave the bridge. */
  readonly master?: IfIndex | null;
  readonly promisc?: boolean;
  readonly arp?: boolean;
  readonly txQueueLength?: number;
  readonly alias?: string;
  readonly multicast?: boolean;
  readonly group?: number;
  readonly bridge?: Partial<BridgeOptions>;
  readonly port?: Partial<BridgePortOptions>;
  readonly vxlan?: Partial<VxlanOptions>;
  readonly tunnel?: Partial<TunnelOptions>;
  readonly macvlan?: Partial<MacvlanOptions>;
  readonly ipvlan?: Partial<IpvlanOptions>;
  readonly vlan?: Partial<VlanOptions>;
  readonly allMulticast?: boolean;
}

export interface LinkApi {
  list(): readonly LinkInfo[];
  byName(name: string): LinkInfo | undefined;
  byIndex(index: IfIndex): LinkInfo | undefined;
  /** Answers the index of the new device. */
  add(spec: LinkSpec): KernelResult<IfIndex>;
  change(index: IfIndex, change: LinkChange): KernelResult<void>;
  delete(index: IfIndex): KernelResult<void>;
}

// ---------------------------------------------------------------------------------------------------- addresses

/** rtnetlink(7) scopes: 0 global, 200 site, 253 link, 254 host, 255 nowhere. */
export type Scope = number;
export const SCOPE_UNIVERSE = 0;
export const SCOPE_SITE = 200;
export const SCOPE_LINK = 253;
export const SCOPE_HOST = 254;
export const SCOPE_NOWHERE = 255;

export interface AddressSpec {
  readonly dev: IfIndex;
  readonly local: Ipv4;
  readonly prefixLength: number;
  /** The remote end of a point-to-point address. */
  readonly peer?: Ipv4;
  readonly broadcast?: Ipv4;
  readonly scope?: Scope;
  readonly label?: string;
  /** Seconds; absent is for ever. */
  readonly validLifetime?: number;
  readonly preferredLifetime?: number;
  readonly noPrefixRoute?: boolean;
  /** IFA_RT_PRIORITY: the metric of the route that comes with the address. */
  readonly metric?: number;
}

export interface AddressInfo extends AddressSpec {
  readonly scope: Scope;
  readonly label: string;
  readonly secondary: boolean;
  readonly by: Actor;
}

export interface AddressApi {
  list(): readonly AddressInfo[];
  /** `replace` is NLM_F_REPLACE: an existing address is changed instead of refused with EEXIST. */
  add(spec: AddressSpec, replace?: boolean): KernelResult<void>;
  /** `prefixLength` may be absent, as in `ip addr del 10.0.0.1 dev eth0`. */
  delete(dev: IfIndex, local: Ipv4, prefixLength?: number): KernelResult<void>;
  flush(dev: IfIndex): KernelResult<void>;
}

// ---------------------------------------------------------------------------------------------------- routes

export type RouteType =
  "unicast" | "local" | "broadcast" | "multicast" | "blackhole" | "unreachable" | "prohibit" | "throw";

/** rtnetlink(7) origins: 2 kernel, 3 boot (what `ip` sets unless told), 4 static, 12 bird ... */
export type RouteProtocol = number;
export const PROTO_UNSPEC = 0;
export const PROTO_REDIRECT = 1;
export const PROTO_KERNEL = 2;
export const PROTO_BOOT = 3;
export const PROTO_STATIC = 4;

export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;
export const TABLE_DEFAULT = 253;

export interface NextHop {
  readonly dev?: IfIndex;
  readonly gateway?: Ipv4;
  readonly onlink?: boolean;
  readonly weight?: number;
}

export interface RouteSpec {
  readonly type?: RouteType;
  readonly dst: Ipv4Prefix;
  readonly table?: number;
  readonly protocol?: RouteProtocol;
  readonly scope?: Scope;
  readonly metric?: number;
  readonly tos?: number;
  readonly prefSrc?: Ipv4;
  /** One hop for a plain route; several for a multipath route. */
  readonly nexthops: readonly NextHop[];
  readonly mtu?: number;
  /** `mtu lock`: path MTU discovery does not lower it. */
  readonly mtuLocked?: boolean;
  readonly advmss?: number;
}

/** A next hop as RTM_GETROUTE shows it, with its flags. */
export interface NextHopInfo extends NextHop {
  readonly dead: boolean;
  readonly linkdown: boolean;
}

export interface RouteInfo extends RouteSpec {
  /** Never reused in one world: names the entry in the trace. */
  readonly id: number;
  readonly type: RouteType;
  readonly table: number;
  readonly protocol: RouteProtocol;
  readonly scope: Scope;
  readonly metric: number;
  readonly tos: number;
  readonly nexthops: readonly NextHopInfo[];
  /** The device lost its carrier (`linkdown`) or went down (`dead`). */
  readonly linkdown: boolean;
  readonly dead: boolean;
  readonly by: Actor;
}

/** The netlink flags of RTM_NEWROUTE as `ip route` uses them. */
export type RouteVerb = "add" | "change" | "replace" | "append" | "prepend";

export interface RouteQuery {
  readonly dst: Ipv4;
  readonly src?: Ipv4;
  readonly iif?: IfIndex;
  readonly oif?: IfIndex;
  readonly mark?: number;
  readonly tos?: number;
  readonly ipProtocol?: number;
  readonly sport?: number;
  readonly dport?: number;
}

/** What RTM_GETROUTE answers: the route a packet would take, with the source it would carry. */
export interface RouteAnswer {
  readonly type: RouteType;
  readonly dst: Ipv4;
  readonly table: number;
  readonly dev?: IfIndex;
  readonly gateway?: Ipv4;
  readonly prefSrc?: Ipv4;
  readonly mtu?: number;
  readonly mtuLocked?: boolean;
  /** Seconds until a learnt exception (PMTU, redirect) is forgotten. */
  readonly expires?: number;
  readonly redirected?: boolean;
  /** RTCF_DOREDIRECT: forwarding this packet (`iif` given) would send a redirect. */
  readonly doRedirect?: boolean;
  readonly entry?: RouteInfo;
}

export interface RouteApi {
  /** Every table, in the order in which the kernel dumps them: by table, then by address, longest prefix first. `to`: only that prefix. */
  list(to?: Ipv4Prefix): readonly RouteInfo[];
  /** Numbers of the tables that exist, also empty ones. */
  tables(): readonly number[];
  add(spec: RouteSpec, verb: RouteVerb): KernelResult<void>;
  /** Deletes the first entry that matches all that the spec names. */
  delete(spec: Partial<RouteSpec> & { readonly dst: Ipv4Prefix }): KernelResult<void>;
  get(query: RouteQuery): KernelResult<RouteAnswer>;
  /** What ICMP taught about single destinations (RTM_F_CLONED), as far as lookups have come upon it since; by address. */
  learnt(): readonly RouteAnswer[];
}

// ---------------------------------------------------------------------------------------------------- neighbours

/** NUD states of include/uapi/linux/neighbour.h. */
export type NeighState =
  "NONE" | "INCOMPLETE" | "REACHABLE" | "STALE" | "DELAY" | "PROBE" | "FAILED" | "NOARP" | "PERMANENT";

export interface NeighSpec {
  readonly dev: IfIndex;
  readonly dst: Ipv4;
  readonly lladdr?: Mac;
  readonly state?: NeighState;
  /** A proxy ARP entry (`ip neigh add proxy`). */
  readonly proxy?: boolean;
}

export interface NeighInfo {
  readonly dev: IfIndex;
  readonly dst: Ipv4;
  readonly lladdr?: Mac;
  readonly state: NeighState;
  readonly proxy: boolean;
  /** Virtual time of last use, confirmation and change. */
  readonly used: Nanos;
  readonly confirmed: Nanos;
  readonly updated: Nanos;
  readonly probes: number;
  readonly refcount: number;
  readonly by: Actor;
}

export interface NeighApi {
  list(): readonly NeighInfo[];
  add(spec: NeighSpec, verb: "add" | "replace" | "change" | "append"): KernelResult<void>;
  delete(dev: IfIndex, dst: Ipv4, proxy?: boolean): KernelResult<void>;
}

// ---------------------------------------------------------------------------------------------------- forwarding databases

export interface FdbSpec {
  /** The bridge port, the bridge itself, or a vxlan device. */
  readonly dev: IfIndex;
  readonly mac: Mac;
  /** `self`: the device's own table (vxlan, or a unicast filter); `master`: the bridge's table. */
  readonly target: "self" | "master";
  readonly state?: "permanent" | "static" | "dynamic";
  /** Remote VTEP, for vxlan. */
  readonly dst?: Ipv4;
  readonly port?: number;
  readonly vni?: number;
  readonly via?: IfIndex;
}

export interface FdbInfo {
  readonly dev: IfIndex;
  readonly mac: Mac;
  readonly target: "self" | "master";
  readonly master?: IfIndex;
  /** permanent (local or static by `bridge`), static, or learnt: reachable/stale are printed from `updated`. */
  readonly state: "permanent" | "static" | "dynamic";
  readonly local: boolean;
  readonly vlan?: number;
  readonly dst?: Ipv4;
  readonly port?: number;
  readonly vni?: number;
  readonly via?: IfIndex;
  /** Where the tunnel was made, and `via` counts, when it moved on since (NDA_LINK_NETNSID). */
  readonly home?: NetnsId;
  readonly used: Nanos;
  readonly updated: Nanos;
  readonly by: Actor;
}

export interface FdbApi {
  /** In the kernel's dump order as far as it has one. */
  list(): readonly FdbInfo[];
  add(spec: FdbSpec, verb: "add" | "append" | "replace"): KernelResult<void>;
  delete(spec: FdbSpec): KernelResult<void>;
}

// ---------------------------------------------------------------------------------------------------- sysctl

export interface SysctlApi {
  /** `path` with dots or slashes, below /proc/sys: "net.ipv4.ip_forward". ENOENT for what is not modelled. */
  get(path: string): KernelResult<string>;
  set(path: string, value: string): KernelResult<void>;
  /** All modelled keys, dotted, sorted as `sysctl -a` prints them. */
  list(): readonly string[];
}
