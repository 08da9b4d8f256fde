import { compareText } from "../../../formats/json.ts";
import { ipv4, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, type ObjectOf, type WatchEvent } from "../../api/index.ts";
import {
  type CalicoKind,
  type CalicoNode,
  CalicoClient,
  type CalicoObject,
  type IpamBlockSpec,
  type Pool,
  readNode,
  readPool,
} from "../api/index.ts";
import type { Block, BlockException, ServiceEndpoint, Snapshot } from "./calc/snapshot.ts";
import { globalPolicy, hostEndpointOf, networkSetOf, policyOfNamespace, tierOf } from "./model/calico.ts";
import { policyFromKubernetes, profileOfNamespace, profileOfServiceAccount } from "./model/kubernetes.ts";
import type { HostEndpoint, NetworkSet, Policy, Profile, Tier, Workload } from "./model/types.ts";
import { workloadOf } from "./model/workload.ts";

/** Objects of one kind in Felix's terms, by the key of what they are made of. */
class Cache<T> {
  readonly items = new Map<string, T>();

  /** Whether it made a difference. What comes to the same keeps the object that was there. */
  put(key: string, item: T | undefined): boolean {
    const old = this.items.get(key);
    if (item === undefined) return this.items.delete(key);
    if (old !== undefined && JSON.stringify(old) === JSON.stringify(item)) return false;
    this.items.set(key, item);
    return true;
  }

  sorted(): readonly T[] {
    return [...this.items].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item);
  }
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

const keyOf = ({ metadata }: Named): string => `${metadata.namespace ?? ""}/${metadata.name}`;

const AFFINITY = "host:";
const TUNNEL_TYPES: readonly (string | undefined)[] = ["vxlanTunnelAddress", "ipipTunnelAddress"];

/** Models: felix/calc L3RouteResolver.OnBlockUpdate, model AllocationBlock.NonAffineAllocations. */
function blockOf(spec: IpamBlockSpec): Block | undefined {
  const prefix = parsePrefix(spec.cidr);
  if (prefix === undefined || spec.deleted === true) return undefined;
  const { affinity, allocations, attributes } = spec;
  const node = affinity?.startsWith(AFFINITY) === true ? affinity.slice(AFFINITY.length) : "";
  const exceptions = allocations.flatMap((index, i): readonly BlockException[] => {
    const { secondary } = (index === null ? undefined : attributes[index]) ?? {};
    const holder = secondary?.["node"];
    if (holder === undefined || holder === node) return [];
    const tunnel = TUNNEL_TYPES.includes(secondary?.["type"]);
    return [{ address: ipv4(prefix.address + i), node: holder, tunnel }];
  });
  return { prefix, node, exceptions };
}

/** The Service of a slice, and what is behind it. */
function serviceOf(slice: ObjectOf<"EndpointSlice">): readonly ServiceEndpoint[] {
  return (slice.endpoints ?? []).flatMap(({ addresses }) =>
    addresses
      .filter((address) => parseIpv4(address) !== undefined)
      .flatMap((address) =>
        (slice.ports ?? []).flatMap(({ port, protocol = "TCP" }) =>
          port === undefined ? [] : [{ address, protocol: protocol.toLowerCase(), port }],
        ),
      ),
  );
}

const SERVICE_LABEL = "kubernetes.io/service-name";
const DEVICE_PREFIX = "cali";

interface SliceEndpoints {
  readonly service: string;
  readonly endpoints: readonly ServiceEndpoint[];
}

/**
 * What Felix wants to know of the API server. All nodes want the same: they share one, as they would a Typha.
 *
 * Models: libcalico-go/lib/backend/syncersv1/felixsyncer.
 */
export class Datastore {
  private readonly store: ApiStore;
  private readonly listeners = new Set<() => void>();
  private stops: readonly (() => void)[] = [];
  private current: Snapshot | null = null;
  private readonly workloads = new Cache<Workload>();
  private readonly policies = new Cache<Policy>();
  private readonly profiles = new Cache<Profile>();
  private readonly tiers = new Cache<Tier>();
  private readonly hostEndpoints = new Cache<HostEndpoint>();
  private readonly networkSets = new Cache<NetworkSet>();
  private readonly nodes = new Cache<CalicoNode>();
  private readonly pools = new Cache<Pool>();
  private readonly blocks = new Cache<Block>();
  private readonly slices = new Cache<SliceEndpoints>();
  private readonly cidrs = new Cache<readonly string[]>();

  private constructor(store: ApiStore) {
    this.store = store;
  }

