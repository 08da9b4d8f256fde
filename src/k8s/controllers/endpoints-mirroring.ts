import { equalsSelector } from "../../formats/selector.ts";
import {
  ApiClient,
  type ApiStore,
  type Draft,
  type Endpoint,
  type Endpoints,
  type Service,
} from "../api/index.ts";
import { NAME_ALPHABET } from "../api/names.ts";
import type { Controller } from "./context.ts";
import { controllerReference } from "./owned-pods.ts";
import { objectKey, type Reconciled, splitKey, WorkQueue } from "./work-queue.ts";

const SERVICE_LABEL = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const MANAGER = "endpointslicemirroring-controller.k8s.io";
const SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
/** Models: the label by which the endpoints controller knows its own. */
const OWN_LABEL = "endpoints.kubernetes.io/managed-by";

/**
 * Makes EndpointSlices of hand-made Endpoints: kube-proxy and DNS read slices only. Models:
 * pkg/controller/endpointslicemirroring. Not modelled: more than one slice a subset, leader election annotations.
 */
class MirroringController {
  private readonly client: ApiClient;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "endpointslicemirroring-controller");
    this.work = new WorkQueue(store, (key) => this.reconcile(key));
    this.client.watch("Endpoints", ({ object }) => this.work.add(objectKey(object)));
    this.client.watch("Service", ({ object }) => this.work.add(objectKey(object)));
  }

  private reconcile(key: string): Reconciled {
    const [namespace, name] = splitKey(key);
    const endpoints = this.client.get("Endpoints", namespace, name);
    const service = this.client.get("Service", namespace, name);
    const present = this.client.list("EndpointSlice", {
      namespace,
      labels: equalsSelector({ [SERVICE_LABEL]: name, [MANAGED_BY]: MANAGER }),
    });
    const wanted =
      endpoints !== undefined && service !== undefined && mirrors(endpoints, service)
        ? (endpoints.subsets ?? [])
        : [];
    for (const [i, subset] of wanted.entries()) {
      const body = sliceOf(subset);
      const slice = present[i];
      if (slice === undefined && endpoints !== undefined)
        this.client.create("EndpointSlice", this.newSlice(endpoints, body));
      else if (slice !== undefined)
        this.client.modify("EndpointSlice", namespace, slice.metadata.name, (now) => ({ ...now, ...body }));
    }
    for (const slice of present.slice(wanted.length))
      this.client.delete("EndpointSlice", namespace, slice.metadata.name);
    return "done";
  }

  private newSlice(endpoints: Endpoints, body: Body): Draft<"EndpointSlice"> {
    const { namespace = "", name, labels } = endpoints.metadata;
    return {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${this.client.store.random.text(5, NAME_ALPHABET)}`,
        generateName: `${name}-`,
        namespace,
        labels: { ...labels, [SERVICE_LABEL]: name, [MANAGED_BY]: MANAGER },
        ownerReferences: [controllerReference(endpoints)],
      },
      addressType: "IPv4",
      ...body,
    };
  }
}

type Body = Pick<Draft<"EndpointSlice">, "endpoints" | "ports">;
type Subset = NonNullable<Endpoints["subsets"]>[number];

function mirrors({ metadata }: Endpoints, { spec }: Service): boolean {
  const { labels = {} } = metadata;
  return (
    labels[SKIP_MIRROR] !== "true" &&
    labels[OWN_LABEL] === undefined &&
    Object.keys(spec.selector ?? {}).length === 0
  );
}

function sliceOf({ addresses = [], notReadyAddresses = [], ports = [] }: Subset): Body {
  const endpoint = (address: (typeof addresses)[number], ready: boolean): Endpoint => ({
    addresses: [address.ip],
    conditions: { ready },
    ...(address.hostname === undefined ? {} : { hostname: address.hostname }),
    ...(address.nodeName === undefined ? {} : { nodeName: address.nodeName }),
    ...(address.targetRef === undefined ? {} : { targetRef: address.targetRef }),
  });
  return {
    endpoints: [
      ...addresses.map((address) => endpoint(address, true)),
      ...notReadyAddresses.map((address) => endpoint(address, false)),
    ],
    ports: ports.map(({ name = "", port, protocol = "TCP" }) => ({ name, port, protocol })),
  };
}

export const endpointsMirroringController: Controller = {
  name: "endpointslice-mirroring-controller",
  start({ store }) {
    new MirroringController(store);
  },
};
