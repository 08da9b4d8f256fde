import { parseUnsigned } from "../args/words.ts";
import type { NeighState, RouteType } from "../../kernel/uapi/index.ts";

/**
 * The names that iproute2 gives to numbers: Debian 12's /etc/iproute2/rt_protos, rt_scopes, rt_tables, rt_dsfield and
 * group. A number without a name is printed as it is.
 */
class Names {
  private readonly byNumber: ReadonlyMap<number, string>;
  private readonly byName: ReadonlyMap<string, number>;

  constructor(entries: readonly (readonly [number, string])[]) {
    this.byNumber = new Map(entries);
    this.byName = new Map(entries.map(([number, name]) => [name, number]));
  }

  name(number: number): string | undefined {
    return this.byNumber.get(number);
  }

  text(number: number): string {
    return this.byNumber.get(number) ?? String(number);
  }

  /** A name, or a number up to `max`. */
  parse(word: string, max: number): number | undefined {
    return this.byName.get(word) ?? parseUnsigned(word, max);
  }
}

export const PROTOCOLS = new Names([
  [0, "unspec"],
  [1, "redirect"],
  [2, "kernel"],
  [3, "boot"],
  [4, "static"],
  [8, "gated"],
  [9, "ra"],
  [10, "mrt"],
  [11, "zebra"],
  [12, "bird"],
  [13, "dnrouted"],
  [14, "xorp"],
  [15, "ntk"],
  [16, "dhcp"],
  [18, "keepalived"],
  [42, "babel"],
  [99, "openr"],
  [186, "bgp"],
  [187, "isis"],
  [188, "ospf"],
  [189, "rip"],
  [192, "eigrp"],
]);

export const SCOPES = new Names([
  [0, "global"],
  [255, "nowhere"],
  [254, "host"],
  [253, "link"],
  [200, "site"],
]);

export const TABLES = new Names([
  [255, "local"],
  [254, "main"],
  [253, "default"],
  [0, "unspec"],
]);

export const GROUPS = new Names([[0, "default"]]);

/** Types of route, RTN_* of rtnetlink(7). */
export const ROUTE_TYPES: readonly RouteType[] = [
  "unicast",
  "local",
  "broadcast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];

/** rtnl_rtntype_a2n(): whole names, except that some may be cut short. */
export function parseRouteType(word: string): RouteType | undefined {
  const whole = ROUTE_TYPES.find((type) => type === word);
  if (whole !== undefined) return whole;
  if (word === "brd") return "broadcast";
  for (const type of ["blackhole", "prohibit", "throw", "unreachable"] as const)
    if (word !== "" && type.startsWith(word)) return type;
  return undefined;
}

/** The states of a neighbour entry, in the order and with the bits of include/uapi/linux/neighbour.h. */
export const NEIGH_BITS: readonly (readonly [number, NeighState])[] = [
  [0x01, "INCOMPLETE"],
  [0x02, "REACHABLE"],
  [0x04, "STALE"],
  [0x08, "DELAY"],
  [0x10, "PROBE"],
  [0x20, "FAILED"],
  [0x40, "NOARP"],
  [0x80, "PERMANENT"],
];
