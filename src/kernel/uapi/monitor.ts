import type { RuleInfo } from "./rule.ts";
import type { Ipv4, Mac } from "../../wire/address.ts";
import type { AddressInfo, IfIndex, LinkInfo, NeighInfo, NeighState, RouteInfo } from "./types.ts";

/** An entry of a forwarding table, as RTM_NEWNEIGH of AF_BRIDGE tells it. */
export interface FdbNotice {
  readonly dev: IfIndex;
  readonly mac: Mac;
  /** Of a VXLAN: the endpoint behind which the address lives. */
  readonly dst?: Ipv4;
  readonly states: readonly NeighState[];
}

/**
 * RTM_GETNEIGH from the kernel: who listens shall say which MAC address `dst` has (app_solicit), or behind which endpoint
 * `mac` lives (a VXLAN with l2miss).
 */
export interface MissNotice {
  readonly dev: IfIndex;
  readonly dst?: Ipv4;
  readonly mac?: Mac;
  readonly state: NeighState;
}

/**
 * A change of a table, as RTM_NEW* and RTM_DEL* messages tell it (rtnetlink(7)). What follows from a device going down is
 * not told, as in Linux: routes and their hops go without a word. IPv4 only.
 */
export type Notice =
  | { readonly kind: "link"; readonly gone: boolean; readonly link: LinkInfo }
  | { readonly kind: "address"; readonly gone: boolean; readonly address: AddressInfo }
  | { readonly kind: "route"; readonly gone: boolean; readonly route: RouteInfo }
  | { readonly kind: "neigh"; readonly gone: boolean; readonly neigh: NeighInfo }
  | { readonly kind: "fdb"; readonly gone: boolean; readonly fdb: FdbNotice }
  | { readonly kind: "miss"; readonly gone: false; readonly miss: MissNotice }
  | { readonly kind: "rule"; readonly gone: boolean; readonly rule: RuleInfo };

export type NoticeKind = Notice["kind"];
