import type { CalicoNode, Pool } from "../../api/index.ts";
import type { Ipv4, Ipv4Prefix } from "../../../../wire/address.ts";
import type { HostEndpoint, NetworkSet, Policy, Profile, Tier, Workload } from "../model/types.ts";

/** An address of a block that another node than the block's own has, or that is a tunnel's. */
export interface BlockException {
  readonly address: Ipv4;
  readonly node: string;
  readonly tunnel: boolean;
}

export interface Block {
  readonly prefix: Ipv4Prefix;
  /** Whose it is; empty is nobody's. */
  readonly node: string;
  readonly exceptions: readonly BlockException[];
}

/** An address and port behind a Service. */
export interface ServiceEndpoint {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

/** What the datastore holds at one moment, in Felix's own terms. An object that did not change is the same object. */
export interface Snapshot {
  readonly policies: readonly Policy[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly tiers: ReadonlyMap<string, Tier>;
  readonly workloads: readonly Workload[];
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly networkSets: readonly NetworkSet[];
  /** By `NAMESPACE/NAME`. */
  readonly services: ReadonlyMap<string, readonly ServiceEndpoint[]>;
  readonly nodes: readonly CalicoNode[];
  readonly pools: readonly Pool[];
  readonly blocks: readonly Block[];
  /** Addresses of Services that BGP tells others, to be kept from travelling in circles. */
  readonly serviceCidrs: readonly string[];
}

export const EMPTY: Snapshot = {
  policies: [],
  profiles: new Map(),
  tiers: new Map(),
  workloads: [],
  hostEndpoints: [],
  networkSets: [],
  services: new Map(),
  nodes: [],
  pools: [],
  blocks: [],
  serviceCidrs: [],
};
