import type { Ipv4 } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { KernelResult } from "./types.ts";

/** Sets of addresses, networks and ports as ipset(8) knows them, which rules can ask (`-m set`). Models: nfnetlink's ipset. */
export const IPSET_TYPES = [
  "hash:ip",
  "hash:net",
  "hash:ip,port",
  "hash:ip,port,ip",
  "hash:ip,port,net",
  "hash:net,port",
  "hash:net,net",
  "bitmap:ip",
  "bitmap:port",
  "list:set",
] as const;
export type IpsetType = (typeof IPSET_TYPES)[number];

export interface IpsetSpec {
  readonly name: string;
  readonly type: IpsetType;
  /** hash types; inet when absent. */
  readonly family?: "inet" | "inet6";
  readonly hashsize?: number;
  readonly maxelem?: number;
  readonly bucketsize?: number;
  /** hash:ip, hash:ip,port, hash:net,net and bitmap:ip: addresses are cut to this length. */
  readonly netmask?: number;
  /** bitmap types: first and last address, or port. */
  readonly range?: { readonly from: number; readonly to: number };
  /** list:set: places. */
  readonly size?: number;
  /** Seconds that an element stays unless it says otherwise; 0 is for ever. Absent: elements have no timeout. */
  readonly timeout?: number;
  readonly counters?: boolean;
  readonly comment?: boolean;
  readonly skbinfo?: boolean;
  readonly forceadd?: boolean;
}

/** One dimension of an element. */
export type IpsetPart =
  | { readonly kind: "address"; readonly address: Ipv4 | Ipv6 }
  | { readonly kind: "net"; readonly address: Ipv4 | Ipv6; readonly length: number }
  /** For ICMP: type << 8 | code. */
  | { readonly kind: "port"; readonly protocol: number; readonly port: number }
  | { readonly kind: "set"; readonly name: string };

export interface IpsetElement {
  readonly parts: readonly IpsetPart[];
  /** Seconds; 0 is for ever. */
  readonly timeout?: number;
  readonly nomatch?: boolean;
  readonly packets?: number;
  readonly bytes?: number;
  readonly comment?: string;
  /** list:set: where it goes. */
  readonly before?: string;
  readonly after?: string;
}

export interface IpsetInfo extends IpsetSpec {
  readonly family: "inet" | "inet6";
  /** Seed of the hash (`initval`). */
  readonly initval: number;
  readonly revision: number;
  /** Bytes, as the kernel counts them. */
  readonly memory: number;
  readonly references: number;
  /** Timeouts are what is left of them. */
  readonly elements: readonly IpsetElement[];
}

/**
 * EEXIST: the set, or the element, is there; ENOENT: no such set; ESRCH: no such element; EBUSY: rules or lists use it;
 * ENOSPC: full; ERANGE: outside the set's range; EINVAL: types do not fit; EPROTO: the set to list does not exist.
 */
export interface IpsetApi {
  /** In order of creation. */
  list(): readonly IpsetInfo[];
  get(name: string): IpsetInfo | undefined;
  create(spec: IpsetSpec, exist?: boolean): KernelResult<void>;
  /** Without a name all, or none when one is in use. */
  destroy(name?: string): KernelResult<void>;
  flush(name?: string): KernelResult<void>;
  rename(from: string, to: string): KernelResult<void>;
  /** Exchanges the contents of two sets. */
  swap(one: string, other: string): KernelResult<void>;
  add(name: string, element: IpsetElement, exist?: boolean): KernelResult<void>;
  delete(name: string, element: IpsetElement, exist?: boolean): KernelResult<void>;
  test(name: string, element: IpsetElement): KernelResult<boolean>;
}
