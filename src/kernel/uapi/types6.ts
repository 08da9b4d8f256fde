import type { Nanos } from "../../sim/time.ts";
import type { Mac } from "../../wire/address.ts";
import type { Ipv6, Ipv6Prefix } from "../../wire/address6.ts";
import type { RuleApi } from "./rule.ts";
import type {
  Actor,
  IfIndex,
  KernelResult,
  NeighState,
  RouteProtocol,
  RouteType,
  RouteVerb,
  Scope,
} from "./types.ts";

/**
 * The IPv6 half of rtnetlink. It has types of its own beside the IPv4 ones: addresses have flags and a state, routes have
 * metrics of their own, and the many callers that speak IPv4 stay as they are.
 */

export interface Address6Spec {
  readonly dev: IfIndex;
  readonly local: Ipv6;
  readonly prefixLength: number;
  readonly peer?: Ipv6;
  /** IFA_F_NODAD. */
  readonly noDad?: boolean;
  /** IFA_F_OPTIMISTIC. */
  readonly optimistic?: boolean;
  /** IFA_F_NOPREFIXROUTE. */
  readonly noPrefixRoute?: boolean;
  readonly homeAddress?: boolean;
  /** Seconds; absent is for ever. */
  readonly validLifetime?: number;
  readonly preferredLifetime?: number;
  readonly metric?: number;
  readonly protocol?: number;
}

export interface Address6Info extends Address6Spec {
  readonly scope: Scope;
  readonly tentative: boolean;
  readonly dadFailed: boolean;
  readonly deprecated: boolean;
  /** IFA_F_PERMANENT: no end of its lifetime. */
  readonly permanent: boolean;
  /** Made by the kernel from a router advertisement. */
  readonly managed: boolean;
  readonly by: Actor;
}

export interface Address6Api {
  list(): readonly Address6Info[];
  add(spec: Address6Spec, replace?: boolean): KernelResult<void>;
  delete(dev: IfIndex, local: Ipv6, prefixLength?: number): KernelResult<void>;
  flush(dev: IfIndex): KernelResult<void>;
  /** Groups that devices listen to, as `ip -6 maddr` shows them. */
  groups(): readonly Group6Info[];
}

export interface Group6Info {
  readonly dev: IfIndex;
  readonly group: Ipv6;
  readonly users: number;
}

export type Route6Type = RouteType | "anycast";

export interface NextHop6 {
  readonly dev?: IfIndex;
  readonly gateway?: Ipv6;
  readonly onlink?: boolean;
  readonly weight?: number;
}

/** RFC 4191. */
export type RoutePreference = "low" | "medium" | "high";

export interface Route6Spec {
  readonly type?: Route6Type;
  readonly dst: Ipv6Prefix;
  readonly table?: number;
  readonly protocol?: RouteProtocol;
  /** Absent: 1024. */
  readonly metric?: number;
  readonly prefSrc?: Ipv6;
  readonly nexthops: readonly NextHop6[];
  readonly mtu?: number;
  readonly advmss?: number;
  readonly hopLimit?: number;
  readonly preference?: RoutePreference;
  /** Seconds. */
  readonly expires?: number;
}

export interface Route6Info extends Route6Spec {
  readonly id: number;
  readonly type: Route6Type;
  readonly table: number;
  readonly protocol: RouteProtocol;
  readonly metric: number;
  readonly preference: RoutePreference;
  /** By hop, in the order of `nexthops`. */
  readonly linkdown: readonly boolean[];
  readonly by: Actor;
}

export interface Route6Query {
  readonly dst: Ipv6;
  readonly src?: Ipv6;
  readonly iif?: IfIndex;
  readonly oif?: IfIndex;
  readonly mark?: number;
  readonly tos?: number;
}

export interface Route6Answer {
  readonly type: Route6Type;
  readonly dst: Ipv6;
  readonly table: number;
  readonly dev: IfIndex;
  readonly gateway?: Ipv6;
  readonly prefSrc?: Ipv6;
  readonly mtu?: number;
  readonly expires?: number;
  readonly entry: Route6Info;
}

export interface Route6Api {
  /** In the kernel's dump order: by table, what lies inside a prefix before it. */
  list(): readonly Route6Info[];
  add(spec: Route6Spec, verb: RouteVerb): KernelResult<void>;
  delete(spec: Partial<Route6Spec> & { readonly dst: Ipv6Prefix }): KernelResult<void>;
  get(query: Route6Query): KernelResult<Route6Answer>;
}

export interface Neigh6Spec {
  readonly dev: IfIndex;
  readonly dst: Ipv6;
  readonly lladdr?: Mac;
  readonly state?: NeighState;
  readonly proxy?: boolean;
  readonly router?: boolean;
}

export interface Neigh6Info {
  readonly dev: IfIndex;
  readonly dst: Ipv6;
  readonly lladdr?: Mac;
  readonly state: NeighState;
  readonly proxy: boolean;
  readonly router: boolean;
  readonly used: Nanos;
  readonly confirmed: Nanos;
  readonly updated: Nanos;
  readonly probes: number;
  readonly refcount: number;
  readonly by: Actor;
}

export interface Neigh6Api {
  list(): readonly Neigh6Info[];
  add(spec: Neigh6Spec, verb: "add" | "replace" | "change" | "append"): KernelResult<void>;
  delete(dev: IfIndex, dst: Ipv6, proxy?: boolean): KernelResult<void>;
}

/** Everything of netlink whose family is AF_INET6. */
export interface Ipv6Api {
  readonly address: Address6Api;
  readonly route: Route6Api;
  readonly neigh: Neigh6Api;
  readonly rule: RuleApi<Ipv6>;
}