  private static readonly shared = new WeakMap<ApiStore, Datastore>();

  static of(store: ApiStore): Datastore {
    let datastore = Datastore.shared.get(store);
    if (datastore === undefined) Datastore.shared.set(store, (datastore = new Datastore(store)));
    return datastore;
  }

  /** `listener` is called after every change that matters, until the result is called. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.stops = [...this.watchKubernetes(), ...this.watchCalico()];
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      for (const stop of this.stops) stop();
      // What is deleted from now on would not be heard: the next one begins anew.
      Datastore.shared.delete(this.store);
    };
  }

  private changed(difference: boolean): void {
    if (!difference) return;
    this.current = null;
    for (const listener of this.listeners) listener();
  }

  /** Keeps a cache in step with a kind of objects. */
  private into<O extends Named, T>(cache: Cache<T>, make: (object: O) => T | undefined, prefix = "") {
    return ({ type, object }: WatchEvent<O>): void =>
      this.changed(cache.put(prefix + keyOf(object), type === "DELETED" ? undefined : make(object)));
  }

  private watchKubernetes(): readonly (() => void)[] {
    const client = new ApiClient(this.store, "calico-node");
    return [
      client.watch(
        "Pod",
        this.into(this.workloads, (pod) => workloadOf(pod, DEVICE_PREFIX)),
      ),
      client.watch("Namespace", this.into(this.profiles, profileOfNamespace, "kns")),
      client.watch("ServiceAccount", this.into(this.profiles, profileOfServiceAccount, "ksa")),
      client.watch("NetworkPolicy", this.into(this.policies, policyFromKubernetes, "knp")),
      client.watch("Node", this.into(this.nodes, readNode)),
      client.watch(
        "EndpointSlice",
        this.into(this.slices, (slice) => ({
          service: `${slice.metadata.namespace ?? ""}/${slice.metadata.labels?.[SERVICE_LABEL] ?? ""}`,
          endpoints: serviceOf(slice),
        })),
      ),
    ];
  }

  private watchCalico(): readonly (() => void)[] {
    const client = new CalicoClient(this.store, "calico-node");
    const watch = <K extends CalicoKind, T>(
      kind: K,
      cache: Cache<T>,
      make: (object: CalicoObject<K>) => T | undefined,
      prefix = "",
    ): readonly (() => void)[] =>
      client.served(kind) ? [client.watch(kind, this.into(cache, make, prefix))] : [];
    return [
      ...watch("NetworkPolicy", this.policies, policyOfNamespace, "np"),
      ...watch("GlobalNetworkPolicy", this.policies, globalPolicy, "gnp"),
      ...watch("Tier", this.tiers, tierOf),
      ...watch("HostEndpoint", this.hostEndpoints, hostEndpointOf),
      ...watch("NetworkSet", this.networkSets, networkSetOf, "ns"),
      ...watch("GlobalNetworkSet", this.networkSets, networkSetOf, "gns"),
      ...watch("IPPool", this.pools, ({ metadata, spec }) => readPool(metadata.name, spec)),
      ...watch("IPAMBlock", this.blocks, ({ spec }) => blockOf(spec)),
      ...watch("BGPConfiguration", this.cidrs, ({ metadata, spec }) =>
        metadata.name === "default"
          ? [spec.serviceClusterIPs, spec.serviceExternalIPs, spec.serviceLoadBalancerIPs].flatMap((list) =>
              (list ?? []).flatMap(({ cidr }) => cidr ?? []),
            )
          : undefined,
      ),
    ];
  }

  /** The same object until something changes. */
  snapshot(): Snapshot {
    this.current ??= {
      policies: this.policies.sorted(),
      profiles: new Map(this.profiles.sorted().map((profile) => [profile.name, profile])),
      tiers: new Map(this.tiers.sorted().map((tier) => [tier.name, tier])),
      workloads: this.workloads.sorted(),
      hostEndpoints: this.hostEndpoints.sorted(),
      networkSets: this.networkSets.sorted(),
      services: this.services(),
      nodes: this.nodes.sorted(),
      pools: this.pools.sorted(),
      blocks: this.blocks.sorted(),
      serviceCidrs: this.cidrs.sorted().flat(),
    };
    return this.current;
  }

  private services(): ReadonlyMap<string, readonly ServiceEndpoint[]> {
    const services = new Map<string, ServiceEndpoint[]>();
    for (const { service, endpoints } of this.slices.sorted()) {
      const known = services.get(service);
      if (known === undefined) services.set(service, [...endpoints]);
      else known.push(...endpoints);
    }
    return services;
  }
}
