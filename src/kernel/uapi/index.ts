import type { ConntrackApi } from "./conntrack.ts";
import type { IpvsApi } from "./ipvs.ts";
import type { NfQueueApi } from "./nfqueue.ts";
import type { NftApi } from "./nft.ts";
import type { Notice, NoticeKind } from "./monitor.ts";
import type { RuleApi } from "./rule.ts";
import type { CapturedFrame, SocketApi } from "./socket.ts";
import type { Ipv6Api } from "./types6.ts";
import type { QdiscApi } from "./qdisc.ts";
import type { TunApi } from "./tun.ts";
import type { WireguardApi } from "./wireguard.ts";
import type {
  Actor,
  AddressApi,
  FdbApi,
  IfIndex,
  KernelResult,
  LinkApi,
  NeighApi,
  NetnsId,
  RouteApi,
  SysctlApi,
} from "./types.ts";
import type { IpsetApi } from "./ipset.ts";
import type { XfrmApi } from "./xfrm.ts";
import type { XtablesApi } from "./xtables.ts";

/**
 * The kernel's door for one caller in one network namespace: netlink, sockets, packet sockets and sysctl. Whatever it
 * creates is signed with the caller's name.
 */
export interface NetApi {
  readonly netns: NetnsId;
  readonly actor: Actor;
  readonly link: LinkApi;
  readonly address: AddressApi;
  readonly route: RouteApi;
  readonly rule: RuleApi;
  /** Hears of changes of these kinds, as an rtnetlink socket does; the returned function ends it. */
  subscribe(kinds: readonly NoticeKind[], sink: (notice: Notice) => void): () => void;
  readonly neigh: NeighApi;
  readonly fdb: FdbApi;
  readonly qdisc: QdiscApi;
  readonly wireguard: WireguardApi;
  /** NETLINK_XFRM; a world whose IPsec nobody fetched has no business here. */
  readonly xfrm: XfrmApi;
  readonly tun: TunApi;
  /** The netlink calls whose family is AF_INET6. */
  readonly ipv6: Ipv6Api;
  readonly sysctl: SysctlApi;
  readonly conntrack: ConntrackApi;
  readonly nft: NftApi;
  readonly nfqueue: NfQueueApi;
  readonly ipvs: IpvsApi;
  readonly socket: SocketApi;
  readonly xtables: XtablesApi;
  readonly ipset: IpsetApi;
  /**
   * A packet socket on one device, or on all that are and will be in the namespace; the returned function closes it.
   * `promiscuous` asks the device for frames that are for others too (PACKET_MR_PROMISC): a bridge shows what it forwards.
   */
  capture(
    dev: IfIndex | "any",
    direction: "in" | "out" | "both",
    sink: (frame: CapturedFrame) => void,
    promiscuous?: boolean,
  ): () => void;
  /** Sends a frame, link-layer header first, through a packet socket: past the network protocols and their hooks. */
  transmit(dev: IfIndex, frame: Uint8Array): KernelResult<void>;
}

/** The system calls that are not about one namespace: unshare(2), setns(2), and the references that keep a namespace alive. */
export interface KernelApi {
  /** A new, empty namespace with a lo that is down. `label` names it in traces and captures. One reference is held. */
  createNetns(label: string): NetnsId;
  /** Takes one more reference (a process in it, a bind mount). */
  holdNetns(id: NetnsId): void;
  /** Gives one back; the last one destroys the namespace and its devices. */
  releaseNetns(id: NetnsId): void;
  /**
   * Until it is called with null: an IPv4 packet to one of the namespace's addresses waits until `goOn` is called. ARP is
   * answered meanwhile. For machines that come to life when something reaches them; no system call of Linux.
   */
  onFirstPacket(id: NetnsId, ask: ((goOn: () => void) => void) | null): void;
  /**
   * The machine's power fails: what the namespace has in memory is gone, and nothing is sent about it. Its lo and `cards`
   * stay, down and bare; settings become those of `fresh`. No system call of Linux.
   */
  losePower(id: NetnsId, cards: readonly string[], fresh: ReadonlyMap<string, string>): void;
  relabelNetns(id: NetnsId, label: string): void;
  netnsLabel(id: NetnsId): string;
  netnsIds(): readonly NetnsId[];
  /** How `from` refers to `to`: the small number that `ip link` prints as link-netnsid. */
  peerNetnsId(from: NetnsId, to: NetnsId): number;
  /** RTM_GETNSID: as peerNetnsId, but undefined when no number was handed out yet. */
  knownNetnsId?(from: NetnsId, to: NetnsId): number | undefined;
  /** RTM_NEWNSID: gives a number; the lowest that is free unless told. */
  assignNetnsId(from: NetnsId, to: NetnsId, id?: number): KernelResult<void>;
  /** modprobe(8): devices that a module puts into every namespace appear (tunl0 of ipip). */
  loadModule(name: string): void;
  open(id: NetnsId, actor: Actor): NetApi;
  /** The kernel's log, oldest line first: times are virtual nanoseconds, levels those of syslog(2). */
  log(): readonly { readonly time: number; readonly level: number; readonly line: string }[];
  clearLog(): void;
}

