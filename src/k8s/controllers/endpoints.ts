import { equalsSelector, matches } from "../../formats/selector.ts";
import { compareText } from "../../formats/json.ts";
import { NAME_ALPHABET } from "../api/names.ts";
import { ApiClient, type ApiStore, type Draft, type Endpoint, type Pod, type Service } from "../api/index.ts";
import { hasEnded, isReady } from "../api/pods.ts";
import type { Controller } from "./context.ts";
import { controllerReference } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const SERVICE_LABEL = "kubernetes.io/service-name";
const HEADLESS_LABEL = "service.kubernetes.io/headless";
const ZONE_LABEL = "topology.kubernetes.io/zone";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
/** Models: --max-endpoints-per-slice. */
const SLICE_SIZE = 100;

interface Backend {
  readonly pod: Pod;
  readonly ip: string;
  readonly ready: boolean;
}

interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** Keeps Endpoints and EndpointSlices of Services with a selector. Models: pkg/controller/{endpoint,endpointslice}. */
class EndpointsController {
  private readonly client: ApiClient;
  private readonly work: WorkQueue;
  /** Services by namespace and one label pair of their selector: a pod's change finds its Services without a search. */
  private readonly index = new Map<string, Map<string, Service>>();

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "endpointslice-controller");
    this.work = new WorkQueue(store.queue, (key) => this.reconcile(key));
    this.client.watch("Service", ({ type, object, before }) => {
      if (before !== undefined) this.unindex(before);
      if (type === "DELETED") this.unindex(object);
      else this.reindex(object);
      this.work.add(objectKey(object));
    });
    this.client.watch("Pod", ({ object, before }) => {
      this.podChanged(object);
      if (before !== undefined && before.metadata.labels !== object.metadata.labels) this.podChanged(before);
    });
  }

  private indexKey(service: Service): string | undefined {
    const first = Object.entries(service.spec.selector ?? {})[0];
    return first === undefined ? undefined : `${service.metadata.namespace ?? ""}/${first[0]}=${first[1]}`;
  }

  private reindex(service: Service): void {
    const key = this.indexKey(service);
    if (key === undefined) return;
    const services = this.index.get(key) ?? new Map<string, Service>();
    services.set(objectKey(service), service);
    this.index.set(key, services);
  }

  private unindex(service: Service): void {
    this.index.get(this.indexKey(service) ?? "")?.delete(objectKey(service));
  }

  private podChanged(pod: Pod): void {
    for (const [label, value] of Object.entries(pod.metadata.labels ?? {})) {
      const services = this.index.get(`${pod.metadata.namespace ?? ""}/${label}=${value}`);
      for (const [key, service] of services ?? []) {
        if (matches(equalsSelector(service.spec.selector ?? {}), pod.metadata.labels)) this.work.add(key);
      }
    }
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const service = this.client.get("Service", namespace, name);
    if (service === undefined) {
      this.client.delete("Endpoints", namespace, name);
      return "done";
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === "ExternalName")
      return "done";
    const labels = equalsSelector(service.spec.selector ?? {});
    const backends = this.client
      .list("Pod", { namespace, labels })
      .filter((pod) => !hasEnded(pod) && (pod.status?.podIP ?? "") !== "")
      .map((pod): Backend => ({ pod, ip: pod.status?.podIP ?? "", ready: this.ready(service, pod) }));
    this.writeEndpoints(service, backends);
    this.writeSlices(service, backends);
    return "done";
  }

  private ready(service: Service, pod: Pod): boolean {
    if (service.spec.publishNotReadyAddresses === true) return true;
    return isReady(pod) && pod.metadata.deletionTimestamp === undefined;
  }

  private ports(service: Service, pod: Pod | undefined): readonly Port[] {
    return (service.spec.ports ?? []).flatMap(({ name = "", port, targetPort = port, protocol = "TCP" }) => {
      const number = typeof targetPort === "number" ? targetPort : namedPort(pod, targetPort, protocol);
      return number === undefined ? [] : [{ name, port: number, protocol }];
    });
  }

  private writeEndpoints(service: Service, backends: readonly Backend[]): void {
    const addresses = (ready: boolean) =>
      backends
        .filter(
          (backend) =>
            backend.ready === ready && (ready || backend.pod.metadata.deletionTimestamp === undefined),
        )
        .map(({ pod, ip }) => ({
          ip,
          ...hostnameOf(service, pod),
          ...nodeName(pod),
          targetRef: targetRef(pod),
        }))
        .toSorted((a, b) => compareText(a.ip, b.ip));
    const [up, down] = [addresses(true), addresses(false)];
    const ports = this.ports(service, backends[0]?.pod).map(({ name, ...port }) =>
      name === "" ? port : { name, ...port },
    );
    const subsets =
      up.length + down.length === 0
        ? []
        : [
            {
              ...(up.length > 0 ? { addresses: up } : {}),
              ...(down.length > 0 ? { notReadyAddresses: down } : {}),
              ports,
            },
          ];
    const { namespace = "", name, labels } = service.metadata;
    const metadata = {
      name,
      namespace,
      labels: { ...labels, "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
    };
    const current = this.client.get("Endpoints", namespace, name);
    const body = subsets.length === 0 ? {} : { subsets };
    if (current === undefined)
      this.client.create("Endpoints", { apiVersion: "v1", kind: "Endpoints", metadata, ...body });
    else {
      this.client.modify("Endpoints", namespace, name, ({ subsets: _, ...now }) => ({
        ...now,
        metadata: { ...now.metadata, labels: metadata.labels },
        ...body,
      }));
    }
  }

  private writeSlices(service: Service, backends: readonly Backend[]): void {
    const { namespace = "" } = service.metadata;
    const ports = this.ports(service, backends[0]?.pod);
    const present = this.client
      .owned("EndpointSlice", service)
      .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
    const endpoints = backends.map((backend) => this.endpointOf(service, backend));
    const count = Math.max(1, Math.ceil(endpoints.length / SLICE_SIZE));
    for (let i = 0; i < count; i++) {
      const body = { endpoints: endpoints.slice(i * SLICE_SIZE, (i + 1) * SLICE_SIZE), ports };
      const slice = present[i];
      if (slice === undefined) this.client.create("EndpointSlice", this.newSlice(service, body));
      else
        this.client.modify("EndpointSlice", namespace, slice.metadata.name, (now) => ({ ...now, ...body }));
    }
    for (const slice of present.slice(count))
      this.client.delete("EndpointSlice", namespace, slice.metadata.name);
  }

  private endpointOf(service: Service, { pod, ip, ready }: Backend): Endpoint {
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const node = this.client.get("Node", "", pod.spec.nodeName ?? "");
    const zone = node?.metadata.labels?.[ZONE_LABEL];
    return {
      addresses: [ip],
      conditions: { ready, serving: isReady(pod), terminating },
      ...hostnameOf(service, pod),
      ...nodeName(pod),
      ...(zone === undefined ? {} : { zone }),
      targetRef: targetRef(pod),
      ...(ready && hints(service.spec.trafficDistribution, zone, pod.spec.nodeName)),
    };
  }

  private newSlice(
    service: Service,
    body: Pick<Draft<"EndpointSlice">, "endpoints" | "ports">,
  ): Draft<"EndpointSlice"> {
    const { namespace = "", name, labels } = service.metadata;
    return {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${this.client.store.random.text(5, NAME_ALPHABET)}`,
        generateName: `${name}-`,
        namespace,
        labels: {
          ...labels,
          [SERVICE_LABEL]: name,
          [MANAGED_BY]: "endpointslice-controller.k8s.io",
          ...(service.spec.clusterIP === "None" && { [HEADLESS_LABEL]: "" }),
        },
        ownerReferences: [controllerReference(service)],
      },
      addressType: "IPv4",
      ...body,
    };
  }
}

/** The name that DNS gives the endpoint: only pods whose subdomain is the Service have one. */
function hostnameOf(service: Service, { spec }: Pod): { readonly hostname?: string } {
  const { hostname = "", subdomain } = spec;
  return hostname !== "" && subdomain === service.metadata.name ? { hostname } : {};
}

function namedPort(pod: Pod | undefined, name: string, protocol: string): number | undefined {
  return pod?.spec.containers
    .flatMap((container) => container.ports ?? [])
    .find((port) => port.name === name && (port.protocol ?? "TCP") === protocol)?.containerPort;
}

/** Where trafficDistribution wants an endpoint used from. Models: endpointslice/trafficdist. */
function hints(
  distribution: string | undefined,
  zone: string | undefined,
  node: string | undefined,
): Pick<Endpoint, "hints"> {
  const sameNode = distribution === "PreferSameNode";
  if (!sameNode && distribution !== "PreferClose" && distribution !== "PreferSameZone") return {};
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
  const forNodes = sameNode && node !== undefined ? { forNodes: [{ name: node }] } : {};
  return zone === undefined && !("forNodes" in forNodes) ? {} : { hints: { ...forZones, ...forNodes } };
}

function nodeName(pod: Pod): { readonly nodeName?: string } {
  return pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName };
}

function targetRef(pod: Pod) {
  return {
    kind: "Pod",
    namespace: pod.metadata.namespace ?? "",
    name: pod.metadata.name,
    uid: pod.metadata.uid,
  };
}

export const endpointsController: Controller = {
  name: "endpointslice-controller",
  start({ store }) {
    new EndpointsController(store);
  },
};
