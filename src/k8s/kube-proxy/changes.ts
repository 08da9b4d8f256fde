import { Signal } from "../../sim/task.ts";
import { type Ipv4Prefix, parsePrefix } from "../../wire/address.ts";
import type { ApiClient, EndpointSlice, Service } from "../api/index.ts";
import { type Endpoint, endpointsByPort, MadeEndpoints, sliceService } from "./endpoint.ts";
import type { Backed } from "./proxier.ts";
import { type ProxyFamily, type ServicePort, servicePorts } from "./service-port.ts";

const NONE: readonly Endpoint[] = [];

/** What the watches have told so far: services with their endpoints. Models: ServiceChangeTracker, EndpointsChangeTracker. */
export class Changes {
  readonly arrived = new Signal();
  private readonly family: ProxyFamily;
  private readonly node: string;
  private readonly services = new Map<string, readonly ServicePort[]>();
  private readonly slices = new Map<string, Map<string, EndpointSlice>>();
  private readonly endpoints = new Map<string, ReadonlyMap<string, readonly Endpoint[]>>();
  /** Services whose slices changed since their endpoints were worked out. */
  private readonly stale = new Set<string>();
  private readonly made = new MadeEndpoints();
  private readonly cidrs = new Map<string, readonly string[]>();
  private readonly stops: (() => void)[] = [];
  /** Service ports whose endpoints lost somebody, for conntrack's sake. */
  private changed = false;

  constructor(family: ProxyFamily, node: string) {
    this.family = family;
    this.node = node;
  }

  watch(client: ApiClient): void {
    this.stops.push(
      client.watch("Service", ({ type, object }) => this.service(type === "DELETED", object)),
      client.watch("EndpointSlice", ({ type, object }) => this.slice(type === "DELETED", object)),
      client.watch("ServiceCIDR", ({ type, object }) => {
        if (type === "DELETED") this.cidrs.delete(object.metadata.name);
        else this.cidrs.set(object.metadata.name, object.spec?.cidrs ?? []);
        this.tell();
      }),
    );
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private service(gone: boolean, service: Service): void {
    const key = `${service.metadata.namespace ?? "default"}/${service.metadata.name}`;
    if (gone) this.services.delete(key);
    else this.services.set(key, this.unchanged(key, servicePorts(this.family, service)));
    this.tell();
  }

  /** The old objects where nothing changed, so that their rules are known to be the same. */
  private unchanged(key: string, ports: readonly ServicePort[]): readonly ServicePort[] {
    const before = this.services.get(key) ?? [];
    return ports.map((port) => before.find((old) => JSON.stringify(old) === JSON.stringify(port)) ?? port);
  }

  private slice(gone: boolean, slice: EndpointSlice): void {
    const key = sliceService(slice);
    const known = this.slices.get(key) ?? new Map<string, EndpointSlice>();
    this.slices.set(key, known);
    if (gone) known.delete(slice.metadata.name);
    else known.set(slice.metadata.name, slice);
    this.stale.add(key);
    this.tell();
  }

  /** Once a sync, not with every slice of a large Service. Models: EndpointsChangeTracker.checkoutChanges. */
  private refresh(): void {
    for (const key of this.stale) {
      const slices = [...(this.slices.get(key)?.values() ?? [])];
      const before = this.endpoints.get(key);
      const after = endpointsByPort(this.family, slices, this.node, this.made);
      const kept = new Map([...after].map(([port, list]) => [port, same(before?.get(port), list)]));
      this.endpoints.set(key, kept);
    }
    this.stale.clear();
  }

  private tell(): void {
    this.changed = true;
    this.arrived.fire();
  }

  /** Whether something came since the last time this was asked. */
  take(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  /** Every service port with its endpoints, by name. */
  backed(): readonly Backed[] {
    this.refresh();
    const names = [...this.services.keys()].sort();
    return names.flatMap((name) => {
      const endpoints = this.endpoints.get(name);
      return (this.services.get(name) ?? []).map((port) => ({
        port,
        endpoints: endpoints?.get(port.port) ?? NONE,
      }));
    });
  }

  /** Where ClusterIPs are taken from. */
  get serviceCidrs(): readonly Ipv4Prefix[] {
    const texts = [...new Set([...this.cidrs.values()].flat())].sort();
    return texts.flatMap((text) => parsePrefix(text) ?? []);
  }

  get endpointCount(): number {
    this.refresh();
    let count = 0;
    for (const ports of this.endpoints.values()) for (const list of ports.values()) count += list.length;
    return count;
  }
}

function same(before: readonly Endpoint[] | undefined, after: readonly Endpoint[]): readonly Endpoint[] {
  if (before?.length !== after.length) return after;
  const differ = after.filter((endpoint, i) => endpoint !== before[i]);
  if (differ.length === 0) return before;
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}