export type {
  FifoOptions,
  NetemOptions,
  QdiscApi,
  QdiscInfo,
  QdiscOptions,
  QdiscStats,
  QdiscVerb,
  TbfOptions,
} from "./qdisc.ts";
export type {
  WireguardApi,
  WireguardChange,
  WireguardInfo,
  WireguardPeerChange,
  WireguardPeerInfo,
} from "./wireguard.ts";
export type {
  XfrmAlgorithm,
  XfrmApi,
  XfrmDirection,
  XfrmEncap,
  XfrmFlag,
  XfrmLifetime,
  XfrmLimits,
  XfrmMode,
  XfrmNotice,
  XfrmPolicyInfo,
  XfrmPolicyKey,
  XfrmPolicySpec,
  XfrmSelector,
  XfrmStateId,
  XfrmStateInfo,
  XfrmStateSpec,
  XfrmTemplate,
} from "./xfrm.ts";
export type { TunApi, TunFile } from "./tun.ts";
export { createKernel } from "./kernel.ts";
export type {
  Address6Api,
  Address6Info,
  Address6Spec,
  Group6Info,
  Ipv6Api,
  Neigh6Api,
  Neigh6Info,
  Neigh6Spec,
  NextHop6,
  Route6Answer,
  Route6Api,
  Route6Info,
  Route6Query,
  Route6Spec,
  Route6Type,
  RoutePreference,
} from "./types6.ts";
export type {
  IpvsApi,
  IpvsConnectionInfo,
  IpvsDestinationInfo,
  IpvsDestinationSpec,
  IpvsForward,
  IpvsKey,
  IpvsServiceInfo,
  IpvsServiceSpec,
  IpvsStats,
} from "./ipvs.ts";
export type {
  NfQueueApi,
  QueueInfo,
  QueueOptions,
  QueueSocket,
  QueueVerdict,
  QueuedPacket,
} from "./nfqueue.ts";
export type {
  NftApi,
  NftBase,
  NftChainInfo,
  NftChainType,
  NftCounterInfo,
  NftCounters,
  NftCtKey,
  NftElement,
  NftError,
  NftExpr,
  NftFamily,
  NftHook,
  NftKey,
  NftMetaKey,
  NftPart,
  NftPayload,
  NftPlace,
  NftReject,
  NftRight,
  NftRuleInfo,
  NftRuleSpec,
  NftScalar,
  NftSetInfo,
  NftSetRef,
  NftSetSpec,
  NftStatement,
  NftStep,
  NftTableInfo,
  NftType,
  NftVerdict,
} from "./nft.ts";
export type { ConntrackApi, CtEvent, CtInfo, CtTuple } from "./conntrack.ts";
export type { FdbNotice, MissNotice, Notice, NoticeKind } from "./monitor.ts";
export type { PortRange, RuleAction, RuleApi, RuleInfo, RulePrefix, RuleSpec } from "./rule.ts";
export type {
  Actor,
  AddressApi,
  AddressInfo,
  AddressSpec,
  BridgeOptions,
  BridgePortOptions,
  BridgeSpec,
  DummySpec,
  Errno,
  FdbApi,
  FdbInfo,
  FdbSpec,
  IfIndex,
  IpvlanOptions,
  IpvlanSpec,
  KernelError,
  KernelResult,
  LinkApi,
  LinkChange,
  LinkInfo,
  LinkKind,
  LinkSpec,
  LinkStats,
  LinkType,
  MacvlanMode,
  MacvlanOptions,
  MacvlanSpec,
  NeighApi,
  NeighInfo,
  NeighSpec,
  NeighState,
  NetnsId,
  NextHop,
  NextHopInfo,
  OperState,
  RouteAnswer,
  RouteApi,
  RouteInfo,
  RouteProtocol,
  RouteQuery,
  RouteSpec,
  RouteType,
  RouteVerb,
  Scope,
  SysctlApi,
  TunOptions,
  TunnelOptions,
  TunnelSpec,
  VethSpec,
  VlanOptions,
  VlanSpec,
  VxlanOptions,
  VxlanSpec,
} from "./types.ts";
export { IPSET_TYPES } from "./ipset.ts";
export type { IpsetApi, IpsetElement, IpsetInfo, IpsetPart, IpsetSpec, IpsetType } from "./ipset.ts";
export { XT_CHAINS, XT_TABLES } from "./xtables.ts";
export type {
  AddrTypeName,
  ConntrackMatch,
  CtStateName,
  HashlimitMatch,
  Inverted,
  LimitMatch,
  NatRange,
  PolicyElement,
  RecentMatch,
  RejectWith,
  TcpMatch,
  XtAddress,
  XtAddressRange,
  XtablesApi,
  XtChainInfo,
  XtCounters,
  XtError,
  XtFamily,
  XtHook,
  XtInterface,
  XtMark,
  XtMatch,
  XtOperation,
  XtRange,
  XtRule,
  XtRuleInfo,
  XtTableInfo,
  XtTableName,
  XtTarget,
} from "./xtables.ts";
export type {
  CapturedFrame,
  Datagram,
  DatagramSocket,
  Endpoint,
  SendOptions,
  SocketApi,
  SocketError,
  SocketInfo,
  SocketOptions,
  SocketTimer,
  StreamEndpoint,
  StreamOptions,
  StreamSocket,
  TcpInfo,
  TcpState,
} from "./socket.ts";
export {
  PROTO_BOOT,
  PROTO_KERNEL,
  PROTO_REDIRECT,
  PROTO_STATIC,
  PROTO_UNSPEC,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  SCOPE_SITE,
  SCOPE_UNIVERSE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from "./types.ts";
