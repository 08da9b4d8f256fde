import type { RuleInfo } from "./rule.ts";
import type { AddressInfo, LinkInfo, NeighInfo, RouteInfo } from "./types.ts";

/**
 * A change of a table, as RTM_NEW* and RTM_DEL* messages tell it (rtnetlink(7)). What follows from a device going down is
 * not told, as in Linux: routes and their hops go without a word. IPv4 only.
 */
export type Notice =
  | { readonly kind: "link"; readonly gone: boolean; readonly link: LinkInfo }
  | { readonly kind: "address"; readonly gone: boolean; readonly address: AddressInfo }
  | { readonly kind: "route"; readonly gone: boolean; readonly route: RouteInfo }
  | { readonly kind: "neigh"; readonly gone: boolean; readonly neigh: NeighInfo }
  | { readonly kind: "rule"; readonly gone: boolean; readonly rule: RuleInfo };

export type NoticeKind = Notice["kind"];
