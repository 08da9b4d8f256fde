/**
 * Rows of the journal: what `before` and `after` of a change record hold as JSON, one shape a table. Addresses are
 * text, as tools print them; devices are interface indices of the record's netns. Keys are given with each row.
 */

/** Table `netns`, key: the id. */
export interface NetnsRow {
  readonly label: string;
}

/** Table `link`, key: the interface index. */
export interface LinkRow {
  readonly index: number;
  readonly name: string;
  readonly kind:
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
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly lowerUp: boolean;
  readonly operState: string;
  readonly master?: number;
  readonly peer?: { readonly netns: number; readonly index: number };
  /** The device that this one stands on: of a VLAN, a macvlan, an ipvlan. */
  readonly lower?: { readonly netns: number; readonly index: number };
  readonly hairpin?: boolean;
  readonly vxlan?: {
    readonly id: number;
    readonly dstPort: number;
    readonly local?: string;
    readonly dev?: number;
    readonly learning: boolean;
  };
}

/** Table `address`, key: `dev/local/length`. */
export interface AddressRow {
  readonly dev: number;
  readonly local: string;
  readonly length: number;
  readonly scope: number;
  readonly broadcast?: string;
  readonly secondary: boolean;
  /** IPv6: not yet known to be unique. */
  readonly tentative?: boolean;
}

/** Table `route`, key: the entry's id, which route records name. */
export interface RouteRow {
  readonly id: number;
  readonly table: number;
  readonly type: string;
  /** `10.0.0.0/24`, or `default`. */
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: number;
  readonly protocol: number;
  readonly scope: number;
  readonly metric: number;
  readonly prefSrc?: string;
  readonly onlink?: boolean;
  readonly tos?: number;
  readonly mtu?: number;
  readonly mtuLocked?: boolean;
  readonly advmss?: number;
  /** All its next hops, when it has several; `gateway` and `dev` are the first one's. */
  readonly hops?: readonly { readonly gateway?: string; readonly dev?: number; readonly weight: number }[];
  readonly dead: boolean;
  readonly linkdown: boolean;
}

/** Table `rule`, key: `family/id`: a rule of policy routing. What it does not ask for is left out. */
export interface PolicyRow {
  readonly family: "inet" | "inet6";
  readonly priority: number;
  /** `lookup`, `goto`, `nop`, or a type of route that refuses. */
  readonly action: string;
  readonly table?: number;
  /** Priority that a goto goes on at. */
  readonly target?: number;
  readonly invert?: boolean;
  readonly src?: string;
  readonly dst?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: number;
  readonly mask?: number;
  readonly tos?: number;
  readonly ipProtocol?: number;
  /** `80`, or `80-90`. */
  readonly sourcePorts?: string;
  readonly destinationPorts?: string;
  readonly suppressPrefixLength?: number;
  readonly suppressGroup?: number;
  readonly protocol: number;
}

/** Table `neigh`, key: `dev/dst`. */
export interface NeighRow {
  readonly dev: number;
  readonly dst: string;
  readonly lladdr?: string;
  readonly state: string;
  readonly proxy: boolean;
}

/** Table `fdb`, key: `bridge-or-vxlan/mac` and, for vxlan, `/dst`. */
export interface FdbRow {
  /** The bridge, or the vxlan device, whose table it is. */
  readonly table: number;
  /** The port it leads to (the bridge itself for local entries), or the vxlan device. */
  readonly dev: number;
  readonly mac: string;
  readonly state: "permanent" | "static" | "dynamic";
  readonly local: boolean;
  readonly dst?: string;
}

/**
 * Table `xtables`, key: `family/table/chain` (`ip/nat/PREROUTING`): the chain whole. Rules are the kernel's own JSON
 * (XtRule of kernel/uapi), with the ids that rule records name.
 */
export interface XtablesRow {
  /** Null for a chain that a user made. */
  readonly policy: "ACCEPT" | "DROP" | null;
  readonly rules: readonly { readonly id: number; readonly rule: unknown }[];
}

/**
 * Table `ipset`. Key `NAME`: a set. Key `NAME/MEMBER`: one of its members, the parts with commas between them, protocols as
 * numbers (`10.96.0.10,17:53`).
 */
