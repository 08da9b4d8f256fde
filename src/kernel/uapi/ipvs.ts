import type { Ipv4 } from "../../wire/address.ts";
import type { Actor, KernelResult } from "./types.ts";

/** ipvsadm(8): schedulers that are modelled. */
export const IPVS_SCHEDULERS = ["rr", "wrr", "lc", "wlc", "sh", "dh", "sed", "nq"] as const;
export type IpvsScheduler = (typeof IPVS_SCHEDULERS)[number];

/** How a packet gets to the real server: its destination rewritten, or its frame sent there as it is. */
export type IpvsForward = "masq" | "route" | "tunnel";

/** What names a virtual service: an address, or a firewall mark. */
export type IpvsKey =
  { readonly protocol: number; readonly address: Ipv4; readonly port: number } | { readonly fwmark: number };

export interface IpvsServiceSpec {
  readonly key: IpvsKey;
  readonly scheduler: string;
  /** Seconds that a client stays with its real server; absent for none. */
  readonly persistent?: number;
  /** Clients of one network share a server. */
  readonly netmask?: number;
  /** `-o`: every datagram is scheduled by itself. */
  readonly onePacket?: boolean;
  /** `-b`: flags of the scheduler, such as sh-port. */
  readonly schedulerFlags?: readonly string[];
}

export interface IpvsDestinationSpec {
  readonly address: Ipv4;
  readonly port: number;
  readonly forward: IpvsForward;
  readonly weight: number;
  readonly upper?: number;
  readonly lower?: number;
}

export interface IpvsStats {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface IpvsDestinationInfo extends IpvsDestinationSpec {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
  readonly stats: IpvsStats;
}

export interface IpvsServiceInfo extends IpvsServiceSpec {
  readonly destinations: readonly IpvsDestinationInfo[];
  readonly stats: IpvsStats;
  readonly by: Actor;
}

export interface IpvsConnectionInfo {
  readonly protocol: number;
  /** Seconds until it is forgotten. */
  readonly expires: number;
  readonly state: string;
  readonly client: { readonly address: Ipv4; readonly port: number };
  readonly virtual: { readonly address: Ipv4; readonly port: number };
  readonly destination: { readonly address: Ipv4; readonly port: number };
  /** A persistence template, not a connection. */
  readonly template: boolean;
}

export interface IpvsTimeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

/** The ip_vs generic netlink family. Errors: EEXIST, ESRCH (no such service), ENOENT (no such destination or scheduler). */
export interface IpvsApi {
  /** Services in the order of the kernel's tables; ipvsadm sorts them. */
  list(): readonly IpvsServiceInfo[];
  addService(spec: IpvsServiceSpec): KernelResult<void>;
  editService(spec: IpvsServiceSpec): KernelResult<void>;
  deleteService(key: IpvsKey): KernelResult<void>;
  addDestination(key: IpvsKey, spec: IpvsDestinationSpec): KernelResult<void>;
  editDestination(key: IpvsKey, spec: IpvsDestinationSpec): KernelResult<void>;
  deleteDestination(key: IpvsKey, address: Ipv4, port: number): KernelResult<void>;
  flush(): void;
  /** Sets the counters to zero, of one service or of all. */
  zero(key?: IpvsKey): KernelResult<void>;
  connections(): readonly IpvsConnectionInfo[];
  timeouts(): IpvsTimeouts;
  /** Zero leaves a value as it is. */
  setTimeouts(timeouts: IpvsTimeouts): void;
}
