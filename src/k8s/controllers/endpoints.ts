import { equalsSelector, matches } from "../../formats/selector.ts";
import { compareText } from "../../formats/json.ts";
import { NAME_ALPHABET } from "../api/names.ts";
import {
  ApiClient,
  type ApiStore,
  type Draft,
  type Endpoint,
  type Endpoints,
  type Node,
  type Pod,
  type Service,
} from "../api/index.ts";
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
  readonly node: Node | undefined;
  readonly ip: string;
  readonly ready: boolean;
  /** In an EndpointSlice, and in Endpoints. */
  readonly endpoint: Endpoint;
  readonly address: EndpointAddress;
}

type EndpointAddress = NonNullable<NonNullable<Endpoints["subsets"]>[number]["addresses"]>[number];

/** What a Service's backends were when they were last looked at, by the pods' uids. */
interface Known {
  readonly service: Service;
  readonly backends: ReadonlyMap<string, Backend>;
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
  /** Of thousands of backends one changes at a time: the others are not worked out again. */
  private readonly known = new Map<string, Known>();

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "endpointslice-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
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
      this.known.delete(key);
      this.client.delete("Endpoints", namespace, name);
      return "done";
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === "ExternalName")
      return "done";
    const backends = this.backends(key, service);
    this.writeEndpoints(service, backends);
    this.writeSlices(service, backends);
    return "done";
  }

  private backends(key: string, service: Service): readonly Backend[] {
    const { namespace = "" } = service.metadata;
    const before = this.known.get(key);
    const labels = equalsSelector(service.spec.selector ?? {});
    const out = new Map<string, Backend>();
    for (const pod of this.client.list("Pod", { namespace, labels })) {
      const ip = pod.status?.podIP ?? "";
      if (hasEnded(pod) || ip === "") continue;
      const { uid } = pod.metadata;
      const node = this.client.get("Node", "", pod.spec.nodeName ?? "");
      const known = before?.service === service ? before.backends.get(uid) : undefined;
      const same = known?.pod === pod && known.node === node;
      out.set(uid, same ? known : this.backend(service, pod, node, ip));
    }
    this.known.set(key, { service, backends: out });
    return [...out.values()];
  }

  private backend(service: Service, pod: Pod, node: Node | undefined, ip: string): Backend {
    const ready = this.ready(service, pod);
    const address = { ip, ...hostnameOf(service, pod), ...nodeName(pod), targetRef: targetRef(pod) };
    return { pod, node, ip, ready, address, endpoint: endpointOf(service, pod, node, ip, ready) };
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
        .map(({ address }) => address)
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
    const endpoints = backends.map(({ endpoint }) => endpoint);
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

function endpointOf(
  service: Service,
  pod: Pod,
  node: Node | undefined,
  ip: string,
  ready: boolean,
): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
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