export type IpsetRow = { readonly type: string; readonly family: string } | { readonly member: string };

/** Table `sysctl`, key: the dotted path; the value itself is the row. */
export type SysctlRow = string;

/** Table `socket`, key: a number. */
export interface SocketRow {
  readonly kind: string;
  readonly local: string;
  readonly remote?: string;
  /** Of a TCP socket: RFC 9293's name of the state. */
  readonly state?: string;
  readonly owner: string;
}

/** Table `xfrm-state`, key: `src/dst/spi` as numbers. */
export interface XfrmStateRow {
  readonly src: string;
  readonly dst: string;
  readonly spi: number;
  readonly mode: "transport" | "tunnel";
  readonly reqid: number;
  /** Names of the algorithms; keys are told to nobody. */
  readonly algorithm: string;
  /** It waits for its keys. */
  readonly larval: boolean;
}

/** Table `xfrm-policy`, key: its index. */
export interface XfrmPolicyRow {
  readonly dir: "in" | "out" | "fwd";
  readonly src: string;
  readonly dst: string;
  /** 0 for any. */
  readonly protocol: number;
  readonly action: "allow" | "block";
  readonly priority: number;
  /** What its template asks for, if it has one. */
  readonly mode?: "transport" | "tunnel";
  readonly local?: string;
  readonly remote?: string;
  readonly reqid?: number;
}

/** Table `sandbox`, key: its id. netns of the record is the pod's own namespace. */
export interface SandboxRow {
  readonly id: string;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly netnsPath: string;
  readonly hostNetwork: boolean;
  readonly state: "ready" | "notready";
  readonly ip?: string;
}

/** Table `container`, key: its id. */
export interface ContainerRow {
  readonly id: string;
  readonly sandbox: string;
  readonly node: string;
  readonly name: string;
  readonly image: string;
  /** The pause container that holds the sandbox's namespaces. */
  readonly pause: boolean;
  readonly init: boolean;
  readonly state: "created" | "running" | "exited";
  readonly exitCode?: number;
}

/** Table `cni`, key: a number: one call of one plugin. */
export interface CniRow {
  readonly command: "ADD" | "DEL" | "CHECK";
  readonly plugin: string;
  readonly containerId: string;
  readonly netnsPath: string;
  readonly ifName: string;
  readonly node: string;
  readonly stdin: string;
  readonly result: string;
  readonly ok: boolean;
}

/** Table `object`, key: `Kind/namespace/name`: an API object as stored, whole. */
export interface ObjectRow {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly object: unknown;
}

/** Addresses and ports of one direction of a flow; for ICMP what stands in their place. */
export interface ConntrackTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
}

/** Table `conntrack`, key: the id, which conntrack records name. Timeouts are left out. */
export interface ConntrackRow {
  readonly id: number;
  readonly family: "ip" | "ip6";
  readonly protocol: number;
  readonly original: ConntrackTuple;
  /** What an answer looks like: NAT shows as the difference. */
  readonly reply: ConntrackTuple;
  readonly state?: string;
  readonly mark: number;
  readonly zone: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly srcNat: boolean;
  readonly dstNat: boolean;
}

/** Table `ipvs`, key: `protocol/address/port` or `fwmark/N`: a virtual service with its real servers. */
export interface IpvsRow {
  readonly key: unknown;
  readonly scheduler: string;
  readonly schedulerFlags?: readonly string[];
  /** Seconds that a client stays with its server, and which part of its address counts. */
  readonly persistent?: number;
  readonly netmask?: number;
  readonly onePacket?: boolean;
  readonly destinations: readonly {
    readonly address: number;
    readonly port: number;
    readonly forward: string;
    readonly weight: number;
    /** Thresholds of connections, where there are any. */
    readonly upper?: number;
    readonly lower?: number;
  }[];
}

/** Table `nft`, key: `family table chain NAME` or `family table set NAME`; specs as the uapi's NftRuleSpec, NftSetSpec. */
export interface NftRow {
  readonly base?: unknown;
  readonly rules?: readonly {
    readonly id: number;
    readonly handle: number;
    readonly statements: readonly unknown[];
  }[];
  readonly set?: unknown;
  readonly elements?: readonly unknown[];
}
